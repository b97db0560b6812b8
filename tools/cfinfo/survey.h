/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What cfinfo learns of one .cf stream: counts, and for each column its bytes, nulls, range and how
 * it is mostly encoded. Rows are only decoded to verify.
 */
#ifndef SURVEY_H
#define SURVEY_H

#include <cf/stream.h>

#define SURVEY_FORMS 16        /* different encodings of a column that are told apart */

typedef struct survey_form {
    char *text;
    uint64_t chunks;
} survey_form_t;

typedef struct survey_column {
    const cf_field_t *field;
    uint64_t blocks;           /* that have it */
    uint64_t rows, nulls, bytes;
    bool ranged;
    cf_addr_t min, max;
    survey_form_t forms[SURVEY_FORMS];
    unsigned nforms;
    uint64_t looked;           /* chunks whose encoding was looked at */
} survey_column_t;

typedef struct survey {
    cf_stream_totals_t totals;
    uint64_t damaged;          /* blocks that --verify found bad */
    cf_schema_t *schema;       /* union */
    cf_provenance_t *prov;
    survey_column_t *cols;     /* of schema */
    bool timed;
    int64_t tmin, tmax;        /* of stime */
} survey_t;

typedef struct survey_how {
    bool verify;
    bool encodings;
    /* each block in turn, with its directory read; may be NULL */
    int (*on_block)(void *ctx, cf_block_t *b, uint64_t offset, cf_diag_t *d);
    /* a bad block, with verify */
    void (*on_damage)(void *ctx, const cf_diag_t *d);
    void *ctx;
} survey_how_t;

/*
 * Read a whole stream (path "-" = standard input). What was learned before a failure is in *s, too.
 * Call fini in any case.
 */
int survey_run(survey_t *s, const char *path, const survey_how_t *how, cf_diag_t *d) CF_MUST_USE;
void survey_fini(survey_t *s);
/* Value of a statistic as unsigned, signed or address order: less than 0 when a is before b. */
int survey_compare(const cf_field_t *f, cf_addr_t a, cf_addr_t b);

#endif
