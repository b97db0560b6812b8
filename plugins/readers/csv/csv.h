/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private header of the reader csv. settings → map.c (what the user says about columns) → plan.c
 * (header or order becomes cells) → csv.c (lines); row.c computes what is spread over columns.
 */
#ifndef CSV_H
#define CSV_H

#include <string.h>

#include <cf/delim.h>
#include <cf/version.h>

#define CSV_ITEMS_MAX 512u

enum {
    SET_COLUMNS, SET_DELIMITER, SET_HEADER, SET_QUOTE, SET_NULL, SET_TIMEZONE, SET_CONSTANTS,
    SET_UNKNOWN, SET_COMMENT
};
enum { HEADER_AUTO, HEADER_YES, HEADER_NO, HEADER_SKIP };

/* Targets that are no fields: both directions together. */
typedef enum csv_special { CSV_FIELD, CSV_DROP, CSV_TOTAL_BYTES, CSV_TOTAL_PACKETS } csv_special_t;

/* One item of the setting columns; texts lie in the map's copy of it. */
typedef struct csv_item {
    char *source;              /* title, NULL = the next value in order */
    const cf_field_t *field;
    csv_special_t special;
    cf_as_t as;
    char *pattern;
    cf_word_t *words;          /* ours; texts in the copy */
    bool lenient;
    bool used;
} csv_item_t;

typedef struct csv_map {
    char *copy;
    csv_item_t *item;
    uint32_t n;
    bool titles;               /* items name titles */
} csv_map_t;

/* From the text of the setting; CF_E_USAGE with a sentence. */
int csv_map_parse(csv_map_t *m, const char *text, cf_diag_t *d);
void csv_map_fini(csv_map_t *m);
/* "provider=acme,shape=uni": every pair to the table, or only checked when it is NULL. */
int csv_constants(cf_cells_t *table, const char *text, cf_diag_t *d);

/* Cells that the row function looks at, or -1. */
typedef struct csv_cells {
    int stime, etime, duration, bytes, packets, rbytes, rpackets, total_bytes, total_packets;
} csv_cells_t;

typedef struct csv {
    const cf_reader_env_t *env;
    csv_map_t map;
    int header;                /* HEADER_YES, NO or SKIP */
    bool quote, keep_unknown;
    char sep, comment;
    bool sep_known, runs;
    char *nulls_copy;
    const char *nulls[17];
    cf_zone_t *zone;
    uint64_t skip;
    /* once the header is met */
    cf_delim_t *lines;
    cf_cells_t *table;
    csv_cells_t at;
    uint32_t values;           /* of a row */
    char *title;               /* header line, to know it again */
    size_t title_len;
    uint64_t head;
    uint32_t head_len;
    int error;                 /* told after the rows before it */
    cf_diag_t diag;
} csv_t;

/* The header line (NULL: there is none) becomes st->table. */
int csv_plan(csv_t *st, const cf_line_t *header, uint32_t values, cf_diag_t *d);
int csv_row(void *ctx, cf_cell_t *cells, const char **why);
/* The separator that stands most often in a line outside of quotes. */
char csv_guess_separator(const char *s, size_t n);
int csv_probe(const cf_probe_t *p);

#endif
