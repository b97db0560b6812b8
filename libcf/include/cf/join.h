/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that belong together: those that tell the same traffic twice (cf_dedupe), and those that
 * tell parts of one connection (cf_stitch). Batches go in, in the order of the input; batches come
 * out through a function of the caller. Both engines run in one thread, keep within a stated memory
 * and give the same output for the same batches, whatever else the machine does.
 *
 * Rows that are not flows (logstatus nodata, skipdata) pass through as they are.
 */
#ifndef CF_JOIN_H
#define CF_JOIN_H

#include <cf/group.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Takes rows of an engine: the batch is borrowed for the call, sel = rows that count (NULL = all).
 * An error ends the engine's call with it.
 */
typedef int (*cf_join_sink_fn)(void *ctx, const cf_batch_t *b, const uint64_t *sel, cf_diag_t *d);

/* ---- the same traffic twice ------------------------------------------------------------------ */

/*
 * Rules. Of two rows that a rule finds alike, one is kept and the other marked.
 *   exact      all columns are equal: a record delivered twice, two logs on one interface; the
 *              first is kept
 *   uid        the provider's identifier, the 5-tuple and both times are equal; the first is kept
 *   reporter   both ends of one connection reported one interval (Google): same 5-tuple, other
 *              reporter, times that meet within the tolerance; kept is src, else dest, else
 *              src-gateway, else dest-gateway
 *   interface  two interfaces saw the same packets (AWS, Azure, …): same 5-tuple, action and state,
 *              other interface, not the same direction, times that meet within the tolerance; kept
 *              is the egress side, or the first when no direction is told
 */
enum {
    CF_DEDUPE_EXACT = 1,
    CF_DEDUPE_UID = 2,
    CF_DEDUPE_REPORTER = 4,
    CF_DEDUPE_INTERFACE = 8
};
#define CF_DEDUPE_RULES 4

/* Name of the rule with bit 1 << i; NULL behind the last. Borrowed. */
CF_API const char *cf_dedupe_rule_name(unsigned i);

typedef struct cf_dedupe_options {
    uint32_t rules;            /* CF_DEDUPE_…; 0 = all, as they fit the row's provider */
    int64_t tolerance;         /* ns between times that still meet */
    int64_t wait;              /* ns for which a row waits for the side that would be kept */
    uint64_t memory;           /* bytes; at least 1 MiB is taken */
    bool remove;               /* leave out what is found, instead of marking it */
    cf_join_sink_fn sink;
    void *ctx;
} cf_dedupe_options_t;

typedef struct cf_dedupe cf_dedupe_t;

/* Options are copied. New. */
CF_API int cf_dedupe_create(cf_dedupe_t **e, const cf_dedupe_options_t *o, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_dedupe_destroy(cf_dedupe_t *e);
/*
 * Rows in the order of the input; they come out in that order, with the column dup: 0, or 1 when
 * another row that is kept tells the same, null where the row is no flow. What came in with dup 1
 * keeps it and takes no part.
 */
CF_API int cf_dedupe_put(cf_dedupe_t *e, const cf_batch_t *b, cf_diag_t *d) CF_MUST_USE;
/* Give out what waits. Once, at the end. */
CF_API int cf_dedupe_finish(cf_dedupe_t *e, cf_diag_t *d) CF_MUST_USE;

typedef struct cf_dedupe_summary {
    uint64_t rows, status;     /* read; of them no flows */
    uint64_t before;           /* came with dup 1 */
    uint64_t found[CF_DEDUPE_RULES];   /* by rule */
    uint64_t other_side;       /* kept is not the side the rule says, because it was out already */
    uint64_t early;            /* rows that memory let out before their wait was over */
    uint64_t compared;         /* every row was compared with so many before it, or with all */
    uint64_t forgotten;        /* rows that later ones were not compared with */
    int64_t span;              /* shortest time that these lay behind; ns */
} cf_dedupe_summary_t;
CF_API void cf_dedupe_summary(const cf_dedupe_t *e, cf_dedupe_summary_t *s);

/* ---- parts of one flow ----------------------------------------------------------------------- */

/*
 * Rows with one key are joined in order of time. The key is the interface, addresses, ports,
 * protocol, action, direction and reporter, and the rule when asked for.
 *   begin, continue, end   (Azure) a begin closes what was open; a part or end without begin opens
 *                          a flow whose begin was not seen
 *   windows                (AWS, exporters) join while the gap is no longer than idle; a SYN behind
 *                          FIN or RST in the same direction begins another flow
 * Denied tuples are reports of their own. Flows that are whole already, rows with dup 1 and rows
 * without addresses or time pass as they are.
 */
typedef struct cf_stitch_options {
    int64_t idle;              /* ns without a part that end a flow */
    int64_t active;            /* ns after which a flow is cut; 0 = never */
    int64_t reorder;           /* rows of an interface may come so late, ns */
    uint64_t memory;           /* bytes; at least 1 MiB is taken */
    bool by_rule;              /* the rule belongs to the key */
    bool biflow;               /* rows of both directions are one flow */
    cf_join_sink_fn sink;
    void *ctx;
} cf_stitch_options_t;

typedef struct cf_stitch cf_stitch_t;

/* Options are copied. New. */
CF_API int cf_stitch_create(cf_stitch_t **e, const cf_stitch_options_t *o, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_stitch_destroy(cf_stitch_t *e);
/* Columns of the output for rows with these columns. New; NULL without memory. */
CF_API cf_schema_t *cf_stitch_schema(const cf_stitch_t *e, const cf_schema_t *in);
CF_API int cf_stitch_put(cf_stitch_t *e, const cf_batch_t *b, cf_diag_t *d) CF_MUST_USE;
/* All flows end. Once, at the end. */
CF_API int cf_stitch_finish(cf_stitch_t *e, cf_diag_t *d) CF_MUST_USE;

typedef struct cf_stitch_summary {
    uint64_t rows, status;     /* read; of them no flows */
    uint64_t passed;           /* given out as they are, with the status rows */
    uint64_t flows;            /* given out, without those */
    uint64_t complete[6];      /* flows by code of the field complete */
    uint64_t opener[3];        /* biflow: by code of opener */
    uint64_t openby[6];        /* biflow: by code of openby */
    uint64_t cut_active, cut_memory;   /* flows cut, by reason */
    uint64_t late;             /* rows that came too late to be put in order */
    uint64_t unordered;        /* flows given out behind one that starts later */
    cf_sum_t packets[2], bytes[2];     /* of both directions: read, and given out */
} cf_stitch_summary_t;
CF_API void cf_stitch_summary(const cf_stitch_t *e, cf_stitch_summary_t *s);

#ifdef __cplusplus
}
#endif
#endif
