/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The .cf format: any bytes are read to their end or to an error with a sentence, all columns of
 * every block decoded, and each decoded vector keeps the promises of cf/batch.h. The bytes are also
 * read once more with lengths and checksums put right (doc/format.md sections 2 and 4), or nearly
 * every change would stop at the first checksum.
 */
#include <cf/stream.h>

#include <string.h>
#include <xxhash.h>

#include "fuzz.h"

enum { MAGIC = 8, HEAD = 24, ENTRY = 56 };

static uint64_t
load(const uint8_t *p, size_t width)
{
    uint64_t v = 0;

    while (width-- > 0)
        v = v << 8 | p[width];
    return v;
}

static void
store64(uint8_t *p, uint64_t v)
{
    int i;

    for (i = 0; i < 8; i++, v >>= 8)
        p[i] = (uint8_t)v;
}

/* The checksums of the chunks of a DATA body of n bytes; how much of it the block's check covers. */
static size_t
repair_chunks(uint8_t *body, size_t n)
{
    size_t ncols = n >= 8 ? load(body + 4, 4) : 0, at = 8 + ncols * ENTRY, i, len;

    if (n < 8 || at > n)
        return n;
    for (i = 0; i < ncols; i++) {
        uint8_t *entry = body + 8 + i * ENTRY;

        len = load(entry, 4);
        len = len < n - at ? len : n - at;
        store64(entry + 48, XXH3_64bits(body + at, len));
        at += len;
    }
    return 8 + ncols * ENTRY;
}

static void
repair(uint8_t *bytes, size_t n)
{
    size_t at = MAGIC, len, covered;
    XXH3_state_t *x = XXH3_createState();

    while (x != NULL && at + HEAD <= n) {
        uint8_t *head = bytes + at, *body = head + HEAD;

        if (memcmp(head, "\x89" "CF", 3) == 0) {
            at += MAGIC;
            continue;
        }
        len = n - at - HEAD;
        if (load(head + 8, 8) > len)
            store64(head + 8, len);
        len = load(head + 8, 8);
        covered = memcmp(head, "DATA", 4) == 0 ? repair_chunks(body, len) : len;
        XXH3_64bits_reset(x);
        XXH3_64bits_update(x, head, 16);
        XXH3_64bits_update(x, body, covered);
        store64(head + 16, XXH3_64bits_digest(x));
        at += HEAD + len;
    }
    XXH3_freeState(x);
}

static void
look_at(const cf_vec_t *v, uint32_t rows)
{
    uint32_t row, len, nulls = 0;

    for (row = 0; row < rows; row++) {
        nulls += cf_vec_is_null(v, row);
        if (v->kind == CF_KIND_STRING && !cf_vec_is_null(v, row)) {
            FUZZ_CHECK(((const uint32_t *)v->data)[row] < v->dict.count);
            (void)cf_vec_string(v, row, &len);
            FUZZ_CHECK(len <= CF_STRING_MAX);
        }
    }
    FUZZ_CHECK(nulls == v->nulls);
}

static void
decode(cf_block_t *b)
{
    const cf_schema_t *schema = cf_block_schema(b);
    cf_diag_t d = CF_DIAG_INIT;
    cf_colstat_t st;
    uint64_t stored;
    uint32_t col;
    cf_buf_t text;
    cf_vec_t v;

    FUZZ_CHECK(cf_block_rows(b) <= CF_BATCH_ROWS);
    for (col = 0; col < cf_schema_count(schema); col++) {
        cf_vec_init(&v, cf_schema_field(schema, col));
        cf_block_stat(b, col, &st);
        if (cf_block_column(b, col, &v, &d) == CF_OK)
            look_at(&v, cf_block_rows(b));
        else
            FUZZ_CHECK(d.text[0] != '\0');
        cf_diag_clear(&d);
        cf_buf_init(&text, 4096);
        if (cf_block_describe(b, col, &text, &stored, &d) != CF_OK)
            cf_diag_clear(&d);
        cf_buf_fini(&text);
        cf_vec_fini(&v);
    }
    if (cf_block_verify(b, &d) != CF_OK)
        FUZZ_CHECK(d.text[0] != '\0');
}

static void
read_all(const uint8_t *bytes, size_t n)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_stream_t *s = NULL;
    cf_input_t *in = NULL;
    cf_block_t *b = cf_block_create();
    int err;

    if (b == NULL || cf_input_open_memory(&in, "fuzz", bytes, n, CF_INPUT_RAW, &d) != CF_OK)
        goto done;
    err = cf_stream_open(&s, in, &d);
    while (err == CF_OK) {
        err = cf_stream_next(s, b, &d);
        if (err == CF_OK)
            decode(b);
    }
    if (err != CF_EOF)
        FUZZ_CHECK(d.text[0] != '\0');
    cf_stream_close(s);
done:
    cf_block_destroy(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    uint8_t *copy = malloc(n > 0 ? n : 1);

    (void)cf_stream_probe(bytes, n);
    read_all(bytes, n);
    if (copy != NULL) {
        memcpy(copy, bytes, n);
        repair(copy, n);
        read_all(copy, n);
    }
    free(copy);
    return 0;
}
