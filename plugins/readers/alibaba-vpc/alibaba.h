/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private header of the reader. JSON is read by the library (cf/maplog.h); text.c reads tables with
 * a title line or a declared format; fields.c has the map and what values mean, for both.
 */
#ifndef ALIBABA_H
#define ALIBABA_H

#include <string.h>

#include <cf/delim.h>
#include <cf/maplog.h>
#include <cf/plugin.h>

/* Rows of ali_map with a name, in its order. */
enum {
    ALI_START, ALI_END, ALI_SRC, ALI_DST, ALI_SPORT, ALI_DPORT, ALI_PROTO, ALI_PACKETS, ALI_BYTES,
    ALI_FLAGS, ALI_ACTION, ALI_STATUS, ALI_DIRECTION, ALI_PATH, ALI_OLD_PATH, ALI_PATHNAME,
    ALI_TYPE, ALI_SRCTYPE, ALI_DSTTYPE, ALI_ENI, ALI_VM, ALI_VSWITCH, ALI_VPC, ALI_ACCOUNT,
    ALI_REGION, ALI_VERSION, ALI_TEXTS
};

enum { SET_FORMAT };

#define ALI_VALUES_MAX 256u

typedef struct ali_text ali_text_t;

typedef struct ali {
    const cf_reader_env_t *env;
    uint64_t skip;
    bool started;
    cf_maplog_spec_t spec;
    cf_maplog_t *json;             /* one of these two */
    ali_text_t *text;
    const int *at;                 /* cell of each row of the map, -1 = the log has no such field */
} ali_t;

extern const cf_fieldmap_t ali_map[];
extern const cf_mapwords_t ali_words[];
extern const char *const ali_nulls[];

/* Row of the map that a name belongs to ('_' is '-', any case); -1 = unknown. */
int ali_known(const char *s, size_t n);
/* Does an object, or a table with these titles (any text that is not NULL), tell such a log? */
bool ali_mine(const cf_text_t *texts);
void ali_complete(void *ctx, cf_text_t *texts);
/* cf_row_fn; ctx is the ali_t */
int ali_look(void *ctx, cf_cell_t *cells, const char **why);

/* Titles in a line? Rows of the map (or -1) into at; their number, 0 when it has none. */
uint32_t ali_titles(const char *s, size_t n, char *sep, int *at);
/* New; the first bytes of the input decide on the format unless it is declared. */
int ali_text_open(ali_text_t **t, ali_t *st, cf_input_t *in, cf_diag_t *d);
void ali_text_close(ali_text_t *t);
int ali_text_read(ali_text_t *t, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d);
int ali_text_cursor(const ali_text_t *t, cf_cursor_t *c, cf_diag_t *d);
/* Is a declared format one? CF_E_USAGE with a sentence. */
int ali_text_check(const char *format, cf_diag_t *d);
/* Does the line look like a row of such a table? */
bool ali_is_row(const char *s, size_t n);

#endif
