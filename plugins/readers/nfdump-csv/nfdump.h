/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private header of the reader nfdump-csv. nfdump-csv.c reads lines, plan.c makes cells of a header
 * line by the map, row.c undoes what nfdump writes for "nothing" and takes ICMP out of the port.
 */
#ifndef NFDUMP_H
#define NFDUMP_H

#include <string.h>

#include <cf/delim.h>
#include <cf/version.h>

/* Cells that the row function looks at, or -1. */
typedef struct nfdump_cells {
    int stime, etime, duration, proto, sport, dport, port_text, itype, icode, tos, dscp, fwd, action;
    int direction, direction_text, shape, packets, rpackets, rbytes, sip;
} nfdump_cells_t;

#define NFDUMP_ZEROS_MAX 32

typedef struct nfdump {
    const cf_reader_env_t *env;
    cf_zone_t *zone;
    cf_as_t times;             /* how times are written; CF_AS_NONE = by the header */
    uint64_t skip;
    cf_delim_t *lines;
    cf_cells_t *table;         /* of the header in force; NULL = none yet */
    nfdump_cells_t at;
    /* cells where zero, an address of zeros, and so on stand for nothing */
    int zeros[NFDUMP_ZEROS_MAX];
    uint8_t zero_kind[NFDUMP_ZEROS_MAX];
    uint32_t nzeros;
    uint32_t values;
    char *title;
    size_t title_len;
    uint64_t head;
    uint32_t head_len;
    unsigned tail;             /* lines of a summary still to come */
    uint32_t refused;          /* lines before any header */
    bool handed;               /* the batch is complete: another header came */
    int error;
    cf_diag_t diag;
} nfdump_t;

extern const cf_fieldmap_t nfdump_map[];

/* How many titles are nfdump's, and whether they make flows; csv_fast: times are milliseconds. */
uint32_t nfdump_titles(const cf_text_t *title, uint32_t n, bool *flows, bool *csv_fast);
/* A header line becomes st->table. */
int nfdump_plan(nfdump_t *st, const cf_line_t *header, cf_diag_t *d);
int nfdump_row(void *ctx, cf_cell_t *cells, const char **why);

#endif
