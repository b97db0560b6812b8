/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks that were changed on their way: decoding says so or gives other values, but never reads or
 * writes outside of its memory, and what it gives keeps the promises of cf/batch.h. Run under
 * --enable-sanitize=address this is the proof.
 */
#include <stdlib.h>

#include "cfunit.h"
#include "codec_data.h"

/*
 * Chunks as separate allocations would be: each is handed out as a copy of its own size (and the
 * slack that is promised).
 */
typedef struct parts {
    uint8_t **chunk;
    size_t *n;
    uint32_t *nulls;
} parts_t;

static int part_get(void *ctx, uint32_t col, const uint8_t **bytes, size_t *n, uint32_t *nulls,
                    cf_diag_t *d)
{
    parts_t *p = ctx;

    (void)d;
    *bytes = p->chunk[col];
    *n = p->n[col];
    *nulls = p->nulls[col];
    return CF_OK;
}

static void check_vec(const cf_vec_t *v, uint32_t rows)
{
    uint32_t nulls = 0;

    for (uint32_t i = 0; i < rows; i++) {
        bool null = cf_vec_is_null(v, i);

        nulls += null;
        if (v->kind == CF_KIND_STRING) {
            uint32_t code = ((const uint32_t *)v->data)[i], len;

            CU_ASSERT_FATAL(v->dict.count == 0 ? code == 0 && null : code < v->dict.count);
            if (!null)
                (void)cf_vec_string(v, i, &len);
        } else if (null && v->kind != CF_KIND_ADDR) {
            CU_ASSERT_FATAL(cf_vec_uint(v, i) == 0);
        }
    }
    CU_ASSERT_EQUAL(nulls, v->nulls);
}

/* Decode all columns; returns how many were refused. */
static unsigned decode_all(cfi_decoder_t *dec, const cf_batch_t *b, parts_t *p, cf_vec_t *vecs)
{
    cf_buf_t text;
    unsigned refused = 0;

    cf_buf_init(&text, 1 << 20);
    cfi_decoder_begin(dec, b->schema, b->rows, part_get, p);
    for (uint32_t c = 0; c < b->ncols; c++) {
        cf_diag_t d = CF_DIAG_INIT;
        int rc = cfi_decoder_column(dec, c, &vecs[c], &d);

        if (rc == CF_OK) {
            check_vec(&vecs[c], b->rows);
        } else {
            CU_ASSERT_EQUAL(rc, CF_E_FORMAT);
            CU_ASSERT_NOT_EQUAL(d.text[0], '\0');
            refused++;
        }
        text.len = 0;
        (void)!cfi_decoder_describe(dec, c, &text, NULL);
    }
    cf_buf_fini(&text);
    return refused;
}

static void change(rng_t *r, uint8_t *p, size_t *n)
{
    static const uint8_t odd[] = { 0, 1, 2, 3, 5, 7, 8, 12, 13, 14, 15, 16, 0x7f, 0x80, 0xff };

    if (*n == 0)
        return;
    for (uint64_t k = 1 + rng_below(r, 3); k > 0; k--) {
        /* Mostly where the heads are. */
        size_t at = (size_t)rng_below(r, rng_below(r, 3) > 0 && *n > 64 ? 64 : *n);

        switch (rng_below(r, 4)) {
        case 0: p[at] ^= (uint8_t)(1u << rng_below(r, 8)); break;
        case 1: p[at] = odd[rng_below(r, sizeof odd)]; break;
        case 2: p[at] = (uint8_t)rng_next(r); break;
        default:
            if (rng_below(r, 8) == 0)
                *n = at + 1;
            break;
        }
    }
}

static void hostile(cf_batch_t *b, cf_level_t level, unsigned rounds)
{
    cfi_encoder_t *e = cfi_encoder_create(level);
    cfi_decoder_t *dec = cfi_decoder_create();
    cf_vec_t *vecs = calloc(b->ncols, sizeof *vecs);
    parts_t p = { calloc(b->ncols, sizeof *p.chunk), calloc(b->ncols, sizeof *p.n),
                  calloc(b->ncols, sizeof *p.nulls) };
    cfi_encoded_t enc;
    rng_t r = { rounds + b->rows };
    unsigned refused = 0;

    if (cfi_encoder_run(e, b, &enc, NULL) != CF_OK)
        abort();
    for (uint32_t c = 0; c < b->ncols; c++) {
        cf_vec_init(&vecs[c], cf_schema_field(b->schema, c));
        p.n[c] = (size_t)(enc.start[c + 1] - enc.start[c]);
        p.nulls[c] = enc.stat[c].nulls;
        p.chunk[c] = malloc(p.n[c] + CFI_CHUNK_SLACK);
        memcpy(p.chunk[c], enc.bytes + enc.start[c], p.n[c]);
    }
    CFUNIT_INT(decode_all(dec, b, &p, vecs), 0);
    for (unsigned i = 0; i < rounds; i++) {
        uint32_t c = (uint32_t)rng_below(&r, b->ncols);
        uint8_t *good = p.chunk[c];
        size_t n = p.n[c];

        p.chunk[c] = malloc(n + CFI_CHUNK_SLACK);
        memcpy(p.chunk[c], good, n);
        change(&r, p.chunk[c], &p.n[c]);
        refused += decode_all(dec, b, &p, vecs);
        free(p.chunk[c]);
        p.chunk[c] = good;
        p.n[c] = n;
    }
    CU_ASSERT(refused > 0);
    CFUNIT_INT(decode_all(dec, b, &p, vecs), 0);
    for (uint32_t c = 0; c < b->ncols; c++) {
        free(p.chunk[c]);
        cf_vec_fini(&vecs[c]);
    }
    free(p.chunk);
    free(p.n);
    free(p.nulls);
    free(vecs);
    cfi_decoder_destroy(dec);
    cfi_encoder_destroy(e);
    cf_batch_destroy(b);
}

static void test_changed_flows(void)
{
    hostile(codec_flow_batch(700, 1), CF_LEVEL_FAST, 400);
    hostile(codec_flow_batch(700, 2), CF_LEVEL_BALANCED, 400);
    hostile(codec_flow_batch(3000, 3), CF_LEVEL_SMALL, 100);
}

static void test_changed_patterns(void)
{
    for (unsigned pattern = 0; pattern < CODEC_PATTERNS; pattern++) {
        hostile(codec_pattern_batch(300, pattern, 0, pattern), CF_LEVEL_FAST, 60);
        hostile(codec_pattern_batch(300, pattern, 100, pattern), CF_LEVEL_BALANCED, 60);
    }
}

/* Hand-made chunks of one u32 column of 4 rows, each with what is wrong. */
static void test_made_up(void)
{
    static const struct { const char *bytes; size_t n; const char *text; } cases[] = {
        { "\0\0\7", 3, NULL },
        { "\0", 1, "an array ends early" },
        { "\0\0\7x", 4, "bytes stand behind the values" },
        { "\4", 1, "nulls are told in a way that this version does not know" },
        { "\3\0\7", 3, "nulls are told by codes where there are none" },
        { "\0\x10", 2, "an array has an encoding that this version does not know" },
        { "\0\0\xff\xff\xff\xff\x7f", 7, "a number is larger than the column can hold" },
        { "\0\1\3\0\0", 5, "a plain array has no legal width" },
        { "\0\1\1\0\3xyz", 8, "a buffer has not the length that its place demands" },
        { "\0\1\1\0\4xyz", 8, "a buffer is longer than its chunk" },
        { "\0\1\1\4\4xyzw", 9, "a buffer has a compression that this version does not know" },
        { "\0\1\1\1\4\4xyzw", 10, "a compressed buffer does not expand to what it should" },
        { "\0\2\x41\0\0\0", 6, "a packed array has no legal width" },
        { "\0\x9\0\0", 4, "references go in a circle" },
        { "\0\x9\1\0", 4, "a reference is to no column" },
        { "\0\xc\1", 3, "a reference is to a column that has no bits" },
        { "\0\4\2\0\1\2\2\0\0\1\xff", 11, "a code is outside of its table" },
        { "\0\5\1\0\1\0\3", 7, "run lengths do not add up" },
        { "\0\6\1\0\1\0\4\0\1", 9, "a patch lies outside of the rows" },
        { "\0\7\1\0\5\0\1\0\0\0", 10, "escaped numbers and codes do not agree" },
        { "\0\xc\0\0\1\2\2\0\1", 9, "repeats and their bits do not agree" },
        { "\0\xc\0\0\1\x10\4\0\1", 9, "a bit map has bits behind its end" },
        { "\0\xb\1\xb\1\xb\1\xb\1\xb\1\xb\1\xb\1\xb\1\0\1", 19, "arrays nest too deep" },
        { "\0\xb\1\xb\1\xb\1\xb\1\xb\1\xb\1\xb\1\0\1", 17, NULL },
        { "\0\4\x81\x80\4\0\1\0\0", 9, "a count is above 65536" },
    };
    cf_schema_t *s = cf_schema_create();
    const cf_field_t *f;
    cf_field_t def = { .name = "t.u4", .kind = CF_KIND_UINT, .width = 4, .meaning = "test" };
    cfi_decoder_t *dec = cfi_decoder_create();
    cf_vec_t v;

    if (cf_field_register(&def, &f, NULL) != CF_OK || cf_schema_add(s, f) < 0)
        abort();
    cf_vec_init(&v, f);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *bytes = malloc(cases[i].n + CFI_CHUNK_SLACK);
        uint32_t nulls = 0;
        parts_t p = { &bytes, (size_t[]){ cases[i].n }, &nulls };
        cf_diag_t d = CF_DIAG_INIT;

        memcpy(bytes, cases[i].bytes, cases[i].n);
        cfi_decoder_begin(dec, s, 4, part_get, &p);
        CFUNIT_INT(cfi_decoder_column(dec, 0, &v, &d), cases[i].text == NULL ? CF_OK : CF_E_FORMAT);
        if (cases[i].text != NULL)
            CFUNIT_STR(d.text, cases[i].text);
        free(bytes);
    }
    cf_vec_fini(&v);
    cfi_decoder_destroy(dec);
    cf_schema_put(s);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_changed_flows), CFUNIT(test_changed_patterns), CFUNIT(test_made_up), { NULL, NULL }
};
CFUNIT_MAIN("codec_hostile", tests)
