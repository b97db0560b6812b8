/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The .cf format: any bytes are read to their end or to an error with a sentence, all columns of
 * every block decoded, and each decoded vector keeps the promises of cf/batch.h.
 */
#include <cf/stream.h>

#include "fuzz.h"

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

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_stream_t *s = NULL;
    cf_input_t *in = NULL;
    cf_block_t *b = cf_block_create();
    int err;

    (void)cf_stream_probe(bytes, n);
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
    return 0;
}
