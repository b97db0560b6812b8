/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns to chunks and back: whatever is in a batch comes out of it again, at every level, by portable and by fast loops.
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
            CFUNIT_INT(codec_round_trip(codec_pattern_batch(rows, p, null_permille, p + rows), levels[l], NULL), 0);
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
        CFUNIT_INT(codec_round_trip(codec_pattern_batch(CF_BATCH_ROWS, p, p % 3 * 20, p), CF_LEVEL_BALANCED, NULL), 0);
}

static void test_flows(void)
{
    static const uint32_t sizes[] = { 1, 2, 7, 64, 1000, 20000, CF_BATCH_ROWS };

    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (unsigned l = 0; l < 3; l++)
            CFUNIT_INT(codec_round_trip(codec_flow_batch(sizes[i], i), levels[l], NULL), 0);
}

static void test_portable(void)
{
    setenv("CF_PORTABLE", "1", 1);
    test_flows();
    all_patterns(3000, 50);
    unsetenv("CF_PORTABLE");
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_one_row), CFUNIT(test_few_rows), CFUNIT(test_some_rows), CFUNIT(test_all_null), CFUNIT(test_full_block),
    CFUNIT(test_flows), CFUNIT(test_portable), { NULL, NULL }
};
CFUNIT_MAIN("codec", tests)
