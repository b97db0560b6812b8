/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the stream room share: batches whose every value follows from the row's
 * ordinal, so that any part of a stream can be checked alone, and small helpers around files.
 */
#ifndef STREAMKIT_H
#define STREAMKIT_H

#include <cf/stream.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cfunit.h"

#define KIT_T0 INT64_C(1795420800000000000)
#define KIT_STEP INT64_C(1000000)          /* ns between rows */

static const char *const kit_full[] = { "stime", "sip", "dip", "dport", "bytes", "iface", "action",
                                        NULL };
static const char *const kit_small[] = { "stime", "dport", "iface", NULL };

static inline cf_schema_t *kit_schema(const char *const *names)
{
    cf_schema_t *s = cf_schema_create();

    for (; *names != NULL; names++)
        CU_ASSERT_FATAL(cf_schema_add(s, cf_field_find(*names)) >= 0);
    return s;
}

static inline uint64_t kit_mix(uint64_t i)
{
    i = (i ^ (i >> 31)) * UINT64_C(0x9e3779b97f4a7c15);
    return i ^ (i >> 29);
}

static inline uint32_t kit_iface(uint64_t i, char *out)
{
    return (uint32_t)snprintf(out, 32, "eni-%" PRIu64, kit_mix(i) % 50);
}

/* Row i of any schema; each seventh has no bytes, one in a thousand has an IPv6 source. */
static inline void kit_row(cf_rows_t *r, const cf_schema_t *s, uint64_t i)
{
    char name[32];
    uint32_t c;

    for (c = 0; c < cf_schema_count(s); c++) {
        const char *f = cf_schema_field(s, c)->name;

        if (strcmp(f, "stime") == 0) {
            cf_rows_set_time(r, c, KIT_T0 + (int64_t)i * KIT_STEP);
        } else if (f[1] == 'i' && f[2] == 'p') {
            cf_addr_t a = cf_addr_v4((uint32_t)kit_mix(i));

            if (f[0] == 's' && i % 1000 == 999)
                a = (cf_addr_t){ 0x20010db800000000, i };
            CU_ASSERT_FATAL(cf_rows_set_addr(r, c, a) == CF_OK);
        } else if (strcmp(f, "dport") == 0) {
            cf_rows_set_uint(r, c, kit_mix(i) & 0xffff);
        } else if (strcmp(f, "bytes") == 0 && i % 7 != 0) {
            cf_rows_set_uint(r, c, kit_mix(i) >> 30);
        } else if (strcmp(f, "iface") == 0) {
            CU_ASSERT_FATAL(cf_rows_set_string(r, c, name, kit_iface(i, name)) == CF_OK);
        } else if (strcmp(f, "action") == 0) {
            cf_rows_set_uint(r, c, i % 3 == 0);
        }
    }
}

static inline bool kit_same(const cf_schema_t *s, uint32_t c, const cf_vec_t *v, uint32_t row,
                            uint64_t i)
{
    const char *f = cf_schema_field(s, c)->name;
    char name[32];
    uint32_t len, want;

    if (strcmp(f, "bytes") == 0 && i % 7 == 0)
        return cf_vec_is_null(v, row) && cf_vec_uint(v, row) == 0;
    if (cf_vec_is_null(v, row))
        return false;
    if (strcmp(f, "stime") == 0)
        return cf_vec_time(v, row) == KIT_T0 + (int64_t)i * KIT_STEP;
    if (strcmp(f, "sip") == 0 && i % 1000 == 999)
        return cf_addr_cmp(cf_vec_addr(v, row), (cf_addr_t){ 0x20010db800000000, i }) == 0;
    if (f[1] == 'i' && f[2] == 'p')
        return cf_addr_cmp(cf_vec_addr(v, row), cf_addr_v4((uint32_t)kit_mix(i))) == 0;
    if (strcmp(f, "dport") == 0)
        return cf_vec_uint(v, row) == (kit_mix(i) & 0xffff);
    if (strcmp(f, "bytes") == 0)
        return cf_vec_uint(v, row) == kit_mix(i) >> 30;
    if (strcmp(f, "action") == 0)
        return cf_vec_uint(v, row) == (i % 3 == 0);
    want = kit_iface(i, name);
    return memcmp(cf_vec_string(v, row, &len), name, want) == 0 && len == want;
}

/* Rows first .. first+n of the schema. */
static inline void kit_fill(cf_batch_t *b, const cf_schema_t *s, uint64_t first, uint32_t n)
{
    cf_rows_t r;
    uint32_t i;

    CU_ASSERT_FATAL(cf_batch_reset(b, s) == CF_OK);
    CU_ASSERT_FATAL(cf_rows_begin(&r, b) == CF_OK);
    for (i = 0; i < n; i++) {
        kit_row(&r, s, first + i);
        (void)cf_rows_commit(&r);
    }
    cf_rows_end(&r);
}

/* n rows in batches of step. */
static inline int kit_put(cf_writer_t *w, const char *const *names, uint64_t first, uint64_t n,
                          uint32_t step, cf_diag_t *d)
{
    cf_schema_t *s = kit_schema(names);
    cf_batch_t *b = cf_batch_create(s);
    int rc = CF_OK;

    while (n > 0 && rc == CF_OK) {
        uint32_t part = n < step ? (uint32_t)n : step;

        kit_fill(b, s, first, part);
        rc = cf_writer_put(w, b, NULL, d);
        first += part;
        n -= part;
    }
    cf_batch_destroy(b);
    cf_schema_put(s);
    return rc;
}

static inline void kit_write(const char *path, const char *const *names, uint64_t first, uint64_t n,
                             uint32_t step, cf_level_t level,
                             unsigned threads)
{
    cf_writer_options_t o = { .path = path, .force = true, .level = level, .threads = threads };
    cf_diag_t d = CF_DIAG_INIT;
    cf_writer_t *w;

    CU_ASSERT_FATAL(cf_writer_open(&w, &o, &d) == CF_OK);
    CU_ASSERT_FATAL(kit_put(w, names, first, n, step, &d) == CF_OK);
    CFUNIT_INT(cf_writer_close(w, &d), CF_OK);
    CFUNIT_STR(d.text, "");
}

/* Check all columns of a block whose row 0 is ordinal first. */
static inline void kit_check(cf_block_t *b, uint64_t first)
{
    const cf_schema_t *s = cf_block_schema(b);
    cf_diag_t d = CF_DIAG_INIT;
    uint32_t c, i, bad = 0;

    for (c = 0; c < cf_schema_count(s); c++) {
        cf_vec_t v;

        cf_vec_init(&v, cf_schema_field(s, c));
        CFUNIT_INT(cf_block_column(b, c, &v, &d), CF_OK);
        CFUNIT_STR(d.text, "");
        for (i = 0; i < cf_block_rows(b); i++)
            bad += !kit_same(s, c, &v, i, first + i);
        cf_vec_fini(&v);
    }
    CFUNIT_INT(bad, 0);
}

/* Read all of an input (taken), checking rows; the final status, *rows those read. */
static inline int kit_read(cf_input_t *in, uint64_t first, uint64_t *rows, cf_diag_t *d)
{
    cf_block_t *b = cf_block_create();
    cf_stream_t *s;
    int rc = cf_stream_open(&s, in, d);

    *rows = 0;
    while (rc == CF_OK && (rc = cf_stream_next(s, b, d)) == CF_OK) {
        CFUNIT_INT(cf_block_first_row(b), *rows);
        kit_check(b, first + *rows);
        *rows += cf_block_rows(b);
    }
    cf_stream_close(s);
    cf_block_destroy(b);
    return rc;
}

static inline cf_input_t *kit_open(const char *path)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_input_t *in = NULL;

    CFUNIT_INT(cf_input_open(&in, path, 0, &d), CF_OK);
    CU_ASSERT_FATAL(in != NULL);
    return in;
}

/* Whole file, new. */
static inline char *kit_slurp(const char *path, size_t *n)
{
    int fd = open(path, O_RDONLY);
    struct stat st;
    char *p;

    CU_ASSERT_FATAL(fd >= 0 && fstat(fd, &st) == 0);
    p = malloc((size_t)st.st_size + 1);
    CU_ASSERT_FATAL(p != NULL && read(fd, p, (size_t)st.st_size) == st.st_size);
    (void)close(fd);
    *n = (size_t)st.st_size;
    return p;
}

static inline void kit_spill(const char *path, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    CU_ASSERT_FATAL(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    (void)close(fd);
}

#endif
