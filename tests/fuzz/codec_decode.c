/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks of a block of 100 rows with columns of every kind: the first byte says how the others are
 * cut into chunks. Any bytes decode to vectors that keep the promises of cf/batch.h, or to an error
 * with a sentence.
 */
#include <string.h>

#include "codec/codec.h"
#include "fuzz.h"

#define ROWS 100u
#define COLUMNS 6u

typedef struct input {
    const uint8_t *chunk[COLUMNS];
    size_t n[COLUMNS];
} input_t;

static int
get(void *ctx, uint32_t col, const uint8_t **bytes, size_t *n, uint32_t *nulls, cf_diag_t *d)
{
    input_t *in = ctx;

    (void)d;
    *bytes = in->chunk[col];
    *n = in->n[col];
    *nulls = in->n[col] == 0 ? ROWS : 0;
    return CF_OK;
}

static cf_schema_t *
make_schema(void)
{
    static const char *const names[COLUMNS] = {
        "iface", "stime", "sip", "dip", "proto", "packets"
    };
    cf_schema_t *s = cf_schema_create();

    for (uint32_t i = 0; i < COLUMNS; i++)
        FUZZ_CHECK(cf_schema_add(s, cf_field_find(names[i])) == (int)i);
    return s;
}

/* Cut at each byte of this value; what is too few gives empty chunks. */
static void
cut(input_t *in, uint8_t *bytes, size_t n, uint8_t mark)
{
    size_t from = 0;

    for (uint32_t i = 0; i < COLUMNS; i++) {
        size_t end = from;

        while (end < n && (bytes[end] != mark || i == COLUMNS - 1))
            end++;
        in->chunk[i] = bytes + from;
        in->n[i] = end - from;
        from = end < n ? end + 1 : n;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cfi_decoder_t *dec = cfi_decoder_create();
    cf_schema_t *s = make_schema();
    uint8_t *copy = malloc(n + CFI_CHUNK_SLACK);
    input_t in;

    FUZZ_CHECK(dec != NULL && copy != NULL);
    if (n > 0)
        memcpy(copy, bytes, n);
    cut(&in, n > 0 ? copy + 1 : copy, n > 0 ? n - 1 : 0, n > 0 ? bytes[0] : 0);
    cfi_decoder_begin(dec, s, ROWS, get, &in);
    for (uint32_t c = 0; c < COLUMNS; c++) {
        cf_diag_t d = CF_DIAG_INIT;
        cf_vec_t v;
        int rc;

        cf_vec_init(&v, cf_schema_field(s, c));
        rc = cfi_decoder_column(dec, c, &v, &d);
        FUZZ_CHECK(rc == CF_OK || (rc == CF_E_FORMAT && d.text[0] != '\0'));
        for (uint32_t i = 0; rc == CF_OK && v.kind == CF_KIND_STRING && i < ROWS; i++)
            FUZZ_CHECK(v.nulls == ROWS || ((const uint32_t *)v.data)[i] < v.dict.count);
        cf_vec_fini(&v);
    }
    cf_schema_put(s);
    cfi_decoder_destroy(dec);
    free(copy);
    return 0;
}
