/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte sources: any bytes, unpacked when they look packed, read by lines and again by windows, end
 * in CF_EOF or in an error with a sentence; no more than the bound is unpacked from a small input.
 */
#include <cf/input.h>

#include "fuzz.h"

enum { ENOUGH = 1 << 22 };

static void
by_lines(cf_input_t *in)
{
    cf_diag_t d = CF_DIAG_INIT;
    const char *line;
    size_t n;
    int err;

    do {
        err = cf_input_line(in, 1000, &line, &n, &d);
        if (err == CF_OK)
            FUZZ_CHECK(n <= 1000);
    } while ((err == CF_OK || err == CF_R_LONG) && cf_input_offset(in) < ENOUGH);
    FUZZ_CHECK(err == CF_OK || err == CF_R_LONG || err == CF_EOF || d.text[0] != '\0');
}

static void
by_windows(cf_input_t *in)
{
    cf_diag_t d = CF_DIAG_INIT;
    const char *p;
    size_t n, want = 1;
    int err;

    while ((err = cf_input_fill(in, want, &p, &n, &d)) == CF_OK) {
        FUZZ_CHECK(n > 0);
        cf_input_consume(in, n > want ? want : n);
        want = want * 3 % 5000 + 1;
        if (cf_input_offset(in) > ENOUGH)
            break;
    }
    FUZZ_CHECK(err == CF_OK || err == CF_EOF || d.text[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_input_t *in = NULL;

    if (cf_input_open_memory(&in, "fuzz", bytes, n, 0, &d) == CF_OK) {
        by_lines(in);
        cf_input_close(in);
    }
    in = NULL;
    if (cf_input_open_memory(&in, "fuzz", bytes, n, 0, &d) == CF_OK) {
        by_windows(in);
        (void)cf_input_packing(in);
        cf_input_close(in);
    }
    return 0;
}
