/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfstitch: cfstitch.c has options and the run, report.c what is said about it.
 */
#ifndef CFSTITCH_H
#define CFSTITCH_H

#include <cf/cli.h>
#include <cf/join.h>

typedef struct cfstitch {
    cf_cli_t cli;
    cf_stitch_options_t o;
    cf_scan_t *scan;
    cf_stitch_t *engine;
    cf_flowsout_t *out;
    bool failed;               /* the output, not an input */
} cfstitch_t;

void cfstitch_tell(cfstitch_t *x, const cf_stitch_summary_t *s);
void cfstitch_count(cfstitch_t *x, const cf_stitch_summary_t *s);
/* Counters of both directions, read and given out, must agree. */
bool cfstitch_balanced(const cf_stitch_summary_t *s);

#endif
