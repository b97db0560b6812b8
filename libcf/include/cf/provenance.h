/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a file's rows were made: one step for each command, oldest first, kept inside the .cf file
 * (doc/format.md section 7). Bounded: beyond 1,000 steps or 1 MiB the middle is replaced by one
 * step that counts them.
 */
#ifndef CF_PROVENANCE_H
#define CF_PROVENANCE_H

#include <cf/account.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cf_provenance cf_provenance_t;

/* What became of one input of a step. */
typedef struct cf_step_input {
    const char *name;
    const char *reader;                /* NULL: it had no rows */
    cf_account_t account;
    const char *const *providers;      /* NULL-ended, or NULL */
    const char *const *dropped;
    const char *begin;                 /* "continued", "unchanged", "replaced", or NULL */
    const char *end;                   /* "cut", "failed", or NULL */
} cf_step_input_t;

typedef struct cf_step {
    const char *command;               /* command line, or NULL */
    const char *version;
    int64_t time;                      /* ns; 0 = leave out */
    const char *reader;                /* reader plug-in, or NULL */
    const char *const *inputs;         /* first inputs (at most 16 are kept) */
    uint32_t kept_inputs;
    uint64_t ninputs;
    uint64_t rows_read, rows_kept, rows_rejected;
    bool has_rows;
    uint64_t rejected[CF_RECORD_ERR_COUNT];   /* index = -64 - code */
    const char *const *dropped;        /* NULL-ended, or NULL */
    const cf_step_input_t *accounts;   /* of the first raw logs (at most 16 are kept) */
    uint32_t naccounts;
} cf_step_t;

CF_API cf_provenance_t *cf_provenance_create(void);                 /* new */
CF_API void cf_provenance_destroy(cf_provenance_t *p);
CF_API int cf_provenance_add(cf_provenance_t *p, const cf_step_t *s) CF_MUST_USE;   /* copies */
CF_API int cf_provenance_merge(cf_provenance_t *p, const cf_provenance_t *from) CF_MUST_USE;
CF_API size_t cf_provenance_count(const cf_provenance_t *p);
/* i-th step; everything borrowed until p changes. */
CF_API int cf_provenance_step(const cf_provenance_t *p, size_t i, cf_step_t *out) CF_MUST_USE;
CF_API int cf_provenance_to_json(const cf_provenance_t *p, cf_buf_t *out) CF_MUST_USE;
CF_API int cf_provenance_from_json(cf_provenance_t *p, const char *text, size_t n,
                                   cf_diag_t *d) CF_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
