/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private header of the reader. The way of a flow log: document.c goes through the JSON of an
 * object token by token, takes the header and finds the elements of its list; row.c knows which
 * value becomes which column and what the header gives to each row. All state hangs on ibm_t,
 * which belongs to one input.
 */
#ifndef IBM_H
#define IBM_H

#include <string.h>

#include <cf/cells.h>
#include <cf/json.h>
#include <cf/jsonmap.h>
#include <cf/plugin.h>

/* Rows of ibm_map with a name, and texts of a row, in one order. */
enum {
    IBM_START, IBM_END, IBM_CONN, IBM_DIRECTION, IBM_ACTION, IBM_SRC, IBM_DST, IBM_SPORT,
    IBM_DPORT, IBM_PROTO, IBM_TYPE, IBM_BYTES, IBM_PACKETS, IBM_RBYTES, IBM_RPACKETS,
    IBM_TOTAL_BYTES, IBM_TOTAL_PACKETS, IBM_TOTAL_RBYTES, IBM_TOTAL_RPACKETS,
    IBM_INITIATED, IBM_TERMINATED,
    IBM_FLOW,                      /* all before are members of a flow log */
    IBM_STATE = IBM_FLOW, IBM_IFACE, IBM_INSTANCE, IBM_VPC, IBM_COLLECTOR, IBM_ENDPOINT,
    IBM_CAPTURE_START, IBM_CAPTURE_END,
    IBM_KEYS,                      /* the rest is made of the header */
    IBM_ACCOUNT = IBM_KEYS, IBM_REGION, IBM_ZONE,
    IBM_TEXTS
};

#define IBM_HEAD (IBM_KEYS - IBM_FLOW)
#define IBM_VALUE_MAX 1024u        /* bytes of a value of the header */
#define IBM_ELEMENT_MAX 8192u      /* bytes of a flow log that is taken at once */
/* Flow logs that wait for the header of their object, which stands behind them. */
#define IBM_HELD_MAX (4u << 20)

/* A row that waits: its texts lie in the arena. */
typedef struct ibm_held {
    uint64_t offset;
    uint32_t at[IBM_FLOW];         /* UINT32_MAX = no such text */
    uint32_t len[IBM_FLOW];
} ibm_held_t;

typedef enum ibm_where {
    IBM_TOP,                       /* between objects */
    IBM_DOC,                       /* in an object */
    IBM_LIST                       /* in its flow_logs */
} ibm_where_t;

typedef struct ibm {
    const cf_reader_env_t *env;
    cf_json_t *json;
    cf_jsonmap_t *map;             /* of a flow log */
    cf_cells_t *cells;
    int cell[IBM_TEXTS];
    uint64_t skip;
    int failed;                    /* comes when the rows before it are given out */
    cf_diag_t why;
    /* place */
    ibm_where_t where;
    uint32_t base;                 /* arrays around the objects: 0 or 1 */
    uint64_t open;                 /* offset of the array around the objects */
    uint64_t begin;                /* offset behind the last complete object */
    uint64_t given;                /* rows given out until there */
    uint64_t offset;               /* of the object */
    /* the object */
    cf_text_t text[IBM_TEXTS];
    cf_text_t told[IBM_TEXTS - IBM_FLOW];      /* what the header gives to rows, see ibm_head */
    char seconds[CF_DURATION_TEXT];
    cf_text_t row;                 /* the flow log as it is written, for messages */
    char head[IBM_HEAD][IBM_VALUE_MAX];
    uint32_t seen;                 /* keys of the header, a bit each */
    bool list;                     /* it has flow_logs */
    uint64_t flows;                /* flow logs met in it */
    bool ended;                    /* its end was met: a status row may follow */
    bool again;                    /* it ended in the middle, at the begin of the next */
    uint64_t again_offset;
    bool element;                  /* a flow log has begun, behind broken JSON */
    uint64_t element_offset;
    int late;                      /* comes when the rows that wait are given out */
    cf_diag_t late_why;
    /* rows that wait */
    bool holding;
    ibm_held_t *held;
    uint32_t nheld, held_room, next;
    char *arena;
    size_t arena_len, arena_size;
} ibm_t;

extern const cf_fieldmap_t ibm_map[];

/* Number of a key of a flow log (0 … IBM_FLOW - 1) or header; -1 = another. */
int ibm_key(const char *s, size_t n, bool flow);

/* Columns by the map. */
int ibm_columns(ibm_t *st, cf_diag_t *d);
/* Make the texts that the header gives to each row of its object of those that it has. */
void ibm_head(ibm_t *st);
/* Its texts are in st->text. */
int ibm_row(ibm_t *st, uint64_t offset, cf_diag_t *d);
/* The row that an object has beside its flow logs, if it has one. */
int ibm_status(ibm_t *st, cf_diag_t *d);
/* A flow log waits for the header. CF_E_LIMIT: it does, but no more may. */
int ibm_hold(ibm_t *st, uint64_t offset);
/* Texts of the next row that waits. */
void ibm_held(ibm_t *st, const ibm_held_t *h);

/* Rows until the batch is full or the input ends. */
int ibm_fill(ibm_t *st, cf_input_t *in, cf_diag_t *d);
int ibm_cursor(void *state, cf_cursor_t *c, cf_diag_t *d);
int ibm_probe(const cf_probe_t *p);

#endif
