/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private header of the reader zeek-conn. zeek-conn.c is the module's face; tsv.c reads the ASCII
 * writer's lines and json.c the JSON writer's objects; map.c has the names of both; row.c makes what
 * no name stands for.
 */
#ifndef ZEEK_H
#define ZEEK_H

#include <string.h>

#include <cf/delim.h>
#include <cf/version.h>

enum { SET_TIME };

/* Cells that the row function looks at, or -1. */
typedef struct zeek_cells {
    int stime, etime, proto, ip_proto, sip, sport, dport, itype, icode, history, flags, rflags;
} zeek_cells_t;

#define ZEEK_WORD 32               /* bytes of #unset_field and #empty_field */

typedef struct zeek {
    const cf_reader_env_t *env;
    bool started, json;
    bool millis;                   /* ts of JSON is in milliseconds */
    uint64_t skip;
    cf_cells_t *table;             /* of the header in force; NULL = none yet, or not of conn */
    zeek_cells_t at;
    int error;                     /* told after the rows before it */
    cf_diag_t diag;
    /* lines */
    cf_delim_t *lines;
    bool other;                    /* the header in force is another log's */
    bool handed;                   /* the batch is complete: another header came */
    bool escaped;                  /* the line has a backslash */
    char unset[ZEEK_WORD], empty[ZEEK_WORD];
    const char *nulls[4];
    uint32_t values;
    char *title;                   /* the #fields line in force */
    size_t title_len;
    uint64_t head;                 /* where the header begins */
    uint32_t head_len;
    bool in_header;
    uint32_t refused;              /* lines before any header */
    char *plain;                   /* strings whose escapes are undone */
    uint32_t strings[96];          /* cells of strings */
    uint32_t nstrings;
    /* JSON */
    struct zeek_json *objects;
} zeek_t;

extern const cf_fieldmap_t zeek_map[];
enum {
    ZEEK_ROW_TS, ZEEK_ROW_ORIG, ZEEK_ROW_ORIG_TOO, ZEEK_ROW_RESP, ZEEK_ROW_RESP_TOO,
    ZEEK_ROW_IP_PROTO, ZEEK_ROW_PROTO, ZEEK_ROW_STATE, ZEEK_ROW_TUNNEL
};

/* Words of columns that are left out: Zeek's own affairs. */
bool zeek_passed(const char *name, size_t n);
/* Words of booleans. */
extern const cf_word_t zeek_booleans[];
/* Note the place of a field's cell. */
void zeek_note(zeek_cells_t *at, const char *ours, int cell);
/* Is this field made by the row function, whatever the text? */
bool zeek_made(const char *ours);
int zeek_row(void *ctx, cf_cell_t *cells, const char **why);

/* Fill the batch from lines: CF_OK, CF_EOF or an error. */
int zeek_lines(zeek_t *st, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d);
int zeek_probe_lines(const cf_probe_t *p);

/* The same of objects. */
int zeek_json_open(zeek_t *st, cf_diag_t *d);
void zeek_json_close(struct zeek_json *j);         /* accepts NULL */
int zeek_json_read(struct zeek_json *j, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d);
int zeek_json_cursor(const struct zeek_json *j, cf_cursor_t *c, cf_diag_t *d);
int zeek_probe_json(const cf_probe_t *p);

#endif
