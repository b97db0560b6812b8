/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that wait, in the order of the input: copies of batches. Small batches share an entry as
 * long as their columns are the same.
 */
#include <stdlib.h>
#include <string.h>

#include "join/dedupe.h"

static void drop(cfi_held_t *h)
{
    if (h != NULL)
        cf_batch_destroy(h->batch);
    free(h);
}

void cfi_queue_fini(cfi_queue_t *q)
{
    while (q->head != NULL)
        cfi_queue_drop_head(q);
    drop(q->spare);
    q->spare = NULL;
}

static cfi_held_t *fresh(cfi_queue_t *q, const cf_batch_t *b, uint64_t first)
{
    cfi_held_t *h = q->spare;

    q->spare = NULL;
    if (h == NULL)
        h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    if (h->batch == NULL)
        h->batch = cf_batch_create(b->schema);
    else if (cf_batch_reset(h->batch, b->schema) != CF_OK) {
        drop(h);
        return NULL;
    }
    if (h->batch == NULL) {
        drop(h);
        return NULL;
    }
    h->first = first;
    h->bytes = h->open = 0;
    h->latest = INT64_MIN;
    h->next = NULL;
    if (q->tail != NULL)
        q->tail->next = h;
    else
        q->head = h;
    q->tail = h;
    return h;
}

int cfi_queue_put(cfi_queue_t *q, const cf_batch_t *b, uint64_t first, uint64_t open, int64_t latest)
{
    cfi_held_t *h = q->tail;
    uint32_t from = 0;

    if (h == NULL || h->batch->rows + b->rows > CF_BATCH_ROWS ||
        !cf_schema_equal(h->batch->schema, b->schema))
        h = fresh(q, b, first);
    if (h == NULL || cf_batch_append(h->batch, b, NULL, &from) != CF_OK)
        return CF_E_NOMEM;
    h->dup = h->batch->cols[h->batch->ncols - 1].data;
    q->bytes -= h->bytes;
    h->bytes = cfi_batch_bytes(h->batch);
    q->bytes += h->bytes;
    h->open += open;
    if (open > 0 && latest > h->latest)
        h->latest = latest;
    return CF_OK;
}

cfi_held_t *cfi_queue_find(cfi_queue_t *q, uint64_t row)
{
    cfi_held_t *h = q->head;

    if (h == NULL || row < h->first)
        return NULL;
    while (h != NULL && row >= h->first + h->batch->rows)
        h = h->next;
    return h;
}

void cfi_queue_drop_head(cfi_queue_t *q)
{
    cfi_held_t *h = q->head;

    q->head = h->next;
    if (q->head == NULL)
        q->tail = NULL;
    q->bytes -= h->bytes;
    if (q->spare == NULL)
        q->spare = h;
    else
        drop(h);
}
