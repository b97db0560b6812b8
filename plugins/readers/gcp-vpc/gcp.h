/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private header of the reader. cf/jsonrec.h finds objects, cf/jsonmap.h leaves their values in
 * slots: one for each row of the map in names.c, some for judging, and those of names that we do not
 * know. entry.c judges what an object is and makes a row of it; column.c keeps the columns of the
 * batch under construction, which come into being when a value comes for them.
 */
#ifndef GCP_H
#define GCP_H

#include <string.h>

#include <cf/jsonmap.h>
#include <cf/jsonrec.h>
#include <cf/plugin.h>
#include <cf/version.h>

#define GCP_UNKNOWN_MAX 64u            /* columns for names that are not known */
#define GCP_TEXT_MAX (12u << 20)       /* bytes of all strings of a batch; then it is given out */
#define GCP_MINUTES 16u
#define GCP_NONE UINT16_MAX

extern const cf_fieldmap_t gcp_map[];

/* How a value becomes a cell. */
typedef enum gcp_op {
    GCP_UINT = 0, GCP_TIME, GCP_MILLIS, GCP_ADDR, GCP_WORD, GCP_STRING, GCP_UNIQUE, GCP_PATH
} gcp_op_t;

/* Where a string stands in its column's dictionary. */
typedef struct gcp_memo {
    uint64_t a, b, mid;                /* first, last and second eight bytes */
    uint32_t code;
    uint16_t n;
    uint16_t generation;
} gcp_memo_t;
#define GCP_MEMO_BITS 8
#define GCP_SIDE_CODES 256u            /* of a side's strings: their codes at the observer's */

typedef struct gcp_column {
    const cf_field_t *field;
    bool wanted;
    bool shown;                        /* in the schema from now on */
    bool left_out;                     /* has values and is not wanted */
    bool begun;                        /* its vector is prepared for this batch */
    uint8_t op;
    uint16_t twin;                     /* dip for sip, svpc for dvpc …; or GCP_NONE */
    uint64_t max;
    cf_vec_t v;
    gcp_memo_t *memo;
    /* of the row under construction */
    uint64_t row;                      /* its number, else the column has nothing yet */
    uint32_t rank;                     /* map row that filled it */
    const cf_jsonval_t *text;
} gcp_column_t;

/* Slots beside those of the map. */
enum { GCP_LOGNAME = 0, GCP_PROTO_PAYLOAD, GCP_SLOTS_OWN };

/* Columns that a row of each kind is made of. */
enum { OBS_INSTANCE = 0, OBS_VPC, OBS_SUBNET, OBS_REGION, OBS_ZONE, OBS_ACCOUNT, OBS_COUNT };

typedef enum gcp_kind {
    GCP_NO_ENTRY = 0,                  /* some other object */
    GCP_OTHER,                         /* an entry of another log */
    GCP_FLOW,
    GCP_FIREWALL
} gcp_kind_t;

typedef struct gcp {
    const cf_reader_env_t *env;
    bool keep_unknown, firewall;
    bool skipping;                     /* rows of an earlier run are left out */
    cf_jsonrec_t *rec;
    cf_jsonmap_t *map;
    cf_jsonpath_t *paths;
    char *path_text;
    uint32_t rows_of_map;              /* slots 0 .. rows_of_map - 1 */
    uint32_t slots;                    /* with own ones */
    uint16_t *column_of;               /* slot → column, GCP_NONE = none */
    /* slots that count only where the record does not say */
    uint16_t late[8], late_column[8], nlate;
    uint8_t *remote;                   /* slot: of the other side of a firewall entry */
    uint8_t *whole;                    /* slot: the value is taken as written */
    gcp_column_t *cols;
    uint32_t ncols, unknown;
    uint16_t unknown_column[4 * GCP_UNKNOWN_MAX];  /* of slots behind the map's */
    uint32_t unknown_asked;            /* so many of them were asked for */
    char out[GCP_UNKNOWN_MAX][64];     /* unknown names that are left out, as the schema tells */
    uint32_t outs;
    cf_schema_t *schema;
    bool schema_old;                   /* a column was shown since */
    uint16_t generation;               /* of memos; they are emptied when it comes round */
    struct { uint32_t code; uint16_t generation; } side[OBS_COUNT][2][GCP_SIDE_CODES];
    uint32_t rows;                     /* of the batch under construction */
    size_t text;                       /* bytes of its strings */
    uint64_t number;                   /* of the row under construction, from 1 */
    int error;                         /* comes when the rows before it are given out */
    cf_diag_t diag;
    /* of the row under construction */
    int64_t stime, etime, logtime;
    uint8_t reporter;
    /* slots by meaning */
    uint16_t s_sip, s_dip, s_start, s_reporter, s_packets, s_bytes, s_action, s_direction;
    /* the log's name that was judged last */
    char log[192];
    uint32_t log_len;
    gcp_kind_t log_kind;
    /* columns by meaning */
    uint16_t c_stime, c_etime, c_sip, c_dip, c_reporter, c_direction, c_action, c_logtime;
    uint16_t c_provider, c_shape, c_counts, c_bytekind, c_resource;
    uint16_t c_obs[OBS_COUNT], c_src[OBS_COUNT], c_dst[OBS_COUNT];
    uint16_t c_gateway[2], c_gateway_place[2], c_gateway_vpc[2], c_gateway_account[2];
    struct { char text[16]; int64_t ns; } minute[GCP_MINUTES];     /* parsed before */
    bool event[CF_BATCH_ROWS];         /* rows that are events */
    /* why the row is none */
    char why[160];
} gcp_t;

/* Build columns, paths and slots of the map. */
int gcp_names_open(gcp_t *g, cf_diag_t *d);
/* Column of an unknown name's slot, made when it is met; GCP_NONE = it is left out. */
int gcp_unknown(gcp_t *g, uint32_t slot, uint16_t *col, cf_diag_t *d);

/* Prepare a column for the batch under construction. CF_EOF: nobody wants it. */
int gcp_begin(gcp_t *g, gcp_column_t *c);
/* A value into a column of the row under construction. Record errors, CF_E_NOMEM, CF_E_LIMIT. */
int gcp_set(gcp_t *g, uint16_t col, const cf_jsonval_t *v);
/* A text into the dictionary: one that hardly repeats into the cell; one for the memo. */
int gcp_unique(gcp_t *g, gcp_column_t *c, const char *s, size_t n);
int gcp_new_text(gcp_t *g, gcp_column_t *c, const char *s, size_t n, gcp_memo_t *m);
/* Forget what the row under construction has set. */
void gcp_undo(gcp_t *g);
/* Columns into the batch. */
int gcp_columns_end(gcp_t *g, cf_batch_t *batch);
void gcp_columns_close(gcp_t *g);

/* What is the object whose values are in slots? */
gcp_kind_t gcp_kind(gcp_t *g, const cf_jsonval_t *v);
/* Make a row of it. CF_OK: kept; a record error with g->why; or a stream error. */
int gcp_entry(gcp_t *g, gcp_kind_t kind, const cf_jsonval_t *v, cf_diag_t *d);

/* The options for finding objects, without rejects. */
extern const cf_jsonrec_options_t gcp_wrappings;
void gcp_free(gcp_t *g);               /* accepts NULL */
int gcp_probe(const cf_probe_t *p);

#endif
