/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tuples of an array: the fast way over the bytes at hand as long as it goes, one by one where
 * it does not (irregular tuples, the end of the input, other processors, rows that an earlier run
 * has read already).
 */
#include "azure.h"

#define AT_HAND 4096u

static bool full(const az_batch_t *h)
{
    return h->heavy || h->b->rows == CF_BATCH_ROWS;
}

static int one(az_t *st, const cf_json_token_t *t, cf_diag_t *d)
{
    cf_account_t *a = st->env->account;
    char why[96];
    az_tuple_t tuple;
    int rc;

    st->record_rows++;
    if (st->skip > 0) {
        st->skip--;
        return CF_OK;
    }
    if (t->type != CF_JSON_STRING) {
        cf_rejects_add(st->env->rejects, CF_R_SYNTAX, 0, t->offset, t->text, t->len,
                       "a tuple that is not a string");
        return CF_OK;
    }
    rc = az_exact(t->text, t->len, &tuple, why, sizeof why);
    if (rc != CF_OK) {
        cf_rejects_add(st->env->rejects, rc, 0, t->offset, t->text, t->len, "%s", why);
        return CF_OK;
    }
    st->kind = tuple.kind;
    if (tuple.kind == AZ_VNET && st->use == AZ_LAYOUT_NSG) {
        /* A record of the other log: it has more columns. */
        st->use = AZ_LAYOUT_VNET;
        rc = az_next_batch(st, d);
        if (rc != CF_OK)
            return rc;
    }
    rc = az_put(st, &tuple);
    if (rc != CF_OK)
        return cf_diag_set(d, rc, "no memory for a batch of rows");
    a->rows_read++;
    a->rows_kept++;
    return CF_OK;
}

int az_run(az_t *st, cf_diag_t *d)
{
    cf_json_token_t t;
    const char *p;
    int rc;

    for (;;) {
        size_t n, used = 0;
        uint32_t count;

        if (full(az_now(st)))
            return CF_OK;
        if (st->avx2 && st->skip == 0 && (n = cf_json_raw(st->json, AT_HAND, &p)) > 0) {
            count = az_fast(st, p, n, &used);
            cf_json_took(st->json, used);
            st->record_rows += count;
            st->env->account->rows_read += count;
            st->env->account->rows_kept += count;
            if (full(az_now(st)))
                return CF_OK;
        }
        rc = cf_json_next(st->json, &t, d);
        if (rc != CF_OK)
            return rc;
        if (t.type == CF_JSON_ARRAY_END)
            return CF_EOF;
        rc = one(st, &t, d);
        if (rc == CF_OK && (t.type == CF_JSON_OBJECT || t.type == CF_JSON_ARRAY))
            rc = cf_json_skip(st->json, &t, d);
        if (rc != CF_OK)
            return rc;
    }
}
