/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that are not stored (duration): computed from the columns of a batch. Items of a scan do the
 * same (scan/item.c), but rows that come back from the temporary file are no items.
 */
#include <string.h>

#include "sort/sort.h"

#define INPUTS_MAX 8u

static int derive(const cf_batch_t *b, const cf_field_t *f, cf_vec_t *out, unsigned depth,
                  cf_diag_t *d)
{
    const cf_vec_t *in[INPUTS_MAX];
    cf_vec_t own[INPUTS_MAX];
    unsigned n = 0;
    int rc = CF_OK;

    if (f->derive == NULL)
        rc = cf_vec_set_all_null(out, b->rows, true);
    for (; f->derive != NULL && rc == CF_OK && n < INPUTS_MAX && f->inputs[n] != NULL; n++) {
        const cf_field_t *input = cf_field_find(f->inputs[n]);
        int at = input != NULL ? cf_schema_index(b->schema, input) : -1;

        memset(&own[n], 0, sizeof own[n]);
        if (input == NULL || depth > 4) {
            rc = cf_diag_set(d, CF_E_INTERNAL, "field '%s': its inputs are not known", f->name);
            break;
        }
        cf_vec_init(&own[n], input);
        in[n] = at >= 0 ? &b->cols[at] : &own[n];
        if (at < 0)
            rc = derive(b, input, &own[n], depth + 1, d);
    }
    if (rc == CF_OK && f->derive != NULL)
        rc = cf_vec_reserve(out, f->width);
    if (rc == CF_OK && f->derive != NULL) {
        memset(out->data, 0, (size_t)b->rows * f->width);
        out->nulls = 0;
        out->absent = false;
        rc = f->derive(in, out, b->rows);
    }
    for (unsigned i = 0; i < n; i++)
        cf_vec_fini(&own[i]);
    return rc;
}

int cfi_sort_derive(const cf_batch_t *b, const cf_field_t *f, cf_vec_t *out, cf_diag_t *d)
{
    int rc = derive(b, f, out, 0, d);

    return rc == CF_E_NOMEM ? cf_diag_set(d, rc, "no memory for field '%s'", f->name) : rc;
}
