/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns to chunks and back: whatever is in a batch comes out of it again, at every level, by
 * portable and by fast loops.
 */
#include <stdlib.h>

#include "cfunit.h"
#include "codec_data.h"

static const cf_level_t levels[] = { CF_LEVEL_FAST, CF_LEVEL_BALANCED, CF_LEVEL_SMALL };

static void
all_patterns(uint32_t rows, unsigned null_permille)
{
    for (unsigned p = 0; p < CODEC_PATTERNS; p++)
        for (unsigned l = 0; l < 3; l++)
            CFUNIT_INT(codec_round_trip(codec_pattern_batch(rows, p, null_permille, p + rows),
                                        levels[l], NULL),
                       0);
}

static void test_one_row(void)
{
    all_patterns(1, 0);
    all_patterns(1, 500);
}

static void test_few_rows(void)
{
    for (uint32_t rows = 2; rows < 140; rows += 9)
        all_patterns(rows, rows % 2 * 200);
}

static void test_some_rows(void)
{
    all_patterns(5000, 0);
    all_patterns(5001, 30);
    all_patterns(4097, 900);
}

static void test_all_null(void)
{
    all_patterns(100, 1000);
}

static void test_full_block(void)
{
    for (unsigned p = 0; p < CODEC_PATTERNS; p++)
        CFUNIT_INT(codec_round_trip(codec_pattern_batch(CF_BATCH_ROWS, p, p % 3 * 20, p),
                                    CF_LEVEL_BALANCED, NULL),
                   0);
}

static void test_flows(void)
{
    static const uint32_t sizes[] = { 1, 2, 7, 64, 1000, 20000, CF_BATCH_ROWS };

    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (unsigned l = 0; l < 3; l++)
            for (unsigned unpaired = 0; unpaired < 2; unpaired++)
                CFUNIT_INT(codec_round_trip(codec_flow_batch(sizes[i],
                                                             i + unpaired * CODEC_UNPAIRED),
                                            levels[l], NULL),
                           0);
}

static void test_portable(void)
{
    setenv("CF_PORTABLE", "1", 1);
    test_flows();
    all_patterns(3000, 50);
    unsetenv("CF_PORTABLE");
}

/* Bytes of a batch's chunks from a new encoder, or one that had other work before; new. */
static uint8_t *encode(cf_batch_t *b, cf_level_t level, cf_batch_t *before, size_t *n)
{
    cfi_encoder_t *e = cfi_encoder_create(level);
    cfi_encoded_t enc;
    uint8_t *copy;

    if ((before != NULL && cfi_encoder_run(e, before, &enc, NULL) != CF_OK)
        || cfi_encoder_run(e, b, &enc, NULL) != CF_OK)
        abort();
    *n = (size_t)enc.start[enc.ncols];
    copy = malloc(*n);
    memcpy(copy, enc.bytes, *n);
    cfi_encoder_destroy(e);
    return copy;
}

/* The bytes hang on batch and level alone: not on earlier blocks, not on the processor. */
static void test_same_bytes(void)
{
    for (unsigned l = 0; l < 3; l++) {
        cf_batch_t *b = codec_flow_batch(9000, 5), *other = codec_flow_batch(20000, 6);
        cf_batch_t *pattern = codec_pattern_batch(9000, 10, 30, 1);
        size_t n, m, k;
        uint8_t *first = encode(b, levels[l], NULL, &n), *second, *third;

        second = encode(b, levels[l], l == 1 ? pattern : other, &m);
        setenv("CF_PORTABLE", "1", 1);
        third = encode(b, levels[l], NULL, &k);
        unsetenv("CF_PORTABLE");
        CU_ASSERT(n == m && memcmp(first, second, n) == 0);
        CU_ASSERT(n == k && memcmp(first, third, n) == 0);
        free(first);
        free(second);
        free(third);
        cf_batch_destroy(b);
        cf_batch_destroy(other);
        cf_batch_destroy(pattern);
    }
}

/* What the format is there for: pairs, correlated names and times take little. */
static void test_small_flows(void)
{
    size_t bytes;

    CFUNIT_INT(codec_round_trip(codec_flow_batch(CF_BATCH_ROWS, 1), CF_LEVEL_BALANCED, &bytes), 0);
    CU_ASSERT(bytes < CF_BATCH_ROWS * 14);
}

static const cfunit_test_t tests[] = { CFUNIT(test_one_row),     CFUNIT(test_few_rows),
                                       CFUNIT(test_some_rows),   CFUNIT(test_all_null),
                                       CFUNIT(test_full_block),  CFUNIT(test_flows),
                                       CFUNIT(test_portable),    CFUNIT(test_same_bytes),
                                       CFUNIT(test_small_flows), { NULL, NULL } };
CFUNIT_MAIN("codec", tests)
