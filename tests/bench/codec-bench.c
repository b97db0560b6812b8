/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes and time of each column in the codec alone: codec-bench FILE.cf [LEVEL]. The file is decoded
 * to batches; some of them are encoded and decoded in memory, and the fastest of several rounds
 * counts. For those who change an encoding; built by "make tests/bench/codec-bench" only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cf/stream.h>

#include "codec/codec.h"

#define BATCHES 6u
#define ROUNDS 15

typedef struct chunks {
    cfi_encoded_t enc;
} chunks_t;

typedef struct figure {
    double ns, bytes;
    char how[256];
} figure_t;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int chunk_get(void *ctx, uint32_t col, const uint8_t **bytes, size_t *n, uint32_t *nulls,
                     cf_diag_t *d)
{
    const cfi_encoded_t *enc = &((chunks_t *)ctx)->enc;

    (void)d;
    *bytes = enc->bytes + enc->start[col];
    *n = (size_t)(enc->start[col + 1] - enc->start[col]);
    *nulls = enc->stat[col].nulls;
    return CF_OK;
}

static int fail(const cf_diag_t *d)
{
    char text[1024];

    cf_diag_format(d, text, sizeof text);
    fprintf(stderr, "codec-bench: %s\n", text);
    return 1;
}

/* Full blocks of the file as batches; their number. */
static uint32_t load(const char *path, cf_batch_t **out, cf_diag_t *d)
{
    cf_block_t *block = cf_block_create();
    cf_input_t *in = NULL;
    cf_stream_t *s = NULL;
    uint32_t n = 0;

    if (block == NULL || cf_input_open(&in, path, 0, d) != CF_OK
        || cf_stream_open(&s, in, d) != CF_OK)
        return 0;
    while (n < BATCHES && cf_stream_next(s, block, d) == CF_OK) {
        cf_batch_t *b = cf_batch_create(cf_block_schema(block));

        b->rows = cf_block_rows(block);
        for (uint32_t c = 0; c < b->ncols; c++)
            if (cf_block_column(block, c, &b->cols[c], d) != CF_OK)
                return 0;
        out[n++] = b;
    }
    cf_stream_close(s);
    cf_block_destroy(block);
    return n;
}

/* One batch, round after round; the figures are of all its rows. */
static int measure(cf_batch_t *b, cfi_encoder_t *e, cfi_decoder_t *dec, cf_vec_t *vecs,
                   figure_t *cols, figure_t *whole, cf_diag_t *d)
{
    chunks_t chunks;

    for (int round = 0; round < ROUNDS; round++) {
        double from = now(), took;

        if (cfi_encoder_run(e, b, &chunks.enc, d) != CF_OK)
            return 1;
        took = now() - from;
        whole[0].ns = round == 0 || took < whole[0].ns ? took : whole[0].ns;
        for (uint32_t c = 0; c < b->ncols; c++) {
            from = now();
            cfi_decoder_begin(dec, b->schema, b->rows, chunk_get, &chunks);
            if (cfi_decoder_column(dec, c, &vecs[c], d) != CF_OK)
                return 1;
            took = now() - from;
            cols[c].ns = round == 0 || took < cols[c].ns ? took : cols[c].ns;
            cols[c].bytes = (double)(chunks.enc.start[c + 1] - chunks.enc.start[c]);
        }
        from = now();
        cfi_decoder_begin(dec, b->schema, b->rows, chunk_get, &chunks);
        for (uint32_t c = 0; c < b->ncols; c++)
            if (cfi_decoder_column(dec, c, &vecs[c], d) != CF_OK)
                return 1;
        took = now() - from;
        whole[1].ns = round == 0 || took < whole[1].ns ? took : whole[1].ns;
    }
    for (uint32_t c = 0; c < b->ncols; c++) {
        cf_buf_t text;

        cf_buf_init(&text, sizeof cols[c].how - 1);
        (void)!cfi_decoder_describe(dec, c, &text, NULL);
        snprintf(cols[c].how, sizeof cols[c].how, "%s", text.data != NULL ? text.data : "");
        cf_buf_fini(&text);
    }
    return 0;
}

int main(int argc, char **argv)
{
    cf_level_t level = argc > 2 ? (cf_level_t)strtoul(argv[2], NULL, 10) : CF_LEVEL_BALANCED;
    cf_batch_t *batches[BATCHES];
    cf_diag_t d = CF_DIAG_INIT;
    figure_t *sum, *one, whole[2], all[2] = { { 0, 0, "" }, { 0, 0, "" } };
    cfi_encoder_t *e = cfi_encoder_create(level);
    cfi_decoder_t *dec = cfi_decoder_create();
    uint32_t n = argc > 1 ? load(argv[1], batches, &d) : 0, ncols;
    cf_vec_t *vecs;
    double rows = 0, bytes = 0;

    if (argc < 2) {
        fprintf(stderr, "usage: codec-bench FILE.cf [LEVEL 1-3]\n");
        return 2;
    }
    if (n == 0)
        return fail(&d);
    ncols = batches[0]->ncols;
    sum = calloc(ncols, sizeof *sum);
    one = calloc(ncols, sizeof *one);
    vecs = calloc(ncols, sizeof *vecs);
    for (uint32_t c = 0; c < ncols; c++)
        cf_vec_init(&vecs[c], cf_schema_field(batches[0]->schema, c));
    for (uint32_t i = 0; i < n && batches[i]->ncols == ncols; i++) {
        if (measure(batches[i], e, dec, vecs, one, whole, &d) != 0)
            return fail(&d);
        rows += batches[i]->rows;
        all[0].ns += whole[0].ns;
        all[1].ns += whole[1].ns;
        for (uint32_t c = 0; c < ncols; c++) {
            sum[c].ns += one[c].ns;
            sum[c].bytes += one[c].bytes;
            bytes += one[c].bytes;
        }
    }
    printf("%-16s %9s %9s  %s\n", "column", "B/row", "ns/row", "stored as (last block)");
    for (uint32_t c = 0; c < ncols; c++)
        printf("%-16s %9.3f %9.2f  %s\n", cf_schema_field(batches[0]->schema, c)->name,
               sum[c].bytes / rows, sum[c].ns / rows, one[c].how);
    printf("%-16s %9.3f %9.2f  encoding %.1f ns/row\n", "all", bytes / rows, all[1].ns / rows,
           all[0].ns / rows);
    for (uint32_t c = 0; c < ncols; c++)
        cf_vec_fini(&vecs[c]);
    for (uint32_t i = 0; i < n; i++)
        cf_batch_destroy(batches[i]);
    free(vecs);
    free(sum);
    free(one);
    cfi_decoder_destroy(dec);
    cfi_encoder_destroy(e);
    return 0;
}
