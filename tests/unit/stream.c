/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams: rows written are rows read, from files and from memory (as from a pipe), with any number
 * of threads the same bytes; cut anywhere, a stream is never taken for whole.
 */
#include "streamkit.h"

#include <cf/provenance.h>

#define FILE_A "stream-a.tmp.cf"
#define FILE_B "stream-b.tmp.cf"

static int read_file(const char *path, uint64_t first, uint64_t *rows, cf_diag_t *d)
{
    return kit_read(kit_open(path), first, rows, d);
}

static int read_memory(const void *p, size_t n, uint64_t *rows, cf_diag_t *d)
{
    cf_input_t *in = NULL;

    CU_ASSERT_FATAL(cf_input_open_memory(&in, "memory", p, n, CF_INPUT_RAW, d) == CF_OK);
    return kit_read(in, 0, rows, d);
}

static void test_round_trip(void)
{
    cf_level_t level;

    for (level = CF_LEVEL_FAST; level <= CF_LEVEL_SMALL; level++) {
        cf_diag_t d = CF_DIAG_INIT;
        uint64_t rows;
        size_t n;
        char *p;

        kit_write(FILE_A, kit_full, 0, 150000, 7000, level, 1);
        CFUNIT_INT(read_file(FILE_A, 0, &rows, &d), CF_EOF);
        CFUNIT_INT(rows, 150000);
        p = kit_slurp(FILE_A, &n);
        CFUNIT_INT(read_memory(p, n, &rows, &d), CF_EOF);
        CFUNIT_INT(rows, 150000);
        free(p);
    }
    (void)unlink(FILE_A);
}

static void test_threads_same_bytes(void)
{
    size_t na, nb;
    char *a, *b;
    unsigned threads;

    kit_write(FILE_A, kit_full, 0, 400000, 65536, CF_LEVEL_BALANCED, 1);
    a = kit_slurp(FILE_A, &na);
    for (threads = 2; threads < 6; threads++) {
        kit_write(FILE_B, kit_full, 0, 400000, 30000, CF_LEVEL_BALANCED, threads);
        b = kit_slurp(FILE_B, &nb);
        CFUNIT_INT(nb, na);
        CU_ASSERT(na == nb && memcmp(a, b, na) == 0);
        free(b);
    }
    free(a);
    (void)unlink(FILE_A);
    (void)unlink(FILE_B);
}

static void test_empty(void)
{
    cf_writer_options_t o = { .path = FILE_A, .force = true };
    cf_diag_t d = CF_DIAG_INIT;
    cf_schema_t *s = kit_schema(kit_small);
    cf_stream_t *r;
    cf_block_t *b = cf_block_create();
    cf_writer_t *w;
    int with;

    for (with = 0; with < 2; with++) {
        CU_ASSERT_FATAL(cf_writer_open(&w, &o, &d) == CF_OK);
        if (with)
            CFUNIT_INT(cf_writer_schema(w, s, &d), CF_OK);
        CFUNIT_INT(cf_writer_close(w, &d), CF_OK);
        CU_ASSERT_FATAL(cf_stream_open(&r, kit_open(FILE_A), &d) == CF_OK);
        CFUNIT_INT(cf_schema_count(cf_stream_schema(r)), with ? 3 : 0);
        CFUNIT_INT(cf_stream_next(r, b, &d), CF_EOF);
        CFUNIT_INT(cf_stream_next(r, b, &d), CF_EOF);
        cf_stream_close(r);
    }
    cf_block_destroy(b);
    cf_schema_put(s);
    (void)unlink(FILE_A);
}

/* Every prefix, from a file and from memory, ends in an error, and rows before the cut are good. */
static void test_every_prefix(void)
{
    cf_diag_t d = CF_DIAG_INIT;
    uint64_t rows;
    size_t n, i;
    char *p;

    kit_write(FILE_A, kit_small, 0, 300, 300, CF_LEVEL_BALANCED, 1);
    p = kit_slurp(FILE_A, &n);
    CFUNIT_INT(read_memory(p, n, &rows, &d), CF_EOF);
    for (i = 0; i < n; i++) {
        int rc;

        cf_diag_clear(&d);
        rc = read_memory(p, i, &rows, &d);
        CFUNIT_INT(rc, i == 0 ? CF_E_FORMAT : CF_E_TRUNC);
        CU_ASSERT(d.text[0] != '\0' && (rows == 0 || rows == 300));
        cf_diag_clear(&d);
        CU_ASSERT_FATAL(truncate(FILE_A, (off_t)n) == 0 && truncate(FILE_A, (off_t)i) == 0);
        kit_spill(FILE_A, p, i);
        rc = read_file(FILE_A, 0, &rows, &d);
        CFUNIT_INT(rc, i == 0 ? CF_E_FORMAT : CF_E_TRUNC);
        CFUNIT_STR(d.source, FILE_A);
    }
    cf_diag_clear(&d);
    kit_spill(FILE_A, p, n - 1);
    CFUNIT_INT(read_file(FILE_A, 0, &rows, &d), CF_E_TRUNC);
    CFUNIT_STR(d.text, "cut: no end block after block 1 (300 rows read)");
    free(p);
    (void)unlink(FILE_A);
}

/* Any single changed byte is either harmless (nothing lost) or an error. */
static void test_every_flip(void)
{
    cf_diag_t d = CF_DIAG_INIT;
    uint64_t rows;
    size_t n, i;
    char *p;

    kit_write(FILE_A, kit_small, 0, 200, 200, CF_LEVEL_BALANCED, 1);
    p = kit_slurp(FILE_A, &n);
    for (i = 0; i < n; i++) {
        cf_block_t *b = cf_block_create();
        cf_input_t *in = NULL;
        cf_stream_t *s = NULL;
        int rc;

        p[i] = (char)(p[i] ^ 0x10);
        rows = 0;
        cf_diag_clear(&d);
        CU_ASSERT_FATAL(cf_input_open_memory(&in, "memory", p, n, CF_INPUT_RAW, &d) == CF_OK);
        rc = cf_stream_open(&s, in, &d);
        while (rc == CF_OK && (rc = cf_stream_next(s, b, &d)) == CF_OK) {
            rows += cf_block_rows(b);
            rc = cf_block_verify(b, &d);
        }
        CU_ASSERT(rc < 0 || rows == 200);
        CU_ASSERT(rc == CF_EOF || d.text[0] != '\0');
        cf_stream_close(s);
        cf_block_destroy(b);
        p[i] = (char)(p[i] ^ 0x10);
    }
    free(p);
    (void)unlink(FILE_A);
}

static void test_concatenation(void)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_stream_totals_t t;
    cf_stream_t *s;
    uint64_t rows, blocks;
    size_t na, nb;
    char *a, *b;

    kit_write(FILE_A, kit_full, 0, 70000, 70000 / 2, CF_LEVEL_FAST, 1);
    kit_write(FILE_B, kit_small, 70000, 1000, 1000, CF_LEVEL_FAST, 1);
    a = kit_slurp(FILE_A, &na);
    b = kit_slurp(FILE_B, &nb);
    a = realloc(a, na + nb);
    memcpy(a + na, b, nb);
    kit_spill(FILE_A, a, na + nb);
    CFUNIT_INT(read_file(FILE_A, 0, &rows, &d), CF_EOF);
    CFUNIT_INT(rows, 71000);
    CFUNIT_INT(read_memory(a, na + nb, &rows, &d), CF_EOF);
    CFUNIT_INT(rows, 71000);
    CU_ASSERT_FATAL(cf_stream_open(&s, kit_open(FILE_A), &d) == CF_OK);
    CU_ASSERT(cf_stream_count(s, &rows, &blocks));
    CFUNIT_INT(rows, 71000);
    CFUNIT_INT(blocks, 3);
    CFUNIT_INT(cf_schema_count(cf_stream_union(s)), 7);
    cf_stream_totals(s, &t);
    cf_stream_close(s);
    free(a);
    free(b);
    (void)unlink(FILE_A);
    (void)unlink(FILE_B);
}

static void window_over(cf_input_t *in)
{
    cf_block_t *b = cf_block_create();
    cf_diag_t d = CF_DIAG_INIT;
    cf_stream_totals_t t;
    cf_stream_t *s;

    CU_ASSERT_FATAL(cf_stream_open(&s, in, &d) == CF_OK);
    /* rows 140000 .. 140010 lie in the third block */
    cf_stream_window(s, KIT_T0 + 140000 * KIT_STEP, KIT_T0 + 140010 * KIT_STEP);
    CFUNIT_INT(cf_stream_next(s, b, &d), CF_OK);
    CFUNIT_INT(cf_block_number(b), 3);
    CFUNIT_INT(cf_block_first_row(b), 131072);
    kit_check(b, 131072);
    CFUNIT_INT(cf_stream_next(s, b, &d), CF_EOF);
    CFUNIT_STR(d.text, "");
    cf_stream_totals(s, &t);
    CFUNIT_INT(t.blocks, 1);
    CFUNIT_INT(t.skipped_blocks, 3);
    CFUNIT_INT(t.skipped_rows + t.rows, 250000);
    cf_stream_close(s);
    cf_block_destroy(b);
}

static void test_window(void)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_input_t *in = NULL;
    size_t n;
    char *p;

    kit_write(FILE_A, kit_small, 0, 250000, 65536, CF_LEVEL_FAST, 1);
    window_over(kit_open(FILE_A));
    p = kit_slurp(FILE_A, &n);
    CU_ASSERT_FATAL(cf_input_open_memory(&in, "memory", p, n, CF_INPUT_RAW, &d) == CF_OK);
    window_over(in);
    free(p);
    (void)unlink(FILE_A);
}

/* Copy FILE_A to FILE_B block by block; blocks of the result. */
static uint64_t copy_blocks(cf_level_t level, bool any, unsigned threads)
{
    cf_writer_options_t o = { .path = FILE_B, .force = true, .level = level, .threads = threads };
    cf_block_t *b = cf_block_create();
    cf_diag_t d = CF_DIAG_INIT;
    uint64_t rows, blocks;
    cf_stream_t *s;
    cf_writer_t *w;
    int rc;

    CU_ASSERT_FATAL(cf_stream_open(&s, kit_open(FILE_A), &d) == CF_OK);
    CU_ASSERT_FATAL(cf_writer_open(&w, &o, &d) == CF_OK);
    while ((rc = cf_stream_next(s, b, &d)) == CF_OK)
        CFUNIT_INT(cf_writer_put_block(w, b, any, &d), CF_OK);
    CFUNIT_INT(rc, CF_EOF);
    CFUNIT_INT(cf_writer_close(w, &d), CF_OK);
    cf_stream_close(s);
    cf_block_destroy(b);
    CU_ASSERT_FATAL(cf_stream_open(&s, kit_open(FILE_B), &d) == CF_OK);
    CU_ASSERT(cf_stream_count(s, &rows, &blocks));
    cf_stream_close(s);
    CFUNIT_INT(read_file(FILE_B, 0, &rows, &d), CF_EOF);
    CFUNIT_INT(rows, 140000);
    return blocks;
}

static void test_hand_on(void)
{
    size_t na, nb;
    char *a, *b;
    unsigned threads;

    kit_write(FILE_A, kit_full, 0, 140000, 10000, CF_LEVEL_BALANCED, 1);
    a = kit_slurp(FILE_A, &na);
    for (threads = 1; threads < 4; threads += 2) {
        CFUNIT_INT(copy_blocks(CF_LEVEL_BALANCED, true, threads), 3);
        b = kit_slurp(FILE_B, &nb);
        CFUNIT_INT(nb, na);
        CU_ASSERT(na == nb && memcmp(a, b, na) == 0);
        free(b);
    }
    CFUNIT_INT(copy_blocks(CF_LEVEL_FAST, false, 1), 3);
    b = kit_slurp(FILE_B, &nb);
    kit_write(FILE_A, kit_full, 0, 140000, 140000 / 4, CF_LEVEL_FAST, 1);
    free(a);
    a = kit_slurp(FILE_A, &na);
    CU_ASSERT(na == nb && memcmp(a, b, na) == 0);
    free(a);
    free(b);
    (void)unlink(FILE_A);
    (void)unlink(FILE_B);
}

/* Twenty small segments in FILE_A. */
static void many_segments(void)
{
    char *all = malloc(1 << 20);
    size_t n = 0;
    int i;

    for (i = 0; i < 20; i++) {
        size_t one;
        char *p;

        kit_write(FILE_B, kit_full, (uint64_t)i * 100, 100, 100, CF_LEVEL_BALANCED, 1);
        p = kit_slurp(FILE_B, &one);
        memcpy(all + n, p, one);
        n += one;
        free(p);
    }
    kit_spill(FILE_A, all, n);
    free(all);
}

/* Small blocks are joined, not handed on. */
static void test_no_litter(void)
{
    cf_writer_options_t o = { .path = FILE_B, .force = true };
    cf_block_t *b = cf_block_create();
    cf_diag_t d = CF_DIAG_INIT;
    uint64_t rows, blocks;
    cf_stream_t *s;
    cf_writer_t *w;

    many_segments();
    CU_ASSERT_FATAL(cf_stream_open(&s, kit_open(FILE_A), &d) == CF_OK);
    CU_ASSERT(cf_stream_count(s, &rows, &blocks));
    CFUNIT_INT(blocks, 20);
    CU_ASSERT_FATAL(cf_writer_open(&w, &o, &d) == CF_OK);
    while (cf_stream_next(s, b, &d) == CF_OK)
        CFUNIT_INT(cf_writer_put_block(w, b, true, &d), CF_OK);
    CFUNIT_INT(cf_writer_close(w, &d), CF_OK);
    cf_stream_close(s);
    CU_ASSERT_FATAL(cf_stream_open(&s, kit_open(FILE_B), &d) == CF_OK);
    CU_ASSERT(cf_stream_count(s, &rows, &blocks));
    CFUNIT_INT(blocks, 1);
    CFUNIT_INT(rows, 2000);
    cf_stream_close(s);
    cf_block_destroy(b);
    (void)unlink(FILE_A);
    (void)unlink(FILE_B);
}

static void test_projection(void)
{
    static const char *const names[] = { "bytes", "stime", NULL };
    cf_writer_options_t o = { .path = FILE_A, .force = true };
    cf_schema_t *s = kit_schema(names);
    cf_block_t *b = cf_block_create();
    cf_diag_t d = CF_DIAG_INIT;
    cf_stream_t *r;
    cf_writer_t *w;
    cf_vec_t v;

    CU_ASSERT_FATAL(cf_writer_open(&w, &o, &d) == CF_OK);
    CFUNIT_INT(cf_writer_project(w, s, &d), CF_OK);
    CFUNIT_INT(kit_put(w, kit_full, 0, 1000, 300, &d), CF_OK);
    CFUNIT_INT(kit_put(w, kit_small, 1000, 1000, 300, &d), CF_OK);
    CFUNIT_INT(cf_writer_close(w, &d), CF_OK);
    CU_ASSERT_FATAL(cf_stream_open(&r, kit_open(FILE_A), &d) == CF_OK);
    CU_ASSERT_FATAL(cf_stream_next(r, b, &d) == CF_OK);
    CFUNIT_INT(cf_block_rows(b), 2000);
    CU_ASSERT(cf_schema_equal(cf_block_schema(b), s));
    cf_vec_init(&v, cf_field_find("bytes"));
    CFUNIT_INT(cf_block_column(b, 0, &v, &d), CF_OK);
    CU_ASSERT(!cf_vec_is_null(&v, 1) && cf_vec_is_null(&v, 1000) && cf_vec_is_null(&v, 1999));
    cf_vec_fini(&v);
    cf_vec_init(&v, cf_field_find("stime"));
    CFUNIT_INT(cf_block_column(b, 1, &v, &d), CF_OK);
    CU_ASSERT(cf_vec_time(&v, 1999) == KIT_T0 + 1999 * KIT_STEP);
    cf_vec_fini(&v);
    cf_stream_close(r);
    cf_block_destroy(b);
    cf_schema_put(s);
    (void)unlink(FILE_A);
}

static void test_outputs(void)
{
    cf_writer_options_t o = { .path = FILE_A };
    cf_diag_t d = CF_DIAG_INIT;
    struct stat st;
    cf_writer_t *w;
    int rc;

    kit_write(FILE_A, kit_small, 0, 10, 10, CF_LEVEL_FAST, 1);
    CU_ASSERT_FATAL(chmod(FILE_A, 0600) == 0);
    kit_write(FILE_A, kit_small, 0, 10, 10, CF_LEVEL_FAST, 1);
    CU_ASSERT_FATAL(stat(FILE_A, &st) == 0);
    CFUNIT_INT(st.st_mode & 0777, 0600);
    CFUNIT_INT(cf_writer_open(&w, &o, &d), CF_E_EXISTS);
    CFUNIT_STR(d.source, FILE_A);
    (void)unlink(FILE_A);
    cf_diag_clear(&d);
    CU_ASSERT_FATAL(cf_writer_open(&w, &o, &d) == CF_OK);
    CFUNIT_INT(access(FILE_A, F_OK), -1);
    cf_writer_abort(w);
    CFUNIT_INT(access(FILE_A, F_OK), -1);
    o.path = "no-such-folder/a.cf";
    CFUNIT_INT(cf_writer_open(&w, &o, &d), CF_E_IO);
    cf_diag_clear(&d);
    if (access("/dev/full", W_OK) != 0)
        return;
    o.path = "/dev/full";
    o.threads = 3;
    CU_ASSERT_FATAL(cf_writer_open(&w, &o, &d) == CF_OK);
    rc = kit_put(w, kit_small, 0, 200000, 65536, &d);
    if (rc == CF_OK)
        rc = cf_writer_close(w, &d);
    else
        cf_writer_abort(w);
    CFUNIT_INT(rc, CF_E_IO);
    CU_ASSERT(strstr(d.text, "No space left") != NULL);
    CFUNIT_STR(d.source, "/dev/full");
}

static void test_heads(void)
{
    static const struct { const char *bytes; size_t n; int rc; } cases[] = {
        { "", 0, CF_E_FORMAT }, { "2 123 eni-1", 11, CF_E_FORMAT },
            { "\x89" "CF\r\n\x1a\n\x02", 8, CF_E_VERSION },
        { "\x89" "CF\n\x1a\n\x01 ", 8, CF_E_FORMAT }, { "\x89" "CF\r\n\x1a\n\x01", 8, CF_E_TRUNC },
        { "\x89" "CF\r", 4, CF_E_TRUNC },
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cf_diag_t d = CF_DIAG_INIT;
        uint64_t rows;

        CFUNIT_INT(read_memory(cases[i].bytes, cases[i].n, &rows, &d), cases[i].rc);
        CFUNIT_STR(d.source, "memory");
        CU_ASSERT(d.text[0] != '\0');
    }
}

static void test_provenance_kept(void)
{
    cf_writer_options_t o = { .path = FILE_A, .force = true };
    cf_step_t step = { .command = "cfcat x.cf", .version = "1" }, got;
    cf_provenance_t *p = cf_provenance_create();
    cf_diag_t d = CF_DIAG_INIT;
    cf_stream_t *s;
    cf_writer_t *w;

    CU_ASSERT_FATAL(cf_provenance_add(p, &step) == CF_OK);
    CU_ASSERT_FATAL(cf_writer_open(&w, &o, &d) == CF_OK);
    CFUNIT_INT(cf_writer_provenance(w, p, &d), CF_OK);
    CFUNIT_INT(kit_put(w, kit_small, 0, 10, 10, &d), CF_OK);
    CFUNIT_INT(cf_writer_close(w, &d), CF_OK);
    CU_ASSERT_FATAL(cf_stream_open(&s, kit_open(FILE_A), &d) == CF_OK);
    CFUNIT_INT(cf_provenance_count(cf_stream_provenance(s)), 1);
    CFUNIT_INT(cf_provenance_step(cf_stream_provenance(s), 0, &got), CF_OK);
    CFUNIT_STR(got.command, "cfcat x.cf");
    cf_stream_close(s);
    cf_provenance_destroy(p);
    (void)unlink(FILE_A);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_round_trip), CFUNIT(test_threads_same_bytes), CFUNIT(test_empty),
        CFUNIT(test_every_prefix),
    CFUNIT(test_every_flip), CFUNIT(test_concatenation), CFUNIT(test_window), CFUNIT(test_hand_on),
        CFUNIT(test_no_litter),
    CFUNIT(test_projection), CFUNIT(test_outputs), CFUNIT(test_heads), CFUNIT(test_provenance_kept),
        { NULL, NULL }
};
CFUNIT_MAIN("stream", tests)
