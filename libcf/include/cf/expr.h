/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filter expressions: text or SiLK-like switches → a typed tree → a bitmap of rows over an item.
 * doc/expressions.md is the language. An expression is compiled once against the field catalogue
 * and run from many threads.
 */
#ifndef CF_EXPR_H
#define CF_EXPR_H

#include <cf/scan.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cf_expr cf_expr_t;
typedef struct cf_expr_run cf_expr_run_t;

/* Where names are looked up and what "now" is for relative times. */
typedef struct cf_expr_env {
    int (*field)(void *ctx, const char *name, const cf_field_t **out,
                 cf_diag_t *d); /* NULL = catalogue only */
    void *ctx;
    int64_t now;               /* ns; for relative times such as -2h */
} cf_expr_env_t;

/* New expression. On error the diag has the 1-based column; CF_E_USAGE or CF_E_FIELD. */
CF_API int cf_expr_parse(cf_expr_t **e, const char *text, const cf_expr_env_t *env,
                         cf_diag_t *d) CF_MUST_USE;
CF_API void cf_expr_destroy(cf_expr_t *e);
/* a and b, both taken (either may be NULL); a = NULL gives b. New. NULL on no memory (both
 * destroyed). */
CF_API cf_expr_t *cf_expr_and(cf_expr_t *a, cf_expr_t *b);
/* Fields it uses: array of *n, borrowed. */
CF_API const cf_field_t *const *cf_expr_fields(const cf_expr_t *e, size_t *n);
/* Half-open window of stime outside of which no row can pass; false when there is none. */
CF_API bool cf_expr_window(const cf_expr_t *e, int64_t *from, int64_t *to);
/* Canonical text (fully bracketed), appended. */
CF_API int cf_expr_print(const cf_expr_t *e, cf_buf_t *out) CF_MUST_USE;
/* What the statistics of the item's block decide. */
CF_API cf_judge_t cf_expr_judge(const cf_expr_t *e, cf_item_t *it);

/* Scratch of one thread. */
CF_API cf_expr_run_t *cf_expr_run_create(const cf_expr_t *e);
CF_API void cf_expr_run_destroy(cf_expr_run_t *r);
/* sel: CF_BATCH_WORDS words, all written up to the item's rows; *passed = rows selected. Null
 * compares as unknown: neither a comparison nor its negation passes. */
CF_API int cf_expr_select(const cf_expr_t *e, cf_expr_run_t *r, cf_item_t *it, uint64_t *sel,
                          uint32_t *passed, cf_diag_t *d) CF_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
