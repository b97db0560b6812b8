/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of delimited text (CSV as RFC 4180 has it, TSV, anything with one separator) cut into
 * values, with their places in the input. For readers; cf/cells.h makes columns of the values.
 */
#ifndef CF_DELIM_H
#define CF_DELIM_H

#include <cf/cells.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CF_DELIM_VALUES_MAX 1024u
#define CF_DELIM_LINE_MAX 65535u

typedef struct cf_delim_options {
    char sep;
    bool quote;                /* "…" may hold separators, line ends and "" */
    bool runs;                 /* several separators are one; leading and trailing ones none */
} cf_delim_options_t;

typedef struct cf_line {
    const cf_text_t *value;    /* borrowed until the next call, like the texts */
    uint32_t count;
    cf_place_t place;
    const char *why;           /* sentence for a record error */
} cf_line_t;

typedef struct cf_delim cf_delim_t;

/* New. */
CF_API int cf_delim_create(cf_delim_t **l, const cf_delim_options_t *o, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_delim_destroy(cf_delim_t *l);   /* accepts NULL */
/* Another separator from the next line on. */
CF_API void cf_delim_separator(cf_delim_t *l, char sep);
/*
 * Next line that is not empty. CF_EOF at the end; a record error with line->why and its place for
 * a line that cannot be cut (go on with the next call); or the input's error, the last line before
 * it being left out unless its end is there. The input is the cutter's alone meanwhile. A byte
 * order mark is passed over.
 */
CF_API int cf_delim_next(cf_delim_t *l, cf_input_t *in, cf_line_t *line, cf_diag_t *d) CF_MUST_USE;
/* Bytes of lines given out. */
CF_API uint64_t cf_delim_offset(const cf_delim_t *l);
/* The line that came last is no row (a header, a comment): a cursor need not skip it. */
CF_API void cf_delim_norow(cf_delim_t *l);
/*
 * A cursor (cf/plugin.h): offset behind the last complete line, skip for a row that was given out
 * without its end. The head is taken when its end was there, else left out.
 */
CF_API void cf_delim_cursor(const cf_delim_t *l, uint64_t head, uint32_t head_len, cf_cursor_t *c);

#ifdef __cplusplus
}
#endif
#endif
