/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The window gives the same bytes whatever the packing, the size of the reads and the threads; cut
 * and damaged inputs give their good bytes first and the right error then.
 */
#include "cfunit.h"

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "input/layer.h"

#define TEXT_SIZE (3u << 20)

typedef struct bytes {
    unsigned char *p;
    size_t n;
} bytes_t;

/* Lines of growing and shrinking length with little repetition. */
static bytes_t make_text(size_t size)
{
    bytes_t t = { malloc(size + 64), 0 };
    unsigned x = 12345;

    while (t.n < size) {
        x = x * 1103515245u + 12345u;
        t.n += (size_t)snprintf((char *)t.p + t.n, 64, "%u eni-%08x %.*s\n", x % 65536, x,
                                (int)(x >> 28), "aaaaaaaaaaaaaaaa");
    }
    return t;
}

static bytes_t gzip(const void *p, size_t n)
{
    bytes_t out = { malloc(n + n / 100 + 1024), 0 };
    z_stream z;

    memset(&z, 0, sizeof z);
    CFUNIT_INT(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)p;
    z.avail_in = (uInt)n;
    z.next_out = out.p;
    z.avail_out = (uInt)(n + n / 100 + 1024);
    CFUNIT_INT(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.n = z.total_out;
    deflateEnd(&z);
    return out;
}

static bytes_t zstd(const void *p, size_t n)
{
    bytes_t out = { malloc(ZSTD_compressBound(n)), 0 };

    out.n = ZSTD_compress(out.p, ZSTD_compressBound(n), p, n, 1);
    return out;
}

static bytes_t join(bytes_t a, bytes_t b)
{
    bytes_t out = { malloc(a.n + b.n + 1), a.n + b.n };

    memcpy(out.p, a.p, a.n);
    memcpy(out.p + a.n, b.p, b.n);
    return out;
}

/* Everything an input gives, consuming in steps of step bytes (0 = the whole window). */
static bytes_t drain(cf_input_t *in, size_t step, int *rc)
{
    bytes_t out = { malloc(2 * TEXT_SIZE + 1024), 0 };
    cf_diag_t d = CF_DIAG_INIT;
    const char *p;
    size_t n;

    while ((*rc = cf_input_fill(in, step > 0 ? step : 1, &p, &n, &d)) == CF_OK) {
        if (step > 0 && n > step)
            n = step;
        if (out.n + n > 2 * TEXT_SIZE + 1024)
            break;
        memcpy(out.p + out.n, p, n);
        out.n += n;
        cf_input_consume(in, n);
        CU_ASSERT(cf_input_offset(in) == out.n);
    }
    if (*rc < 0)
        CU_ASSERT(d.code == *rc && d.text[0] != '\0' && d.source[0] != '\0');
    return out;
}

static void same(bytes_t packed, bytes_t text, size_t chunk, size_t step, unsigned flags,
                 const char *packing)
{
    cf_input_t *in = NULL;
    bytes_t got;
    int rc;

    CFUNIT_INT(cfi_input_open_chunked(&in, "m", packed.p, packed.n, chunk, flags, NULL), CF_OK);
    CFUNIT_STR(cf_input_packing(in), packing);
    got = drain(in, step, &rc);
    CFUNIT_INT(rc, CF_EOF);
    CFUNIT_INT(got.n, text.n);
    CU_ASSERT(got.n == text.n && memcmp(got.p, text.p, text.n) == 0);
    CFUNIT_INT(cf_input_ended(in), CF_EOF);
    cf_input_close(in);
    free(got.p);
}

static void test_packings(void)
{
    bytes_t text = make_text(TEXT_SIZE), gz = gzip(text.p, text.n), gzgz = gzip(gz.p, gz.n);
    bytes_t zs = zstd(text.p, text.n), zsgz = gzip(zs.p, zs.n), two = join(gz, gz);
    bytes_t twice = join(text, text), zz = join(zs, zs);
    static const size_t chunks[] = { 0, 1000, 65537 };
    static const size_t steps[] = { 0, 100, 300000 };
    unsigned flags, i, k;

    for (flags = 0; flags <= CF_INPUT_THREAD; flags += CF_INPUT_THREAD) {
        for (i = 0; i < 3; i++) {
            for (k = 0; k < 3; k++)
                same(gz, text, chunks[i], steps[k], flags, "gzip");
            same(text, text, chunks[i], 0, flags, "plain");
            same(gzgz, text, chunks[i], 5000, flags, "gzip in gzip");
            same(zsgz, text, chunks[i], 0, flags, "zstd in gzip");
            same(zs, text, chunks[i], 70000, flags, "zstd");
            same(two, twice, chunks[i], 0, flags, "gzip");
            same(zz, twice, chunks[i], 0, flags, "zstd");
            same(gz, gz, chunks[i], 0, flags | CF_INPUT_RAW, "plain");
        }
    }
    free(text.p);
    free(gz.p);
    free(gzgz.p);
    free(zs.p);
    free(zsgz.p);
    free(two.p);
    free(twice.p);
    free(zz.p);
}

static void test_one_byte_reads(void)
{
    bytes_t text = make_text(5000), gz = gzip(text.p, text.n), zs = zstd(text.p, text.n);

    same(text, text, 1, 1, 0, "plain");
    same(gz, text, 1, 7, 0, "gzip");
    same(gz, text, 1, 7, CF_INPUT_THREAD, "gzip");
    same(zs, text, 1, 7, 0, "zstd");
    free(text.p);
    free(gz.p);
    free(zs.p);
}

/* Every prefix of a small packed file: the good bytes, then CF_E_TRUNC. */
static void prefixes(bytes_t packed, bytes_t text)
{
    size_t n, last = 0;

    for (n = 4; n < packed.n; n++) {
        cf_input_t *in = NULL;
        bytes_t got;
        int rc;

        CFUNIT_INT(cf_input_open_memory(&in, "m", packed.p, n, 0, NULL), CF_OK);
        got = drain(in, 0, &rc);
        CFUNIT_INT(rc, CF_E_TRUNC);
        CU_ASSERT(got.n >= last && got.n <= text.n && memcmp(got.p, text.p, got.n) == 0);
        last = got.n;
        cf_input_close(in);
        free(got.p);
    }
    /* Only the trailer was missing at last, or the last block. */
    CU_ASSERT(last > 0);
}

static void test_cut(void)
{
    bytes_t text = make_text(2000), gz = gzip(text.p, text.n), zs = zstd(text.p, text.n);

    prefixes(gz, text);
    /* one zstd block comes whole or not at all: cut shows, bytes do not */
    (void)zs;
    {
        cf_input_t *in = NULL;
        bytes_t got;
        int rc;

        CFUNIT_INT(cf_input_open_memory(&in, "m", zs.p, zs.n - 1, 0, NULL), CF_OK);
        got = drain(in, 0, &rc);
        CFUNIT_INT(rc, CF_E_TRUNC);
        cf_input_close(in);
        free(got.p);
    }
    free(text.p);
    free(gz.p);
    free(zs.p);
}

static void ends_with(bytes_t packed, size_t good, int want)
{
    unsigned flags;

    for (flags = 0; flags <= CF_INPUT_THREAD; flags += CF_INPUT_THREAD) {
        cf_input_t *in = NULL;
        bytes_t got;
        int rc;

        CFUNIT_INT(cf_input_open_memory(&in, "m", packed.p, packed.n, flags, NULL), CF_OK);
        got = drain(in, 0, &rc);
        CFUNIT_INT(rc, want);
        CFUNIT_INT(got.n, good);
        cf_input_close(in);
        free(got.p);
    }
}

static void test_behind_the_end(void)
{
    bytes_t text = make_text(2000), gz = gzip(text.p, text.n), zs = zstd(text.p, text.n), t;
    bytes_t garbage = { (unsigned char *)(uintptr_t)"garbage", 7 };
    bytes_t zeros = { (unsigned char *)calloc(1, 512), 512 };

    t = join(gz, garbage);
    ends_with(t, text.n, CF_E_FORMAT);
    free(t.p);
    t = join(gz, zeros);
    ends_with(t, text.n, CF_EOF);
    free(t.p);
    t = join(zs, garbage);
    ends_with(t, text.n, CF_E_FORMAT);
    free(t.p);
    t = join(gz, zeros);
    t.p[gz.n - 5] ^= 1;        /* checksum and length stand in the last eight bytes */
    ends_with(t, text.n, CF_E_CHECKSUM);
    free(t.p);
    free(zeros.p);
    free(text.p);
    free(gz.p);
    free(zs.p);
}

static void test_damaged(void)
{
    bytes_t text = make_text(20000), gz = gzip(text.p, text.n);
    size_t i;

    for (i = 10; i < gz.n; i += 37) {
        cf_input_t *in = NULL;
        bytes_t got;
        int rc;

        gz.p[i] ^= 0x55;
        CFUNIT_INT(cf_input_open_memory(&in, "m", gz.p, gz.n, 0, NULL), CF_OK);
        got = drain(in, 0, &rc);
        CU_ASSERT(rc == CF_E_FORMAT || rc == CF_E_CHECKSUM || rc == CF_E_TRUNC);
        cf_input_close(in);
        free(got.p);
        gz.p[i] ^= 0x55;
    }
    free(text.p);
    free(gz.p);
}

static void test_lines(void)
{
    static const char text[] = "one\r\n\ntwo\nlonger than ten\nthree\r\n1234567890\r\nlast";
    static const char *const want[] = { "one", "", "two", NULL, "three", "1234567890", "last" };
    size_t chunk, i, n;

    for (chunk = 0; chunk < 12; chunk++) {
        cf_input_t *in = NULL;
        const char *line;

        CFUNIT_INT(cfi_input_open_chunked(&in, "m", text, sizeof text - 1, chunk, 0, NULL), CF_OK);
        for (i = 0; i < 7; i++) {
            CFUNIT_INT(cf_input_line(in, 10, &line, &n, NULL), want[i] != NULL ? CF_OK : CF_R_LONG);
            if (want[i] != NULL)
                CU_ASSERT(n == strlen(want[i]) && memcmp(line, want[i], n) == 0);
        }
        CFUNIT_INT(cf_input_line(in, 10, &line, &n, NULL), CF_EOF);
        CFUNIT_INT(cf_input_offset(in), sizeof text - 1);
        cf_input_close(in);
    }
}

static void test_long_line(void)
{
    size_t size = 3u << 20, n;
    char *text = malloc(size + 8);
    cf_input_t *in = NULL;
    const char *line;

    memset(text, 'x', size);
    memcpy(text + size, "\nnext\n", 6);
    CFUNIT_INT(cfi_input_open_chunked(&in, "m", text, size + 6, 0, 0, NULL), CF_OK);
    CFUNIT_INT(cf_input_line(in, 65536, &line, &n, NULL), CF_R_LONG);
    CFUNIT_INT(cf_input_line(in, 65536, &line, &n, NULL), CF_OK);
    CU_ASSERT(n == 4 && memcmp(line, "next", 4) == 0);
    cf_input_close(in);
    CFUNIT_INT(cfi_input_open_chunked(&in, "m", text, size + 6, 0, CF_INPUT_THREAD, NULL), CF_OK);
    CFUNIT_INT(cf_input_line(in, 4u << 20, &line, &n, NULL), CF_OK);
    CFUNIT_INT(n, size);
    cf_input_close(in);
    free(text);
}

static void test_cut_line(void)
{
    bytes_t gz = gzip("one\ntwo\nthr", 11);
    cf_input_t *in = NULL;
    const char *line;
    size_t n;

    /* The trailer is gone: nobody knows whether "thr" is whole. */
    CFUNIT_INT(cf_input_open_memory(&in, "m", gz.p, gz.n - 8, 0, NULL), CF_OK);
    CFUNIT_INT(cf_input_line(in, 100, &line, &n, NULL), CF_OK);
    CFUNIT_INT(cf_input_line(in, 100, &line, &n, NULL), CF_OK);
    CFUNIT_INT(cf_input_line(in, 100, &line, &n, NULL), CF_E_TRUNC);
    CFUNIT_INT(cf_input_line(in, 100, &line, &n, NULL), CF_E_TRUNC);
    cf_input_close(in);
    free(gz.p);
}

static void test_files(void)
{
    char path[] = "cf-input-XXXXXX";
    int fd = mkstemp(path);
    cf_input_t *in = NULL;
    cf_diag_t d = CF_DIAG_INIT;
    uint64_t done, size;
    const char *line;
    size_t n;

    CU_ASSERT(fd >= 0 && write(fd, "hello\n", 6) == 6);
    close(fd);
    CFUNIT_INT(cf_input_open(&in, path, CF_INPUT_THREAD, &d), CF_OK);
    CU_ASSERT(cf_input_fd(in) >= 0);
    CFUNIT_STR(cf_input_name(in), path);
    CFUNIT_INT(cf_input_line(in, 100, &line, &n, NULL), CF_OK);
    cf_input_progress(in, &done, &size);
    CFUNIT_INT(done, 6);
    CFUNIT_INT(size, 6);
    cf_input_close(in);
    unlink(path);
    CFUNIT_INT(cf_input_open(&in, path, 0, &d), CF_E_IO);
    CFUNIT_STR(d.source, path);
    CU_ASSERT(strstr(d.text, "No such file") != NULL);
    cf_diag_clear(&d);
    CFUNIT_INT(cf_input_open(&in, ".", 0, &d), CF_E_IO);
    CU_ASSERT(strstr(d.text, "directory") != NULL);
}

/* A writer that never writes must not keep close waiting. */
static void test_close_while_waiting(void)
{
    int p[2], saved = dup(0);
    cf_input_t *in = NULL;
    const char *w;
    size_t n;

    CU_ASSERT(pipe(p) == 0 && dup2(p[0], 0) == 0 && write(p[1], "abcd1234\n", 9) == 9);
    close(p[0]);
    CFUNIT_INT(cf_input_open(&in, "-", CF_INPUT_THREAD, NULL), CF_OK);
    CFUNIT_STR(cf_input_name(in), "stdin");
    CFUNIT_INT(cf_input_fill(in, 9, &w, &n, NULL), CF_OK);
    CFUNIT_INT(n, 9);
    CU_ASSERT(write(p[1], "more\n", 5) == 5);
    CFUNIT_INT(cf_input_fill(in, 14, &w, &n, NULL), CF_OK);
    CFUNIT_INT(n, 14);
    usleep(1000);
    cf_input_close(in);
    close(p[1]);
    dup2(saved, 0);
    close(saved);
}

static void test_empty(void)
{
    cf_input_t *in = NULL;
    const char *p;
    size_t n;

    CFUNIT_INT(cf_input_open_memory(&in, "m", "", 0, 0, NULL), CF_OK);
    CFUNIT_INT(cf_input_fill(in, 1, &p, &n, NULL), CF_EOF);
    CFUNIT_INT(cf_input_line(in, 10, &p, &n, NULL), CF_EOF);
    cf_input_close(in);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_packings),
    CFUNIT(test_one_byte_reads),
    CFUNIT(test_cut),
    CFUNIT(test_behind_the_end),
    CFUNIT(test_damaged),
    CFUNIT(test_lines),
    CFUNIT(test_long_line),
    CFUNIT(test_cut_line),
    CFUNIT(test_files),
    CFUNIT(test_close_while_waiting),
    CFUNIT(test_empty),
    { NULL, NULL }
};

CFUNIT_MAIN("input", tests)
