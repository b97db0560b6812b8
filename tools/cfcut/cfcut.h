/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of cfcut: options.c reads the command line, cfcut.c prints all rows or a range of them,
 * tail.c the last ones.
 */
#ifndef CFCUT_H
#define CFCUT_H

#include <cf/cli.h>

typedef struct cfcut {
    cf_cli_t cli;
    const char *list;              /* --fields */
    bool all_fields;
    uint64_t start;                /* first row wanted, from 1 */
    uint64_t count;                /* rows wanted; 0 = all */
    uint64_t tail;                 /* last rows wanted; 0 = not by the end */
    cf_print_options_t print;

    cf_scan_t *scan;
    const cf_field_t **fields;
    size_t nfields;
    FILE *out;
    cf_flowprint_t *flows;
    uint64_t sel[CF_BATCH_WORDS];  /* rows of the block at a border of the range */
} cfcut_t;

extern const cf_cmd_t cfcut_cmd;

/* 0, or the exit status of a usage error that was told. */
int cfcut_options(cfcut_t *x);
/* The last x->tail rows of x->scan, held as text until the end is seen. */
int cfcut_tail(cfcut_t *x, cf_diag_t *d);
/*
 * Rows of all inputs, when that can be known without decoding them: .cf files that can be read
 * twice.
 */
bool cfcut_count_rows(cfcut_t *x, uint64_t *rows);

#endif
