/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buffers and number arrays (doc/format.md 5.1, 5.2). An array is decoded by recursive descent
 * straight into the caller's memory, with 32-bit numbers where the column has them and 64-bit ones
 * else; see decode_ops.h.
 */
#include <stdlib.h>

#include "decode.h"

void *dec_tmp(cfi_decoder_t *dec, size_t bytes)
{
    slot_t *s;

    if (dec->top == dec->nslots) {
        uint32_t n = dec->nslots + 16;
        slot_t *more = realloc(dec->slots, n * sizeof *more);

        if (more == NULL) {
            dec_nomem(dec);
            return NULL;
        }
        memset(more + dec->nslots, 0, 16 * sizeof *more);
        dec->slots = more;
        dec->nslots = n;
    }
    s = &dec->slots[dec->top];
    if (s->size < bytes + CODEC_PAD) {
        size_t size = bytes + CODEC_PAD < 4096 ? 4096 : bytes + CODEC_PAD;

        free(s->p);
        s->p = cf_alloc_aligned(size, 1);
        s->size = s->p != NULL ? size : 0;
        if (s->p == NULL) {
            dec_nomem(dec);
            return NULL;
        }
        memset(s->p, 0, size);
    }
    dec->top++;
    return s->p;
}

/* Length words of a buffer: raw in all, stored in the chunk. */
static int buffer_head(cfi_decoder_t *dec, cursor_t *c, uint8_t *comp, uint64_t *raw,
                       uint64_t *stored)
{
    if (!get_u8(c, comp) || !get_varint(c, raw))
        return dec_bad(dec, "a buffer ends early");
    if (*comp > COMP_ZLIB)
        return dec_bad(dec, "a buffer has a compression that this version does not know");
    *stored = *raw;
    if (*comp != COMP_NONE && !get_varint(c, stored))
        return dec_bad(dec, "a buffer ends early");
    if (*raw > CODEC_RAW_MAX || *stored > (uint64_t)(c->end - c->p))
        return dec_bad(dec, "a buffer is longer than its chunk");
    return CF_OK;
}

int dec_skip_buffer(cfi_decoder_t *dec, cursor_t *c, size_t *raw)
{
    uint64_t r, stored;
    uint8_t comp;
    int rc = buffer_head(dec, c, &comp, &r, &stored);

    if (rc != CF_OK)
        return rc;
    c->p += stored;
    *raw = (size_t)r;
    return CF_OK;
}

int dec_buffer(cfi_decoder_t *dec, cursor_t *c, size_t raw, const uint8_t **bytes)
{
    uint64_t r, stored;
    uint8_t comp, *out;
    int rc = buffer_head(dec, c, &comp, &r, &stored);

    if (rc != CF_OK)
        return rc;
    if (r != raw)
        return dec_bad(dec, "a buffer has not the length that its place demands");
    *bytes = c->p;
    if (comp != COMP_NONE) {
        out = dec_tmp(dec, raw);
        if (out == NULL)
            return CF_E_NOMEM;
        rc = cfi_comp_expand(&dec->comp, comp, c->p, (size_t)stored, out, raw);
        if (rc == CF_E_NOMEM)
            return dec_nomem(dec);
        if (rc != CF_OK)
            return dec_bad(dec, "a compressed buffer does not expand to what it should");
        *bytes = out;
    }
    c->p += stored;
    return CF_OK;
}

int dec_bitmap(cfi_decoder_t *dec, cursor_t *c, uint32_t m, uint64_t *words)
{
    size_t n = bits_bytes(m), full = n / 8;
    uint32_t mark = dec->top;
    const uint8_t *p;
    int rc = dec_buffer(dec, c, n, &p);

    if (rc != CF_OK)
        return rc;
    for (size_t i = 0; i < full; i++)
        words[i] = load_le64(p + i * 8);
    if (n % 8 != 0) {
        uint8_t last[8] = { 0 };

        memcpy(last, p + full * 8, n % 8);
        words[full] = load_le64(last);
    }
    dec->top = mark;
    if (m % 64 != 0 && words[m / 64] >> (m % 64) != 0)
        return dec_bad(dec, "a bit map has bits behind its end");
    return CF_OK;
}

int dec_count(cfi_decoder_t *dec, cursor_t *c, uint32_t *count)
{
    uint64_t v;

    if (!get_varint(c, &v))
        return dec_bad(dec, "an array ends early");
    if (v > CODEC_COUNT_MAX)
        return dec_bad(dec, "a count is above 65536");
    *count = (uint32_t)v;
    return CF_OK;
}

/* Reference of an op that stands for rows. */
static int take_ref(cfi_decoder_t *dec, cursor_t *c, uint32_t m, uint64_t *ref)
{
    if (!get_varint(c, ref))
        return dec_bad(dec, "an array ends early");
    if (m != dec->rows)
        return dec_bad(dec, "a reference stands where there are no rows");
    return CF_OK;
}

/* Bits of REPEAT and SWAP: their own, or another column's. */
static int take_bits(cfi_decoder_t *dec, cursor_t *c, uint32_t m, int op, const uint64_t **bits)
{
    uint64_t src, *own;

    if (!get_varint(c, &src))
        return dec_bad(dec, "an array ends early");
    if (src > 0) {
        if (m != dec->rows)
            return dec_bad(dec, "a reference stands where there are no rows");
        return dec_ref_bits(dec, src - 1, op, bits);
    }
    own = dec_tmp(dec, bits_bytes(m) + 8);
    if (own == NULL)
        return CF_E_NOMEM;
    *bits = own;
    return dec_bitmap(dec, c, m, own);
}

/*
 * Arrays that may well hold numbers of 32 bits although the column has 64: those are decoded
 * faster.
 */
static bool narrow_pays(uint8_t op)
{
    return op == OP_DELTA || op == OP_DICT || op == OP_RLE || op == OP_PATCH || op == OP_ESCAPE
           || op == OP_REPEAT || op == OP_SPLIT || op == OP_MAP;
}

#define T uint32_t
#define FN(name) name##_32
#define NARROW 1
#include "decode_ops.h"
#undef T
#undef FN
#undef NARROW

#define T uint64_t
#define FN(name) name##_64
#define NARROW 0
#include "decode_ops.h"
#undef T
#undef FN
#undef NARROW

int dec_array64(cfi_decoder_t *dec, cursor_t *c, uint32_t m, uint64_t *out, unsigned depth)
{
    return array_64(dec, c, m, out, depth);
}

int dec_array32(cfi_decoder_t *dec, cursor_t *c, uint32_t m, uint32_t *out, unsigned depth)
{
    uint32_t mark = dec->top;
    cursor_t again = *c;
    uint64_t *wide, seen = 0;
    int rc = array_32(dec, c, m, out, depth);

    if (rc != DECODE_WIDE)
        return rc;
    *c = again;
    wide = dec_tmp(dec, m * sizeof *wide);
    if (wide == NULL)
        return CF_E_NOMEM;
    rc = array_64(dec, c, m, wide, depth);
    if (rc != CF_OK)
        return rc;
    for (uint32_t i = 0; i < m; i++) {
        seen |= wide[i];
        out[i] = (uint32_t)wide[i];
    }
    dec->top = mark;
    return seen > UINT32_MAX ? dec_bad(dec, "a number is larger than the column can hold") : CF_OK;
}

/* Decode into a kept array: 64-bit when asked for or needed. */
static int keep_array(cfi_decoder_t *dec, cursor_t *c, numbers_t *v, bool wide, unsigned depth)
{
    cursor_t again = *c;
    int rc = DECODE_WIDE;

    if (!wide) {
        rc = dec_keep(dec, &v->p, &v->size, (size_t)dec->rows * sizeof(uint32_t));
        if (rc == CF_OK)
            rc = array_32(dec, c, dec->rows, v->p, depth);
        v->wide = false;
    }
    if (rc == DECODE_WIDE) {
        *c = again;
        rc = dec_keep(dec, &v->p, &v->size, (size_t)dec->rows * sizeof(uint64_t));
        if (rc == CF_OK)
            rc = array_64(dec, c, dec->rows, v->p, depth);
        v->wide = true;
    }
    v->have = rc == CF_OK;
    return rc;
}

int dec_keep_values(cfi_decoder_t *dec, cursor_t *c, numbers_t *v, bool wide)
{
    return keep_array(dec, c, v, wide, 0);
}

int dec_swap_ends(cfi_decoder_t *dec, uint32_t number, cursor_t *c, bool wide)
{
    column_t *col = &dec->cols[number];
    const uint64_t *bits;
    uint32_t mark = dec->top;
    uint8_t op;
    size_t size = 0;
    int rc;

    if (!get_u8(c, &op) || op != OP_SWAP)
        return dec_bad(dec, "the column referred to is not a SWAP");
    rc = take_bits(dec, c, dec->rows, OP_SWAP, &bits);
    if (rc == CF_OK && col->bits == NULL)
        rc = dec_keep(dec, (void **)&col->bits, &size, CF_BATCH_WORDS * sizeof *col->bits);
    if (rc != CF_OK)
        return rc;
    memcpy(col->bits, bits, (dec->rows + 63) / 64 * sizeof *bits);
    dec->top = mark;
    rc = keep_array(dec, c, &col->a, wide, 1);
    if (rc == CF_OK)
        rc = keep_array(dec, c, &col->b, wide, 1);
    return rc;
}

int dec_side32(cfi_decoder_t *dec, const column_t *col, uint32_t *out)
{
    return side_32(dec, col, &col->a, &col->b, dec->rows, out);
}

int dec_side64(cfi_decoder_t *dec, const column_t *col, uint64_t *out)
{
    return side_64(dec, col, &col->a, &col->b, dec->rows, out);
}
