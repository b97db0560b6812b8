/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See codec_data.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec_data.h"

static const char *const words[] = { "one", "two", "three", "four", NULL };

static const cf_field_t extra[] = {
    { .name = "t.u1", .kind = CF_KIND_UINT, .width = 1, .meaning = "test" },
    { .name = "t.u2", .kind = CF_KIND_UINT, .width = 2, .meaning = "test" },
    { .name = "t.u4", .kind = CF_KIND_UINT, .width = 4, .meaning = "test" },
    { .name = "t.u8", .kind = CF_KIND_UINT, .width = 8, .meaning = "test" },
    { .name = "t.time", .kind = CF_KIND_TIME, .width = 8, .meaning = "test" },
    { .name = "t.dur", .kind = CF_KIND_DURATION, .width = 8, .meaning = "test" },
    { .name = "t.addr", .kind = CF_KIND_ADDR, .width = 4, .meaning = "test" },
    { .name = "t.mixed", .kind = CF_KIND_ADDR, .width = 4, .meaning = "test" },
    { .name = "t.flags", .kind = CF_KIND_FLAGS, .width = 2, .meaning = "test" },
    { .name = "t.flags1", .kind = CF_KIND_FLAGS, .width = 1, .meaning = "test" },
    { .name = "t.enum", .kind = CF_KIND_ENUM, .width = 1, .names = words, .meaning = "test" },
    { .name = "t.str", .kind = CF_KIND_STRING, .width = 4, .meaning = "test" },
    { .name = "t.str2", .kind = CF_KIND_STRING, .width = 4, .meaning = "test" },
};

static uint64_t
mask_of(const cf_field_t *f)
{
    return f->width == 8 ? UINT64_MAX : (UINT64_C(1) << (f->width * 8)) - 1;
}

/* Value of a row under a pattern, before it is cut to the width. */
static uint64_t
value(unsigned pattern, uint32_t row, rng_t *r)
{
    uint64_t u = rng_next(r);

    switch (pattern) {
    case 0: return u;
    case 1: return 7;
    case 2: return row * UINT64_C(3) + 1000;
    case 3: return row / 97 * UINT64_C(12345);
    case 4: return UINT64_MAX - (u & 3);
    case 5: return (u & 0xff) == 0 ? u : u >> 60;
    case 6: return u % 300 * UINT64_C(99991);
    case 7: return UINT64_C(1767225600) * 1000000000 + (row / 5 + (u & 15)) * UINT64_C(1000000000);
    case 8: return u >> (u & 63);
    case 9: return row & 1 ? UINT64_MAX : 0;
    case 10: return u % 20000 * UINT64_C(3000017);
    case 11: return (u & 0x1f) < 20 ? (u >> 8) % 40 : u >> 48;
    case 12: return 0;
    default: return (UINT64_C(1) << (row & 63)) + (row & 1);
    }
}

static int
set(cf_rows_t *rows, uint32_t col, const cf_field_t *f, unsigned pattern, uint64_t v, rng_t *r)
{
    char text[80];
    size_t n;

    switch (f->kind) {
    case CF_KIND_TIME:
    case CF_KIND_DURATION:
        cf_rows_set_time(rows, col, (int64_t)v);
        return CF_OK;
    case CF_KIND_ENUM:
        cf_rows_set_uint(rows, col, v & 3);
        return CF_OK;
    case CF_KIND_ADDR:
        if (strcmp(f->name, "t.mixed") == 0 && rng_below(r, 16) == 0) {
            cf_addr_t a = { UINT64_C(0x20010db800000000) | (v & 0xf), v };

            return cf_rows_set_addr(rows, col, a);
        }
        return cf_rows_set_addr(rows, col, cf_addr_v4((uint32_t)v));
    case CF_KIND_STRING:
        n = (size_t)snprintf(text, sizeof text, "%s-%llx", f->name, (unsigned long long)v);
        return cf_rows_set_string(rows, col, text, v % 11 == 0 ? 0 : n);
    default:
        cf_rows_set_uint(rows, col, v & mask_of(f));
        return CF_OK;
    }
    (void)pattern;
}

cf_batch_t *
codec_pattern_batch(uint32_t n, unsigned pattern, unsigned null_permille, uint64_t seed)
{
    cf_schema_t *s = cf_schema_create();
    cf_batch_t *b;
    cf_rows_t rows;
    rng_t r = { seed };

    for (size_t i = 0; i < sizeof extra / sizeof extra[0]; i++) {
        const cf_field_t *f;

        if (cf_field_register(&extra[i], &f, NULL) != CF_OK || cf_schema_add(s, f) < 0)
            abort();
    }
    b = cf_batch_create(s);
    cf_schema_put(s);
    if (b == NULL || cf_rows_begin(&rows, b) != CF_OK)
        abort();
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t c = 0; c < b->ncols; c++) {
            uint64_t v = value(pattern, i, &r);

            if (rng_below(&r, 1000) >= null_permille
                && set(&rows, c, cf_schema_field(b->schema, c), pattern, v, &r) != CF_OK)
                abort();
        }
        cf_rows_commit(&rows);
    }
    cf_rows_end(&rows);
    return b;
}

/* ---- a flow log ------------------------------------------------------------------------------ */

static const char *const flow_fields[] = { "account",   "iface",  "sip",       "dip",      "sport",
                                           "dport",     "proto",  "packets",   "bytes",    "stime",
                                           "etime",     "action", "logstatus", "flags",    "pktsip",
                                           "pktdip",    "vpc",    "subnet",    "instance", "region",
                                           "direction", "path",   NULL };

typedef struct flow {
    uint32_t iface;
    cf_addr_t own, far;
    uint32_t near_port, far_port;
    uint64_t start, end;
    bool out;
} flow_t;

static void
put_name(cf_rows_t *rows, cf_schema_t *s, const char *field, const char *kind, uint64_t id)
{
    int col = cf_schema_index(s, cf_field_find(field));
    char text[64];
    int n = snprintf(text, sizeof text, "%s-%08llx", kind, (unsigned long long)id * 2654435769u);

    if (col < 0 || cf_rows_set_string(rows, (uint32_t)col, text, (size_t)n) != CF_OK)
        abort();
}

static uint32_t
at(cf_schema_t *s, const char *field)
{
    return (uint32_t)cf_schema_index(s, cf_field_find(field));
}

static void
put_flow(cf_rows_t *rows, cf_schema_t *s, const flow_t *f, rng_t *r)
{
    uint64_t packets = 1 + (rng_next(r) >> (40 + rng_below(r, 24))) % 5000;
    int rc = 0;

    put_name(rows, s, "account", "acc", f->iface / 40);
    put_name(rows, s, "iface", "eni", f->iface);
    put_name(rows, s, "vpc", "vpc", f->iface / 20);
    put_name(rows, s, "subnet", "subnet", f->iface / 6);
    put_name(rows, s, "region", "eu", 1);
    if (f->iface % 7 != 0)
        put_name(rows, s, "instance", "i", f->iface / 2);
    cf_rows_set_time(rows, at(s, "stime"), (int64_t)f->start * CF_NS_PER_SEC);
    cf_rows_set_time(rows, at(s, "etime"), (int64_t)f->end * CF_NS_PER_SEC);
    if (rng_below(r, 200) == 0) {
        cf_rows_set_uint(rows, at(s, "logstatus"), CF_LOGSTATUS_NODATA);
        cf_rows_commit(rows);
        return;
    }
    rc |= cf_rows_set_addr(rows, at(s, "sip"), f->out ? f->own : f->far);
    rc |= cf_rows_set_addr(rows, at(s, "dip"), f->out ? f->far : f->own);
    rc |= cf_rows_set_addr(rows, at(s, "pktsip"), f->out && f->iface % 5 == 0 ? cf_addr_v4(9)
                                                : f->out ? f->own : f->far);
    rc |= cf_rows_set_addr(rows, at(s, "pktdip"), f->out ? f->far : f->own);
    if (rc != CF_OK)
        abort();
    cf_rows_set_uint(rows, at(s, "sport"), f->out ? f->near_port : f->far_port);
    cf_rows_set_uint(rows, at(s, "dport"), f->out ? f->far_port : f->near_port);
    cf_rows_set_uint(rows, at(s, "proto"), f->far_port == 53 ? 17 : 6);
    if (f->far_port != 53)
        cf_rows_set_uint(rows, at(s, "flags"), f->out ? 3 : 19);
    cf_rows_set_uint(rows, at(s, "packets"), packets);
    cf_rows_set_uint(rows, at(s, "bytes"), packets * (40 + rng_below(r, 1400)));
    cf_rows_set_uint(rows, at(s, "action"), rng_below(r, 10) == 0);
    cf_rows_set_uint(rows, at(s, "logstatus"), CF_LOGSTATUS_OK);
    cf_rows_set_uint(rows, at(s, "direction"), f->out);
    if (f->out)
        cf_rows_set_uint(rows, at(s, "path"), 1 + rng_below(r, 8));
    cf_rows_commit(rows);
}

cf_batch_t *
codec_flow_batch(uint32_t n, uint64_t seed)
{
    static const uint16_t ports[] = { 443, 80, 53, 22, 5432, 6379, 8080, 9100 };
    cf_schema_t *s = cf_schema_create();
    cf_batch_t *b;
    cf_rows_t rows;
    rng_t r = { seed };

    for (size_t i = 0; flow_fields[i] != NULL; i++)
        if (cf_schema_add(s, cf_field_find(flow_fields[i])) < 0)
            abort();
    b = cf_batch_create(s);
    if (b == NULL || cf_rows_begin(&rows, b) != CF_OK)
        abort();
    while (b->rows < n) {
        flow_t f = { .iface = (uint32_t)rng_below(&r, 120) };

        f.own = cf_addr_v4(0x0a140000u + f.iface * 77);
        f.far = cf_addr_v4(0x36000000u + (uint32_t)(rng_below(&r, 60) * rng_below(&r, 60)) * 999u);
        if (rng_below(&r, 30) == 0) {
            f.own = (cf_addr_t){ UINT64_C(0x2a05d01800000000), f.iface };
            f.far = (cf_addr_t){ UINT64_C(0x20010db800000000), rng_below(&r, 500) };
        }
        f.near_port = 32768 + (uint32_t)rng_below(&r, 28232);
        f.far_port = ports[rng_below(&r, 8)];
        f.start = 1767225600 + b->rows / 300 + rng_below(&r, 60);
        f.end = f.start + rng_below(&r, 60);
        f.out = rng_below(&r, 2) == 0;
        put_flow(&rows, s, &f, &r);
        if (b->rows < n && seed < CODEC_UNPAIRED && rng_below(&r, 10) < 8) {
            f.out = !f.out;
            put_flow(&rows, s, &f, &r);
        }
    }
    cf_rows_end(&rows);
    cf_schema_put(s);
    return b;
}

/* ---- there and back -------------------------------------------------------------------------- */

int codec_chunk_get(void *ctx, uint32_t col, const uint8_t **bytes, size_t *n, uint32_t *nulls,
                    cf_diag_t *d)
{
    const codec_chunks_t *c = ctx;

    (void)d;
    *bytes = c->bytes + c->start[col];
    *n = (size_t)(c->start[col + 1] - c->start[col]);
    *nulls = c->nulls[col];
    return CF_OK;
}

static bool
same_value(const cf_vec_t *a, const cf_vec_t *b, uint32_t row)
{
    const char *s, *t;
    uint32_t n, m;

    if (cf_vec_is_null(a, row) != cf_vec_is_null(b, row))
        return false;
    if (a->kind == CF_KIND_STRING) {
        if (cf_vec_is_null(a, row))
            return b->dict.count == 0 ? ((const uint32_t *)b->data)[row] == 0
                                      : ((const uint32_t *)b->data)[row] < b->dict.count;
        s = cf_vec_string(a, row, &n);
        t = cf_vec_string(b, row, &m);
        return n == m && (n == 0 || memcmp(s, t, n) == 0);
    }
    if (a->kind == CF_KIND_ADDR) {
        if (cf_vec_is_null(a, row))
            return b->width == 4 ? ((const uint32_t *)b->data)[row] == 0
                                 : ((const cf_addr_t *)b->data)[row].hi == 0
                                   && ((const cf_addr_t *)b->data)[row].lo == 0;
        return cf_addr_cmp(cf_vec_addr(a, row), cf_vec_addr(b, row)) == 0;
    }
    return cf_vec_uint(a, row) == cf_vec_uint(b, row);
}

/* Smallest and largest value as the directory has them. */
static bool
same_stat(const cf_vec_t *v, uint32_t rows, const cf_colstat_t *st)
{
    cf_addr_t min = { 0, 0 }, max = { 0, 0 };
    bool any = false, is_signed = v->kind == CF_KIND_TIME || v->kind == CF_KIND_DURATION;

    for (uint32_t i = 0; i < rows && v->kind != CF_KIND_STRING; i++) {
        cf_addr_t a = { 0, 0 };
        bool less, more;

        if (cf_vec_is_null(v, i))
            continue;
        if (v->kind == CF_KIND_ADDR)
            a = cf_vec_addr(v, i);
        else
            a.lo = cf_vec_uint(v, i);
        if (is_signed)
            a.hi = (uint64_t)((int64_t)a.lo >> 63);
        less = is_signed ? (int64_t)a.lo < (int64_t)min.lo : cf_addr_cmp(a, min) < 0;
        more = is_signed ? (int64_t)a.lo > (int64_t)max.lo : cf_addr_cmp(a, max) > 0;
        if (!any || less)
            min = a;
        if (!any || more)
            max = a;
        any = true;
    }
    return st->nulls == v->nulls && st->has_range == any
           && (!any || (cf_addr_cmp(st->min, min) == 0 && cf_addr_cmp(st->max, max) == 0));
}

int
codec_round_trip(cf_batch_t *b, cf_level_t level, size_t *bytes)
{
    cfi_encoder_t *e = cfi_encoder_create(level);
    cfi_decoder_t *dec = cfi_decoder_create();
    uint32_t *nulls = calloc(b->ncols, sizeof *nulls);
    cf_diag_t d = CF_DIAG_INIT;
    cfi_encoded_t enc;
    codec_chunks_t chunks;
    int faults = 0;

    if (cfi_encoder_run(e, b, &enc, &d) != CF_OK)
        abort();
    for (uint32_t c = 0; c < b->ncols; c++)
        nulls[c] = enc.stat[c].nulls;
    chunks = (codec_chunks_t){ enc.bytes, enc.start, nulls };
    if (bytes != NULL)
        *bytes = (size_t)enc.start[enc.ncols];
    cfi_decoder_begin(dec, b->schema, b->rows, codec_chunk_get, &chunks);
    for (uint32_t i = 0; i < b->ncols; i++) {
        uint32_t c = (i * 7 + 3) % b->ncols,
                 row = 0; /* not in order: columns refer to each other */
        const cf_field_t *f = cf_schema_field(b->schema, c);
        cf_vec_t v;

        if (b->ncols % 7 == 0)
            c = i;
        f = cf_schema_field(b->schema, c);
        cf_vec_init(&v, f);
        if (cfi_decoder_column(dec, c, &v, &d) != CF_OK) {
            printf("# %s: %s\n", f->name, d.text);
            faults++;
        } else {
            while (row < b->rows && same_value(&b->cols[c], &v, row))
                row++;
            if (row < b->rows) {
                printf("# %s differs in row %u\n", f->name, row);
                faults++;
            }
        }
        if (!same_stat(&b->cols[c], b->rows, &enc.stat[c])) {
            printf("# %s: statistics differ\n", f->name);
            faults++;
        }
        cf_vec_fini(&v);
    }
    free(nulls);
    cfi_decoder_destroy(dec);
    cfi_encoder_destroy(e);
    cf_batch_destroy(b);
    return faults;
}
