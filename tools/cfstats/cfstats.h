/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of cfstats: options.c reads the command line, values.c the list of values, cfstats.c
 * makes top lists, overall.c the summary of --overall.
 */
#ifndef CFSTATS_H
#define CFSTATS_H

#include <cf/cli.h>
#include <cf/group.h>

typedef unsigned __int128 wide_t;

#define SHARE_SCALE 4          /* digits behind the point of a percentage */
#define VALUE_NAME 80

typedef struct cfstats {
    cf_cli_t cli;
    const char *list;          /* --fields */
    const char *values_list;   /* --values */
    bool bottom;
    bool overall;
    bool include_status;
    bool has_count, has_threshold, has_percentage;
    uint64_t count;
    uint64_t threshold;
    uint64_t percentage;       /* in millionths of a percent */
    cf_print_options_t print;

    cf_scan_t *scan;
    const cf_field_t **keys;
    size_t nkeys;
    cf_agg_t values[CF_GROUP_VALUES_MAX];
    char names[CF_GROUP_VALUES_MAX][VALUE_NAME];
    size_t nvalues;
    FILE *out;
} cfstats_t;

extern const cf_cmd_t cfstats_cmd;

/* 0, or the exit status of a usage error that was told. */
int cfstats_options(cfstats_t *x);
/* x->values from --values or the default. */
int cfstats_values(cfstats_t *x, cf_diag_t *d);
int cfstats_overall(cfstats_t *x, cf_diag_t *d);

/* Did a scan end well, or only inputs fail (the answer is then that of the others)? */
bool cfstats_inputs_only(int rc);
/* part / whole in percent with SHARE_SCALE digits, rounded half up; whole > 0. */
uint64_t cfstats_share(wide_t part, wide_t whole);
/* "3 rows are no flows (1 nodata, 2 skipdata); left out", when there are such. */
void cfstats_caption_status(const cfstats_t *x, const cf_group_summary_t *s, cf_table_t *t);
/* Warn when bytes of different kinds were added. */
void cfstats_warn_bytekinds(cfstats_t *x, uint32_t kinds);

#endif
