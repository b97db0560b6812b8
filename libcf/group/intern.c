/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One number for each different text of the string keys, over all blocks, columns and workers. A
 * dictionary is mapped under one lock: the cost is per entry of a block, not per row.
 */
#include <stdlib.h>
#include <xxhash.h>

#include "group/group.h"

#define INTERN_MAX ((size_t)1 << 40)

int cfi_intern_init(cfi_intern_t *in)
{
    memset(in, 0, sizeof *in);
    cf_buf_init(&in->bytes, INTERN_MAX);
    return pthread_mutex_init(&in->lock, NULL) == 0 ? CF_OK : CF_E_NOMEM;
}

void cfi_intern_fini(cfi_intern_t *in)
{
    cf_buf_fini(&in->bytes);
    free(in->end);
    free(in->slots);
    pthread_mutex_destroy(&in->lock);
}

const char *cfi_intern_text(const cfi_intern_t *in, uint32_t id, size_t *n)
{
    size_t start = id == 0 ? 0 : in->end[id - 1];

    *n = in->end[id] - start;
    return in->bytes.data + start;
}

size_t cfi_intern_bytes(cfi_intern_t *in)
{
    size_t n;

    pthread_mutex_lock(&in->lock);
    n = in->bytes.size + in->size * sizeof *in->end
        + (in->slots != NULL ? (in->mask + (size_t)1) * sizeof *in->slots : 0);
    pthread_mutex_unlock(&in->lock);
    return n;
}

static uint32_t slot_of(const cfi_intern_t *in, const char *s, size_t n)
{
    uint32_t i = (uint32_t)XXH3_64bits(s, n) & in->mask;

    while (in->slots[i] != 0) {
        size_t len;
        const char *text = cfi_intern_text(in, in->slots[i] - 1, &len);

        if (len == n && memcmp(text, s, n) == 0)
            break;
        i = (i + 1) & in->mask;
    }
    return i;
}

static int grow(cfi_intern_t *in)
{
    uint32_t size = in->size == 0 ? 1024 : in->size * 2;
    size_t *end;
    uint32_t *slots;

    if (in->count < in->size)
        return CF_OK;
    if (in->size >= UINT32_C(1) << 29)
        return CF_E_LIMIT;
    end = realloc(in->end, size * sizeof *end);
    if (end == NULL)
        return CF_E_NOMEM;
    in->end = end;
    slots = calloc(2 * (size_t)size, sizeof *slots);
    if (slots == NULL)
        return CF_E_NOMEM;
    free(in->slots);
    in->slots = slots;
    in->mask = 2 * size - 1;
    in->size = size;
    for (uint32_t id = 0; id < in->count; id++) {
        size_t n;
        const char *s = cfi_intern_text(in, id, &n);

        in->slots[slot_of(in, s, n)] = id + 1;
    }
    return CF_OK;
}

static int number_of(cfi_intern_t *in, const char *s, size_t n, uint32_t *id)
{
    uint32_t i;
    int rc = grow(in);

    if (rc != CF_OK)
        return rc;
    i = slot_of(in, s, n);
    if (in->slots[i] == 0) {
        rc = cf_buf_put(&in->bytes, s, n);
        if (rc != CF_OK)
            return rc;
        in->end[in->count++] = in->bytes.len;
        in->slots[i] = in->count;
    }
    *id = in->slots[i] - 1;
    return CF_OK;
}

int cfi_intern_dict(cfi_intern_t *in, const cf_dict_t *d, uint32_t *map)
{
    int rc = CF_OK;

    pthread_mutex_lock(&in->lock);
    for (uint32_t i = 0; i < d->count && rc == CF_OK; i++) {
        uint32_t n;
        const char *s = cf_dict_text(d, i, &n);

        rc = number_of(in, s, n, &map[i]);
    }
    pthread_mutex_unlock(&in->lock);
    return rc;
}
