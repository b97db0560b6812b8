/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The columns that the engines look at. They are found once a schema; texts are hashed once an
 * entry of their dictionary; keys are made column by column for a chunk of rows.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "join/join.h"

static const char *const names[CFI_COLS] = {
    [CFI_STIME] = "stime", [CFI_ETIME] = "etime", [CFI_SIP] = "sip", [CFI_DIP] = "dip",
    [CFI_SPORT] = "sport", [CFI_DPORT] = "dport", [CFI_PROTO] = "proto", [CFI_ACTION] = "action",
    [CFI_STATE] = "state", [CFI_DIRECTION] = "direction", [CFI_REPORTER] = "reporter",
    [CFI_IFACE] = "iface", [CFI_ATTACHMENT] = "tgw_attachment", [CFI_SENSOR] = "sensor",
    [CFI_PROVIDER] = "provider", [CFI_RULE] = "rule", [CFI_UID] = "uid",
    [CFI_LOGSTATUS] = "logstatus", [CFI_DUP] = "dup", [CFI_SHAPE] = "shape",
    [CFI_COUNTS] = "counts", [CFI_PACKETS] = "packets", [CFI_BYTES] = "bytes",
    [CFI_RPACKETS] = "rpackets", [CFI_RBYTES] = "rbytes", [CFI_FLAGS] = "flags",
    [CFI_SFLAGS] = "sflags", [CFI_RFLAGS] = "rflags", [CFI_PARTS] = "parts",
};

static const cfi_col_t text_cols[] = { CFI_IFACE, CFI_ATTACHMENT, CFI_SENSOR, CFI_RULE, CFI_UID };

uint64_t cfi_join_seed(void)
{
    static atomic_uint_fast64_t seed;
    uint64_t s = atomic_load(&seed), none = 0;
    struct timespec now;

    if (s != 0)
        return s;
    clock_gettime(CLOCK_REALTIME, &now);
    s = cfi_mix((uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)&now, (uint64_t)now.tv_sec | 1) | 1;
    /* one seed for all engines of the process */
    if (!atomic_compare_exchange_strong(&seed, &none, s))
        s = none;
    return s;
}

void cfi_cols_init(cfi_cols_t *c)
{
    memset(c, 0, sizeof *c);
    for (unsigned i = 0; i < CFI_COLS; i++)
        c->field[i] = cf_field_find(names[i]);
}

void cfi_cols_fini(cfi_cols_t *c)
{
    cf_schema_put(c->schema);
    for (unsigned i = 0; i < CFI_COLS; i++)
        free(c->texts[i].hash);
}

static int hash_texts(cfi_texts_t *t, const cf_vec_t *v)
{
    t->v = v;
    if (v == NULL)
        return CF_OK;
    if (t->size < v->dict.count || t->hash == NULL) {
        uint32_t size = v->dict.count + v->dict.count / 2 + 16;

        free(t->hash);
        t->hash = malloc(size * sizeof *t->hash);
        t->size = t->hash != NULL ? size : 0;
        if (t->hash == NULL)
            return CF_E_NOMEM;
    }
    for (uint32_t code = 0; code < v->dict.count; code++) {
        uint32_t len;
        const char *s = cf_dict_text(&v->dict, code, &len);

        t->hash[code] = XXH3_64bits(s, len) | 1;       /* 0 is for null */
    }
    return CF_OK;
}

int cfi_cols_batch(cfi_cols_t *c, const cf_batch_t *b)
{
    int rc = CF_OK;

    if (c->schema == NULL || (c->schema != b->schema && !cf_schema_equal(c->schema, b->schema))) {
        cf_schema_put(c->schema);
        c->schema = cf_schema_get(b->schema);
        for (unsigned i = 0; i < CFI_COLS; i++)
            c->index[i] = cf_schema_index(b->schema, c->field[i]);
    }
    for (unsigned i = 0; i < CFI_COLS; i++) {
        const cf_vec_t *v = c->index[i] >= 0 ? &b->cols[c->index[i]] : NULL;

        c->v[i] = v != NULL && !v->absent && v->nulls < b->rows ? v : NULL;
    }
    for (unsigned i = 0; i < sizeof text_cols / sizeof text_cols[0] && rc == CF_OK; i++)
        rc = hash_texts(&c->texts[text_cols[i]], c->v[text_cols[i]]);
    return rc;
}

uint64_t cfi_batch_bytes(const cf_batch_t *b)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < b->ncols; i++) {
        const cf_vec_t *v = &b->cols[i];

        bytes += (uint64_t)b->rows * v->width + (v->nulls > 0 ? b->rows / 8 : 0);
        if (v->kind == CF_KIND_STRING && v->dict.count > 0)
            bytes += v->dict.offset[v->dict.count] + 12u * (uint64_t)v->dict.count;
    }
    return bytes;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void put_addr(const cf_vec_t *v, uint32_t from, uint32_t n, unsigned at, cfi_keys_t *k)
{
    if (v == NULL) {
        for (uint32_t i = 0; i < n; i++)
            k->tuple[i].addr[at] = k->tuple[i].addr[at + 1] = 0;
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        cf_addr_t a = cf_vec_addr(v, from + i);

        k->tuple[i].addr[at] = a.hi;
        k->tuple[i].addr[at + 1] = a.lo;
    }
}

/* Values into the word; a null is its own code, or 0 for ports (null is the same as none there). */
static void put_bits(const cf_vec_t *v, uint32_t from, uint32_t n, unsigned shift, uint64_t most,
                     uint64_t null, cfi_keys_t *k)
{
    if (v == NULL) {
        for (uint32_t i = 0; i < n && null != 0; i++)
            k->tuple[i].word |= null << shift;
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        k->tuple[i].word |= (cf_vec_uint(v, from + i) & most) << shift;
    for (uint32_t i = 0; i < n && v->nulls > 0; i++)
        if (cf_vec_is_null(v, from + i))
            k->tuple[i].word |= null << shift;
}

static void put_time(const cf_vec_t *v, uint32_t from, uint32_t n, const int64_t *other,
                     int64_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = v != NULL && !cf_vec_is_null(v, from + i) ? cf_vec_time(v, from + i)
                 : other != NULL ? other[i] : INT64_MIN;
}

static void put_flags(const cfi_cols_t *c, uint32_t from, uint32_t n, cfi_keys_t *k)
{
    const cf_vec_t *sip = c->v[CFI_SIP], *dip = c->v[CFI_DIP];

    for (uint32_t i = 0; i < n; i++) {
        k->status[i] = cfi_uint(c, CFI_LOGSTATUS, from + i, CF_LOGSTATUS_OK) != CF_LOGSTATUS_OK;
        k->usable[i] = sip != NULL && dip != NULL && !cf_vec_is_null(sip, from + i) &&
            !cf_vec_is_null(dip, from + i) && k->stime[i] != INT64_MIN && !k->status[i];
    }
}

static void put_points(const cfi_cols_t *c, uint32_t from, uint32_t n, cfi_keys_t *k)
{
    static const cfi_col_t cols[] = { CFI_IFACE, CFI_ATTACHMENT, CFI_SENSOR };

    memset(k->point, 0, n * sizeof k->point[0]);
    for (unsigned j = 0; j < 3; j++)
        for (uint32_t i = 0; c->texts[cols[j]].v != NULL && i < n; i++)
            if (k->point[i] == 0)
                k->point[i] = cfi_text(c, cols[j], from + i);
}

void cfi_cols_keys(const cfi_cols_t *c, uint32_t from, uint32_t n, cfi_keys_t *k)
{
    put_addr(c->v[CFI_SIP], from, n, 0, k);
    put_addr(c->v[CFI_DIP], from, n, 2, k);
    for (uint32_t i = 0; i < n; i++)
        k->tuple[i].word = 0;
    put_bits(c->v[CFI_SPORT], from, n, 0, 0xffff, 0, k);
    put_bits(c->v[CFI_DPORT], from, n, CFI_WORD_DPORT, 0xffff, 0, k);
    put_bits(c->v[CFI_PROTO], from, n, CFI_WORD_PROTO, 0xff, 256, k);
    put_bits(c->v[CFI_ACTION], from, n, CFI_WORD_ACTION, 1, 3, k);
    put_bits(c->v[CFI_STATE], from, n, CFI_WORD_STATE, 7, 15, k);
    put_bits(c->v[CFI_DIRECTION], from, n, CFI_WORD_DIRECTION, 1, 3, k);
    put_bits(c->v[CFI_REPORTER], from, n, CFI_WORD_REPORTER, 3, 7, k);
    put_time(c->v[CFI_STIME], from, n, NULL, k->stime);
    put_time(c->v[CFI_ETIME], from, n, k->stime, k->etime);
    for (uint32_t i = 0; i < n; i++) {
        if (k->stime[i] == INT64_MIN)
            k->stime[i] = k->etime[i];
        if (k->etime[i] < k->stime[i])
            k->etime[i] = k->stime[i];
    }
    put_flags(c, from, n, k);
    put_points(c, from, n, k);
}
