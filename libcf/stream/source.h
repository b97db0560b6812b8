/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: the file behind a stream when it can be read at any place. Reference-counted,
 * because blocks read their chunks from worker threads, maybe after the stream has gone on or was
 * closed.
 */
#ifndef CFI_STREAM_SOURCE_H
#define CFI_STREAM_SOURCE_H

#include <cf/base.h>

typedef struct cfi_source {
    unsigned refs;             /* atomic */
    int fd;                    /* own descriptor, -1 = only sequential */
    uint64_t size;             /* bytes of the file when opened */
    char name[256];            /* for messages, cut when longer */
} cfi_source_t;

/* New; fd (-1 = sequential) is duplicated. NULL = no memory or no descriptor. */
cfi_source_t *cfi_source_create(int fd, const char *name);
cfi_source_t *cfi_source_get(cfi_source_t *s);
void cfi_source_put(cfi_source_t *s);
/*
 * Exactly n bytes at offset: CF_E_TRUNC when the file is shorter, CF_E_IO. The diag gets the
 * source's name.
 */
int cfi_source_read(const cfi_source_t *s, uint64_t offset, void *out, size_t n,
                    cf_diag_t *d) CF_MUST_USE;

#endif
