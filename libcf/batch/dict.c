/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dictionaries of string columns: texts one behind the other, found again by a hash index that is
 * built only when texts are looked up (decoders append and never look).
 */
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cf/batch.h>

void cf_dict_init(cf_dict_t *d)
{
    memset(d, 0, sizeof *d);
}

void cf_dict_fini(cf_dict_t *d)
{
    free(d->offset);
    free(d->bytes);
    free(d->slots);
    memset(d, 0, sizeof *d);
}

void cf_dict_reset(cf_dict_t *d)
{
    d->count = 0;
    if (d->offset != NULL)
        d->offset[0] = 0;
    if (d->slots != NULL)
        memset(d->slots, 0xff, ((size_t)d->mask + 1) * sizeof *d->slots);
}

int cf_dict_append(cf_dict_t *d, const char *s, size_t n)
{
    size_t used = d->count > 0 ? d->offset[d->count] : 0;

    if (n > CF_STRING_MAX)
        return CF_R_LONG;
    if (used + n > CF_DICT_BYTES_MAX || d->count == UINT32_MAX - 2)
        return CF_E_LIMIT;
    if (d->count == d->size) {
        uint32_t size = d->size == 0 ? 64 : d->size * 2;
        uint32_t *offset = realloc(d->offset, ((size_t)size + 1) * sizeof *offset);

        if (offset == NULL)
            return CF_E_NOMEM;
        d->offset = offset;
        d->offset[0] = 0;
        d->size = size;
    }
    if (used + n > d->bytes_size) {
        size_t size = d->bytes_size < 1024 ? 1024 : d->bytes_size;
        char *bytes;

        while (size < used + n)
            size *= 2;
        bytes = realloc(d->bytes, size);
        if (bytes == NULL)
            return CF_E_NOMEM;
        d->bytes = bytes;
        d->bytes_size = size;
    }
    if (n > 0)
        memcpy(d->bytes + used, s, n);
    d->offset[++d->count] = (uint32_t)(used + n);
    return CF_OK;
}

static void index_put(cf_dict_t *d, uint32_t code)
{
    uint32_t len;
    const char *text = cf_dict_text(d, code, &len);
    uint32_t slot = (uint32_t)XXH3_64bits(text, len) & d->mask;

    while (d->slots[slot] != UINT32_MAX)
        slot = (slot + 1) & d->mask;
    d->slots[slot] = code;
}

/* The index at least twice as large as the entries. */
static int index_grow(cf_dict_t *d)
{
    uint64_t need = ((uint64_t)d->count + 1) * 2;
    uint64_t size = d->slots != NULL ? (uint64_t)d->mask + 1 : 0;
    uint32_t *slots;

    if (d->slots != NULL && need <= size)
        return CF_OK;
    size = size < 128 ? 128 : size;
    while (size < need)
        size *= 2;
    slots = malloc(size * sizeof *slots);
    if (slots == NULL)
        return CF_E_NOMEM;
    free(d->slots);
    d->slots = slots;
    d->mask = (uint32_t)(size - 1);
    memset(slots, 0xff, size * sizeof *slots);
    for (uint32_t i = 0; i < d->count; i++)
        index_put(d, i);
    return CF_OK;
}

int cf_dict_code(cf_dict_t *d, const char *s, size_t n, uint32_t *code)
{
    uint32_t slot;
    int rc = index_grow(d);

    if (rc != CF_OK)
        return rc;
    slot = (uint32_t)XXH3_64bits(s, n) & d->mask;
    while (d->slots[slot] != UINT32_MAX) {
        uint32_t len;
        const char *text = cf_dict_text(d, d->slots[slot], &len);

        if (len == n && (n == 0 || memcmp(text, s, n) == 0)) {
            *code = d->slots[slot];
            return CF_OK;
        }
        slot = (slot + 1) & d->mask;
    }
    rc = cf_dict_append(d, s, n);
    if (rc != CF_OK)
        return rc;
    d->slots[slot] = d->count - 1;
    *code = d->count - 1;
    return CF_OK;
}
