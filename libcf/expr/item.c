/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions over the items of a scan: the public entry into run.c and judge.c.
 */
#include "expr/expr.h"

static int column(void *ctx, const cf_field_t *f, const cf_vec_t **v, cf_diag_t *d)
{
    return cf_item_column(ctx, f, v, d);
}

static bool stat_of(void *ctx, const cf_field_t *f, cf_colstat_t *st)
{
    return cf_item_stat(ctx, f, st);
}

static cfi_feed_t feed_of(cf_item_t *it)
{
    cfi_feed_t feed = { cf_item_rows(it), column, stat_of, it };

    return feed;
}

cf_judge_t cf_expr_judge(const cf_expr_t *e, cf_item_t *it)
{
    cfi_feed_t feed = feed_of(it);

    return cfi_judge_node(e->root, &feed);
}

int cf_expr_select(const cf_expr_t *e, cf_expr_run_t *r, cf_item_t *it, uint64_t *sel,
                   uint32_t *passed, cf_diag_t *d)
{
    cfi_feed_t feed = feed_of(it);

    return cfi_run(e, r, &feed, sel, passed, d);
}
