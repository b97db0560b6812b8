/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growable byte buffer with a mandatory maximum, and aligned memory for vectors.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cf/base.h>

void cf_buf_init(cf_buf_t *b, size_t max)
{
    memset(b, 0, sizeof *b);
    b->max = max;
}

void cf_buf_fini(cf_buf_t *b)
{
    free(b->data);
    b->data = NULL;
    b->len = b->size = 0;
}

int cf_buf_reserve(cf_buf_t *b, size_t add)
{
    size_t need, size;
    char *data;

    if (!cf_size_add(b->len, add, &need) || need > b->max)
        return CF_E_LIMIT;
    if (!cf_size_add(need, 1, &need))
        return CF_E_LIMIT;
    if (need <= b->size)
        return CF_OK;
    size = b->size < 128 ? 128 : b->size;
    while (size < need) {
        if (size > SIZE_MAX / 2) {
            size = need;
            break;
        }
        size *= 2;
    }
    data = realloc(b->data, size);
    if (data == NULL)
        return CF_E_NOMEM;
    b->data = data;
    b->size = size;
    b->data[b->len] = '\0';
    return CF_OK;
}

int cf_buf_put(cf_buf_t *b, const void *bytes, size_t n)
{
    int rc = cf_buf_reserve(b, n);

    if (rc != CF_OK)
        return rc;
    if (n > 0)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
    return CF_OK;
}

int cf_buf_puts(cf_buf_t *b, const char *text)
{
    return cf_buf_put(b, text, strlen(text));
}

int cf_buf_putf(cf_buf_t *b, const char *fmt, ...)
{
    va_list ap;
    int n, rc;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        return CF_E_INTERNAL;
    rc = cf_buf_reserve(b, (size_t)n);
    if (rc != CF_OK)
        return rc;
    va_start(ap, fmt);
    vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
    return CF_OK;
}

void *cf_alloc_aligned(size_t count, size_t size)
{
    size_t bytes;

    if (!cf_size_mul(count, size, &bytes) || !cf_size_add(bytes, 63, &bytes))
        return NULL;
    bytes &= ~(size_t)63;
    return aligned_alloc(64, bytes > 0 ? bytes : 64);
}
