/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to the map. Every path that was met is a node; a leaf is where a value stood. What came
 * between one value and the next (the closing quote, brackets, commas, keys, blanks, the next
 * opening quote) is an edge from leaf to leaf: its bytes, and where they lead. The walk compares
 * the edges of a leaf with what follows it; only bytes that no edge knows are parsed (mapstep.c) and
 * make a new one. Edges were parsed once, so equal bytes need no second look. All tables are bounded
 * and forgotten when full.
 */
#ifndef CFI_JSON_MAP_H
#define CFI_JSON_MAP_H

#include <cf/jsonmap.h>

#include "json/check.h"

#define CFI_EDGE_TEXT 96u          /* longer ones are parsed each time */
#define CFI_MAP_EDGES 4096u
#define CFI_MAP_CHAIN 16u          /* edges of one leaf */
#define CFI_MAP_KEYED 4096u        /* beyond it keys share a node: "some other key" */
#define CFI_MAP_NODES (3 * CFI_MAP_KEYED + 8)
#define CFI_MAP_INDEX (8 * CFI_MAP_KEYED)
#define CFI_MAP_KEYS (256u << 10)  /* bytes of all keys */

typedef enum cfi_edge_kind {
    CFI_EDGE_END = 0,              /* the object is over */
    CFI_EDGE_STRING,               /* the opening quote is the edge's last byte */
    CFI_EDGE_SCALAR,               /* number or word */
    CFI_EDGE_EMPTY,                /* {} or [] */
    CFI_EDGE_WHOLE                 /* any value, taken as written */
} cfi_edge_kind_t;

typedef struct cfi_edge {
    char text[CFI_EDGE_TEXT];      /* zeros behind it */
    uint32_t mask;                 /* bit for each of the first 32 bytes that do not count */
    uint32_t len;
    uint32_t kind;
    uint32_t to;                   /* node */
    uint32_t slot;
    uint32_t next;                 /* of the same leaf; 0 = none */
    uint32_t guess;                /* edge that followed last time; 0 = none */
    uint32_t fill;
} cfi_edge_t;

typedef struct cfi_node {
    uint32_t parent;
    uint32_t key, key_len;         /* in keys; key_len of an element: its number */
    uint32_t edge;                 /* first; 0 = none */
    uint16_t depth;
    bool array;                    /* element of an array */
    bool whole;                    /* its value is taken as written */
    bool other;                    /* stands for keys that found no room */
    bool resolved;
    uint32_t slot;
} cfi_node_t;

typedef struct cfi_path {
    char *text;
    uint32_t len;
    uint32_t slot;
    bool whole;
} cfi_path_t;

struct cf_jsonmap {
    cf_jsonval_t *val;             /* slots, extra, and one that nobody reads */
    uint32_t slots, extra;
    uint32_t met;                  /* of extra */
    uint32_t trash;                /* slot of what is dropped */
    uint32_t dropped;
    uint32_t nfilled;
    uint16_t *filled;
    bool avx2;
    bool full;                     /* forget before the next walk */
    cf_buf_t arena;                /* strings with escapes */
    cfi_edge_t *edges;             /* [0] is scratch */
    cfi_edge_t begin;              /* only its guess counts: the first edge of an object */
    uint32_t nedges;
    cfi_node_t *nodes;             /* [0] is the object itself */
    uint32_t nnodes;
    uint32_t *index;               /* node by parent and key; 0 = none */
    cf_buf_t keys;
    cf_buf_t key;                  /* one with escapes */
    cfi_path_t *paths;             /* of the table, then those met */
    uint32_t npaths;
    uint32_t *path_index;          /* by text; UINT32_MAX = none */
    uint32_t path_mask;
};

/* Where a walk stands and what went wrong. */
typedef struct cfi_walk {
    cf_jsonmap_t *m;
    const char *text, *end;        /* the object */
    const char *safe;              /* so far may be read */
    const char *at;                /* the fault */
    const char *why;
} cfi_walk_t;

/* Forget nodes and edges; only nodes of the table's paths are there then. CF_OK or CF_E_NOMEM. */
int cfi_map_forget(cf_jsonmap_t *m);
/*
 * Parse what follows the value of a leaf (or begins the object), from q on, into an edge: one that
 * stays, or the scratch one. CF_OK, CF_R_SYNTAX, CF_E_NOMEM.
 */
int cfi_map_step(cfi_walk_t *w, uint32_t leaf, const char *q, cfi_edge_t **e);
/* Can what follows the bytes of this edge be its value? The same bytes may lead to others. */
static inline bool cfi_map_fits(const cfi_edge_t *e, const char *q, const char *end)
{
    bool scalar = (*q >= '0' && *q <= '9') || *q == '-' || *q == 't' || *q == 'f' || *q == 'n';
    const char *in;

    if (e->kind == CFI_EDGE_SCALAR)
        return scalar;
    if (e->kind == CFI_EDGE_WHOLE)
        return scalar || *q == '"' || *q == '{' || *q == '[';
    if (*q != '{' && *q != '[')
        return false;
    in = cfi_json_blanks(q + 1, end);
    return in < end && *in == (*q == '{' ? '}' : ']');
}

/* Slot of a path: of the table, or met before, or new among the extra ones. */
uint32_t cfi_map_slot(cf_jsonmap_t *m, const char *path, size_t n, bool leaf, bool *whole);
/* Slow ways of values; *q is moved behind it (a string's: to the closing quote). */
int cfi_map_string(cfi_walk_t *w, const char **q, cf_jsonval_t *v);
int cfi_map_scalar(cfi_walk_t *w, const char **q, cf_jsonval_t *v);
int cfi_map_whole(cfi_walk_t *w, const char **q, cf_jsonval_t *v);

int cfi_map_walk_plain(cfi_walk_t *w);
/* Only where cfi_json_wide says so. */
int cfi_map_walk_avx2(cfi_walk_t *w);

#endif
