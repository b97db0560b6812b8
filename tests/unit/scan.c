/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scan engine over files that the test writes: order, totals and columns are the same with any number of threads; a
 * bad file among good ones is reported and passed over; derived and absent columns; fields that are not there.
 */
#include <sys/stat.h>
#include <unistd.h>

#include <cf/scan.h>

#include "cfunit.h"

#define FILES 7

static char dir[] = "/tmp/cfscan-XXXXXX";
static char paths[FILES][64];

/* File k has (k + 1) * 30000 rows: bytes counts up over all files. */
static void write_files(void)
{
    static const char *const names[] = { "stime", "etime", "sip", "bytes", "iface", NULL };
    cf_diag_t d = CF_DIAG_INIT;
    uint64_t serial = 0;

    if (paths[0][0] != '\0')
        return;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    for (int k = 0; k < FILES; k++) {
        cf_writer_options_t o = { .path = paths[k], .level = CF_LEVEL_FAST };
        cf_schema_t *s = cf_schema_create();
        cf_batch_t *b;
        cf_writer_t *w = NULL;
        uint32_t left = (uint32_t)(k + 1) * 30000;

        snprintf(paths[k], sizeof paths[k], "%s/%d.cf", dir, k);
        for (int i = 0; names[i] != NULL; i++)
            CU_ASSERT_FATAL(cf_schema_add(s, cf_field_find(names[i])) >= 0);
        b = cf_batch_create(s);
        CU_ASSERT_FATAL(cf_writer_open(&w, &o, &d) == CF_OK);
        while (left > 0) {
            cf_rows_t r;

            CU_ASSERT_FATAL(cf_rows_begin(&r, b) == CF_OK);
            do {
                cf_rows_set_time(&r, 0, (int64_t)serial * CF_NS_PER_SEC);
                cf_rows_set_time(&r, 1, (int64_t)(serial + 5) * CF_NS_PER_SEC);
                CU_ASSERT_FATAL(cf_rows_set_addr(&r, 2, cf_addr_v4((uint32_t)serial % 100)) == CF_OK);
                cf_rows_set_uint(&r, 3, serial++);
                CU_ASSERT_FATAL(cf_rows_set_string(&r, 4, "eni-1", 5) == CF_OK);
                left--;
            } while (!cf_rows_commit(&r) && left > 0);
            cf_rows_end(&r);
            CU_ASSERT_FATAL(cf_writer_put(w, b, NULL, &d) == CF_OK);
        }
        CU_ASSERT_FATAL(cf_writer_close(w, &d) == CF_OK);
        cf_batch_destroy(b);
        cf_schema_put(s);
    }
}

static void remove_files(void)
{
    for (int k = 0; k < FILES; k++)
        unlink(paths[k]);
    rmdir(dir);
}

typedef struct seen {
    const cf_field_t *bytes, *duration, *vpc;
    uint64_t worked[64];           /* rows by worker */
    uint64_t next, rows, stop_at;
    int errors;
    bool wrong;
} seen_t;

static int work(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d)
{
    seen_t *s = ctx;
    const cf_vec_t *v;
    int rc = cf_item_column(it, s->duration, &v, d);

    if (rc != CF_OK)
        return rc;
    for (uint32_t i = 0; i < cf_item_rows(it); i++)
        if (cf_vec_is_null(v, i) || cf_vec_time(v, i) != 5 * CF_NS_PER_SEC)
            return cf_diag_set(d, CF_E_INTERNAL, "duration differs");
    rc = cf_item_column(it, s->vpc, &v, d);
    if (rc != CF_OK)
        return rc;
    if (!v->absent || v->nulls != cf_item_rows(it))
        return cf_diag_set(d, CF_E_INTERNAL, "vpc is there");
    s->worked[worker] += cf_item_rows(it);
    return cf_item_column(it, s->bytes, &v, d);
}

static int emit(void *ctx, cf_item_t *it, cf_diag_t *d)
{
    seen_t *s = ctx;
    const cf_vec_t *v;
    int rc = cf_item_column(it, s->bytes, &v, d);

    if (rc != CF_OK)
        return rc;
    s->wrong |= cf_item_first_row(it) != s->rows;
    for (uint32_t i = 0; i < cf_item_rows(it); i++)
        s->wrong |= cf_vec_uint(v, i) != s->next++;
    s->rows += cf_item_rows(it);
    return s->stop_at > 0 && s->rows >= s->stop_at ? CF_EOF : CF_OK;
}

static void on_error(void *ctx, const cf_diag_t *d)
{
    CU_ASSERT(strstr(d->source, "nosuch") != NULL || strstr(d->source, dir) != NULL);
    ((seen_t *)ctx)->errors++;
}

static seen_t run(const char *const *inputs, size_t n, unsigned threads, uint64_t stop_at, int want)
{
    seen_t s = { .bytes = cf_field_find("bytes"), .duration = cf_field_find("duration"),
                 .vpc = cf_field_find("vpc"), .stop_at = stop_at };
    cf_scan_options_t o = { .inputs = inputs, .ninputs = n, .threads = threads, .keep_going = true,
                            .on_error = on_error, .ctx = &s };
    cf_scan_task_t t = { work, emit, &s };
    cf_diag_t d = CF_DIAG_INIT;
    cf_scan_t *scan = NULL;
    cf_scan_totals_t totals;
    int rc = cf_scan_open(&scan, &o, &d);

    CFUNIT_INT(rc, CF_OK);
    if (rc != CF_OK)
        return s;
    rc = cf_scan_run(scan, &t, &d);
    if (rc != want)
        printf("# %s: %s\n", d.source, d.text);
    CFUNIT_INT(rc, want);
    CU_ASSERT(!s.wrong);
    cf_scan_totals(scan, &totals);
    CFUNIT_INT(totals.rows, s.rows);
    cf_scan_close(scan);
    return s;
}

static void test_order(void)
{
    static const unsigned threads[] = { 1, 2, 3, 8 };
    const char *inputs[FILES];

    write_files();
    for (int k = 0; k < FILES; k++)
        inputs[k] = paths[k];
    for (size_t i = 0; i < 4; i++)
        CFUNIT_INT(run(inputs, FILES, threads[i], 0, CF_OK).rows, 30000 * FILES * (FILES + 1) / 2);
    CFUNIT_INT(run(inputs, FILES, 4, 0, CF_OK).errors, 0);
    CU_ASSERT(run(inputs, FILES, 4, 100000, CF_OK).rows < 300000);
}

static void test_bad_among_good(void)
{
    const char *inputs[] = { "nosuch.cf", paths[0], "nosuch2.cf", paths[1], "nosuch3.cf" };

    write_files();
    for (unsigned threads = 1; threads <= 4; threads++) {
        seen_t s = run(inputs, 5, threads, 0, CF_E_IO);

        CFUNIT_INT(s.rows, 90000);
        CFUNIT_INT(s.errors, 3);
    }
}

/* A cut file gives its rows and then the error; the next file is read. */
static void test_cut(void)
{
    char cut[80];
    const char *inputs[] = { paths[0], cut };
    struct stat st;

    write_files();
    snprintf(cut, sizeof cut, "%s/cut.cf", dir);
    CU_ASSERT_FATAL(stat(paths[1], &st) == 0);
    {
        FILE *from = fopen(paths[1], "rb"), *to = fopen(cut, "wb");
        int c;

        for (off_t i = 0; i < st.st_size - 10 && (c = getc(from)) != EOF; i++)
            putc(c, to);
        fclose(from);
        fclose(to);
    }
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        seen_t s = run(inputs, 2, threads, 0, CF_E_TRUNC);

        CFUNIT_INT(s.rows, 90000);
        CFUNIT_INT(s.errors, 1);
    }
    unlink(cut);
}

static void test_fields(void)
{
    const char *inputs[] = { paths[0] };
    cf_scan_options_t o = { .inputs = inputs, .ninputs = 1, .threads = 1 };
    const cf_field_t *f = NULL;
    cf_diag_t d = CF_DIAG_INIT;
    cf_scan_t *scan = NULL;

    write_files();
    CU_ASSERT_FATAL(cf_scan_open(&scan, &o, &d) == CF_OK);
    CFUNIT_INT(cf_scan_field(scan, "srcaddr", &f, &d), CF_OK);
    CFUNIT_STR(f->name, "sip");
    CFUNIT_INT(cf_scan_field(scan, "duration", &f, &d), CF_OK);
    CFUNIT_INT(cf_scan_field(scan, "esip", &f, &d), CF_OK);
    CFUNIT_INT(cf_scan_field(scan, "vpc", &f, &d), CF_E_FIELD);
    CU_ASSERT(strstr(d.text, "not in the input") != NULL);
    CFUNIT_INT(cf_scan_field(scan, "nosuchfield", &f, &d), CF_E_FIELD);
    CFUNIT_INT(cf_schema_count(cf_scan_schema(scan)), 5);
    cf_scan_close(scan);
}

static void test_missing_alone(void)
{
    const char *inputs[] = { "nosuch.cf" };
    cf_scan_options_t o = { .inputs = inputs, .ninputs = 1, .threads = 2, .keep_going = true };
    cf_diag_t d = CF_DIAG_INIT;
    cf_scan_t *scan = NULL;

    CFUNIT_INT(cf_scan_open(&scan, &o, &d), CF_E_IO);
    CU_ASSERT_PTR_NULL(scan);
    CFUNIT_STR(d.source, "nosuch.cf");
    remove_files();
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_order), CFUNIT(test_bad_among_good), CFUNIT(test_cut), CFUNIT(test_fields),
    CFUNIT(test_missing_alone), { NULL, NULL },
};

CFUNIT_MAIN("scan", tests)
