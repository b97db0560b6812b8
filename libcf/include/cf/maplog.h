/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers by their map. The table that tells people which name of a log becomes which field
 * (cf_fieldmap_t, cfplugin map) is enough to read many logs by: cf_map_columns makes the columns of
 * a cf_cells_t of it, and a cf_maplog_t reads a log of JSON records as a whole. What is left to the
 * reader is what its provider means: which objects are its records, values that are made of others,
 * rows that are no flows.
 */
#ifndef CF_MAPLOG_H
#define CF_MAPLOG_H

#include <cf/jsonrec.h>
#include <cf/cells.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CF_MAP_MAX 64u                 /* rows of a map with a name of the log */

/* Further spellings of the words of a field. */
typedef struct cf_mapwords {
    const char *ours;                  /* NULL ends a list */
    const cf_word_t *words;
} cf_mapwords_t;

/*
 * One column for each field that a row of the map with a name has, and constants for the rows
 * without one that state a single value. Text from[i] of a row (from NULL: text i) belongs to row i
 * of the map; -1 = the log has no such name; rows behind the first of a field give no column unless
 * those before are -1. The unit says how a text is read: "s", "ms", "us", "ns", "hex" (flags), else as usual; uid is
 * a string that hardly repeats. cell[i] becomes the number of the column of row i's field, or -1.
 */
CF_API int cf_map_columns(cf_cells_t *t, const cf_fieldmap_t *map, const cf_mapwords_t *words, const int *from,
                          int *cell, cf_diag_t *d) CF_MUST_USE;

typedef struct cf_maplog_spec {
    /*
     * Names are paths of JSON (cf/jsonmap.h). Where two rows have one name its text goes to the
     * first, and complete may fill the other.
     */
    const cf_fieldmap_t *map;
    const cf_mapwords_t *words;        /* or NULL */
    /* what may stand before the paths in one wrapping or another, "" among them; NULL = nothing */
    const char *const *prefixes;
    bool dashes;                       /* a '-' of a name may be '_' in the log */
    const char *const *nulls;          /* as in cf_cells_options_t */
    cf_jsonrec_options_t framing;      /* rejects is filled in */
    /*
     * Is the object a record of this log? Texts by row of the map. What is none is looked into
     * (cf_jsonrec_enter), else counted among the account's others.
     */
    bool (*mine)(const cf_text_t *texts);
    /* Fill texts out of others; or NULL. Called behind mine. */
    void (*complete)(void *ctx, cf_text_t *texts);
    /* As in cf_cells_options_t; cells by cf_maplog_cells. */
    cf_row_fn row;
    void *ctx;                         /* of both */
} cf_maplog_spec_t;

typedef struct cf_maplog cf_maplog_t;

/* New; the specification and env are borrowed until close. */
CF_API int cf_maplog_open(cf_maplog_t **l, const cf_maplog_spec_t *spec, const cf_reader_env_t *env,
                          cf_diag_t *d) CF_MUST_USE;
CF_API void cf_maplog_close(cf_maplog_t *l);   /* accepts NULL */
/* Number of the cell of each row of the map, or -1. Borrowed. */
CF_API const int *cf_maplog_cells(const cf_maplog_t *l);
/* The read and cursor of a reader; always the same input. */
CF_API int cf_maplog_read(cf_maplog_t *l, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d) CF_MUST_USE;
CF_API int cf_maplog_cursor(const cf_maplog_t *l, cf_cursor_t *c, cf_diag_t *d) CF_MUST_USE;
/*
 * For a probe: how many of the first objects, at most max, are records of the log; *met counts
 * all. Wrappings are undone as far as the bytes reach.
 */
CF_API unsigned cf_maplog_probe(const cf_maplog_spec_t *spec, const cf_probe_t *p, unsigned max, unsigned *met);

#ifdef __cplusplus
}
#endif
#endif
