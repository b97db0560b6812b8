/* SPDX-License-Identifier: Apache-2.0 */
/*
 * General compression of single buffers: one-shot, contexts kept. What the bytes mean is not known
 * here.
 */
#ifndef CFI_CODEC_COMP_H
#define CFI_CODEC_COMP_H

#include <zstd.h>

#include <cf/base.h>

typedef struct cfi_comp {
    ZSTD_CCtx *c;              /* created when first needed */
    ZSTD_DCtx *d;
    bool nomem;                /* compressing failed for want of memory; the owner clears it */
} cfi_comp_t;

void cfi_comp_fini(cfi_comp_t *z);
/*
 * Exactly raw bytes out of n stored ones, or CF_E_FORMAT; CF_E_NOMEM. comp as in the format, not
 * COMP_NONE.
 */
int cfi_comp_expand(cfi_comp_t *z, int comp, const uint8_t *src, size_t n, uint8_t *dst,
                    size_t raw) CF_MUST_USE;
/*
 * Zstandard frame of n bytes into dst of room bytes; its length, or 0 when it does not fit or
 * memory is out.
 */
size_t cfi_comp_shrink(cfi_comp_t *z, int zlevel, const uint8_t *src, size_t n, uint8_t *dst,
                       size_t room);

#endif
