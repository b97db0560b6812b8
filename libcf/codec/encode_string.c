/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String chunks (doc/format.md 5.4). All string columns are looked at first: only words that rows
 * use are stored, in order of first use, and a column that hangs on another one (the instance on
 * its interface) is stored as a table from that one's codes.
 */
#include "encode.h"

#define UNSET UINT32_MAX

/* Are the batch's codes in order of first use already? A reader's own dictionary is. */
static bool in_order(const uint32_t *codes, uint32_t n, uint32_t *k)
{
    uint32_t next = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (codes[i] > next)
            return false;
        next += codes[i] == next;
    }
    *k = next;
    return true;
}

/* Codes of the rows in order of first use; null rows get k. */
static void take_codes(cfi_encoder_t *e, const cf_vec_t *v, enc_string_t *s)
{
    uint32_t mark, *from = v->data, *map, k = 0;

    s->used = enc_tmp(e, e->rows * sizeof *s->used);
    if (s->used == NULL)
        return;
    if (v->nulls == 0 && in_order(from, e->rows, &k)) {
        for (uint32_t i = 0; i < k; i++)
            s->used[i] = i;
        s->codes = from;
        s->k = s->count = k;
        return;
    }
    k = 0;
    s->own = enc_tmp(e, e->rows * sizeof *s->own);
    s->codes = s->own;
    mark = e->top;
    map = enc_tmp(e, ((size_t)v->dict.count + 1) * sizeof *map);
    if (map == NULL || s->own == NULL)
        return;
    memset(map, 0xff, (size_t)v->dict.count * sizeof *map);
    for (uint32_t i = 0; i < e->rows; i++) {
        uint32_t code = from[i];

        if (v->nulls > 0 && cf_vec_is_null(v, i)) {
            s->own[i] = UNSET;
            continue;
        }
        if (map[code] == UNSET) {
            s->used[k] = code;
            map[code] = k++;
        }
        s->own[i] = map[code];
    }
    for (uint32_t i = 0; v->nulls > 0 && i < e->rows; i++)
        s->own[i] = s->own[i] == UNSET ? k : s->own[i];
    s->k = k;
    s->count = k + (v->nulls > 0);
    e->top = mark;
}

/* Rows where parent or child are not what they were in the row before: the others cannot tell
 * anything new. */
static uint64_t *changes(cfi_encoder_t *e, const enc_string_t *child, const enc_string_t *parent)
{
    uint32_t words = (e->rows + 63) / 64;
    uint64_t *bits = enc_tmp(e, words * sizeof *bits);

    if (bits == NULL)
        return NULL;
    cf_bits_fill(bits, e->rows);
    bits[0] &= ~UINT64_C(1);
    e->k->repeats32(parent->codes, e->rows, bits);
    e->k->repeats32(child->codes, e->rows, bits);
    for (uint32_t w = 0; w < words; w++)
        bits[w] = ~bits[w];
    if (e->rows % 64 != 0)
        bits[words - 1] &= (UINT64_C(1) << (e->rows % 64)) - 1;
    return bits;
}

/*
 * Does the child hang on the parent? table gets the child's code for each of the parent's; rows
 * that differ are counted, at most a few.
 */
static bool hangs_on(cfi_encoder_t *e, const enc_string_t *child, const enc_string_t *parent,
                     uint32_t *table, uint32_t *differ)
{
    uint32_t mark = e->top, most = e->rows / 256, n = 0;
    uint64_t *bits = changes(e, child, parent);

    memset(table, 0xff, parent->count * sizeof *table);
    for (uint32_t w = 0; bits != NULL && w * 64 < e->rows && n <= most; w++)
        for (uint64_t rest = bits[w]; rest != 0; rest &= rest - 1) {
            uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(rest);
            uint32_t *t = &table[parent->codes[i]];

            if (*t == UNSET)
                *t = child->codes[i];
            else
                n += *t != child->codes[i];
        }
    e->top = mark;
    *differ = 0;
    if (n > most || bits == NULL)
        return false;
    for (uint32_t i = 0; n > 0 && i < e->rows; i++)
        *differ += table[parent->codes[i]] != child->codes[i];
    return *differ <= e->rows / 64;
}

static void find_parent(cfi_encoder_t *e, uint32_t col, const uint32_t *parents, uint32_t nparents)
{
    enc_string_t *s = &e->strings[col];
    uint32_t tried = 0;

    for (uint32_t i = 0; i < nparents && tried < 2; i++) {
        const enc_string_t *p = &e->strings[parents[i]];
        uint32_t mark = e->top, *table;

        if (p->count < s->count || p->count > e->rows / 4)
            continue;
        tried++;
        table = enc_tmp(e, p->count * sizeof *table);
        if (table == NULL)
            return;
        if (hangs_on(e, s, p, table, &s->differ)) {
            s->parent = (int)parents[i];
            s->table = table;
            return;
        }
        e->top = mark;
    }
}

/*
 * Columns from many words to few; each looks for a parent among those with a code array of their
 * own.
 */
void enc_strings_begin(cfi_encoder_t *e)
{
    uint32_t ncols = e->b->ncols, n = 0, nparents = 0;
    uint32_t *order = enc_tmp(e, ncols * sizeof *order),
             *parents = enc_tmp(e, ncols * sizeof *parents);

    e->strings = enc_tmp(e, ncols * sizeof *e->strings);
    if (e->strings == NULL || order == NULL || parents == NULL)
        return;
    memset(e->strings, 0, ncols * sizeof *e->strings);
    for (uint32_t c = 0; c < ncols; c++) {
        const cf_vec_t *v = &e->b->cols[c];
        uint32_t at = n;

        e->strings[c].parent = -1;
        if (v->kind != CF_KIND_STRING || v->nulls == e->rows)
            continue;
        take_codes(e, v, &e->strings[c]);
        if (e->nomem)
            return;
        for (; at > 0 && e->strings[order[at - 1]].count < e->strings[c].count; at--)
            order[at] = order[at - 1];
        order[at] = c;
        n++;
    }
    for (uint32_t i = 0; i < n; i++) {
        enc_string_t *s = &e->strings[order[i]];

        if (s->count > 1)
            find_parent(e, order[i], parents, nparents);
        if (s->parent < 0 && s->count > 1)
            parents[nparents++] = order[i];
    }
}

static void put_words(cfi_encoder_t *e, const cf_dict_t *d, const uint32_t *used, uint32_t k)
{
    uint32_t mark = e->top, *lengths = enc_tmp(e, k * sizeof *lengths);
    size_t sum = 0;
    char *all;

    if (lengths == NULL)
        return;
    for (uint32_t i = 0; i < k; i++) {
        (void)cf_dict_text(d, used[i], &lengths[i]);
        sum += lengths[i];
    }
    all = enc_tmp(e, sum);
    if (all == NULL)
        return;
    sum = 0;
    for (uint32_t i = 0; i < k; i++) {
        uint32_t len;
        const char *text = cf_dict_text(d, used[i], &len);

        if (len > 0)
            memcpy(all + sum, text, len);
        sum += len;
    }
    enc_varint(e, k);
    enc_array32(e, lengths, k, HINT_NONE);
    enc_buffer(e, all, sum);
    e->top = mark;
}

/* Rows that the table does not tell. */
static void put_differing(cfi_encoder_t *e, const enc_string_t *s)
{
    const enc_string_t *p = &e->strings[s->parent];
    uint64_t *bits = enc_tmp(e, bits_bytes(e->rows) + 8);
    uint32_t *rest = enc_tmp(e, s->differ * sizeof *rest), n = 0;

    enc_varint(e, s->differ);
    if (s->differ == 0 || bits == NULL || rest == NULL)
        return;
    memset(bits, 0, bits_bytes(e->rows) + 8);
    for (uint32_t i = 0; i < e->rows; i++)
        if (s->table[p->codes[i]] != s->codes[i]) {
            bits[i >> 6] |= UINT64_C(1) << (i & 63);
            rest[n++] = s->codes[i];
        }
    enc_bitmap(e, bits, e->rows);
    enc_array32(e, rest, n, HINT_CODES);
}

void enc_strings(cfi_encoder_t *e, const cf_vec_t *v)
{
    enc_string_t *s = &e->strings[e->col];

    enc_u8(e, v->nulls > 0 ? NULLS_CODE : NULLS_NONE);
    if (s->parent < 0) {
        enc_u8(e, STRINGS_DICT);
        put_words(e, &v->dict, s->used, s->k);
        enc_rows32(e, s->codes, HINT_CODES);
        return;
    }
    enc_u8(e, STRINGS_REF);
    enc_varint(e, (uint64_t)s->parent);
    put_words(e, &v->dict, s->used, s->k);
    enc_varint(e, e->strings[s->parent].count);
    enc_array32(e, s->table, e->strings[s->parent].count, HINT_CODES);
    put_differing(e, s);
}
