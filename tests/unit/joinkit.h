/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches out of small tables, and tables out of batches, for the tests of the join room. A table's
 * first line names fields, the others have values between blanks; "-" is null. Times are seconds, or
 * first and last, which is as far as times go.
 */
#ifndef JOINKIT_H
#define JOINKIT_H

#include <cf/join.h>
#include <cf/print.h>

#include "cfunit.h"

static inline int joinkit_value(cf_rows_t *r, uint32_t col, const cf_field_t *f, const char *s, size_t n)
{
    uint64_t u = 0;
    uint16_t flags;
    uint8_t code;
    cf_addr_t a;
    int64_t t;
    int rc;

    switch (f->kind) {
    case CF_KIND_TIME:
        rc = CF_OK;
        if (n == 5 && memcmp(s, "first", n) == 0)
            t = INT64_MIN + 1;
        else if (n == 4 && memcmp(s, "last", n) == 0)
            t = INT64_MAX;
        else
            rc = cf_time_parse(s, n, &t);
        cf_rows_set_time(r, col, t);
        return rc;
    case CF_KIND_DURATION:
        rc = cf_duration_parse(s, n, &t);
        cf_rows_set_time(r, col, t);
        return rc;
    case CF_KIND_ADDR:
        rc = cf_addr_parse(s, n, &a);
        return rc == CF_OK ? cf_rows_set_addr(r, col, a) : rc;
    case CF_KIND_STRING:
        return cf_rows_set_string(r, col, s, n);
    case CF_KIND_FLAGS:
        rc = cf_flags_parse(s, n, &flags);
        cf_rows_set_uint(r, col, flags);
        return rc;
    case CF_KIND_ENUM:
        rc = cf_field_enum_parse(f, s, n, &code);
        cf_rows_set_uint(r, col, code);
        return rc;
    default:
        rc = cf_uint_parse(s, n, UINT64_MAX, &u);
        cf_rows_set_uint(r, col, u);
        return rc;
    }
}

/* New. */
static inline cf_batch_t *joinkit_batch(const char *table)
{
    cf_schema_t *s = cf_schema_create();
    size_t names = strcspn(table, "\n");
    const char *p = table;
    cf_batch_t *b;
    cf_rows_t r;

    while (p < table + names) {
        char name[64];
        size_t n = strcspn(p, " \n");

        snprintf(name, sizeof name, "%.*s", (int)n, p);
        CU_ASSERT_FATAL(cf_field_find(name) != NULL);
        CU_ASSERT_FATAL(cf_schema_add(s, cf_field_find(name)) >= 0);
        p += n + strspn(p + n, " ");
    }
    b = cf_batch_create(s);
    CU_ASSERT_FATAL(b != NULL && cf_rows_begin(&r, b) == CF_OK);
    for (p += *p == '\n'; *p != '\0'; p += strspn(p, " \n")) {
        for (uint32_t c = 0; c < cf_schema_count(s); c++) {
            size_t n = strcspn(p, " \n");

            if (n != 1 || *p != '-')
                CU_ASSERT_EQUAL_FATAL(joinkit_value(&r, c, cf_schema_field(s, c), p, n), CF_OK);
            p += n + strspn(p + n, " ");
        }
        cf_rows_commit(&r);
    }
    cf_rows_end(&r);
    cf_schema_put(s);
    return b;
}

/* A sink: rows as lines of the fields in list (between commas), values between commas. */
typedef struct joinkit_out {
    const char *list;
    cf_buf_t text;
    uint64_t rows;
} joinkit_out_t;

static inline void joinkit_out(joinkit_out_t *o, const char *list)
{
    memset(o, 0, sizeof *o);
    o->list = list;
    cf_buf_init(&o->text, 64u << 20);
}

static inline int joinkit_sink(void *ctx, const cf_batch_t *b, const uint64_t *sel, cf_diag_t *d)
{
    const cf_print_options_t po = { .format = CF_TEXT_CSV, .times = CF_TIMEFORM_EPOCH };
    const cf_field_t *fields[32] = { NULL };
    const cf_vec_t *cols[32];
    cf_vec_t none[32];
    joinkit_out_t *o = ctx;
    cf_rowprint_t *print;
    uint32_t row = 0;
    size_t n = 0;
    int rc;

    for (const char *p = o->list; *p != '\0'; p += *p == ',') {
        char name[64];
        size_t len = strcspn(p, ",");
        int at;

        snprintf(name, sizeof name, "%.*s", (int)len, p);
        fields[n] = cf_field_find(name);
        CU_ASSERT_FATAL(fields[n] != NULL);
        cf_vec_init(&none[n], fields[n]);
        CU_ASSERT_FATAL(cf_vec_set_all_null(&none[n], b->rows, true) == CF_OK);
        at = cf_schema_index(b->schema, fields[n]);
        cols[n] = at >= 0 ? &b->cols[at] : &none[n];
        n++;
        p += len;
    }
    rc = cf_rowprint_create(&print, fields, n, &po, d);
    if (rc == CF_OK)
        rc = cf_rowprint_rows(print, cols, b->rows, sel, &row, SIZE_MAX, &o->text);
    cf_rowprint_destroy(print);
    for (size_t i = 0; i < n; i++)
        cf_vec_fini(&none[i]);
    o->rows += sel != NULL ? cf_bits_count(sel, b->rows) : b->rows;
    return rc;
}

#endif
