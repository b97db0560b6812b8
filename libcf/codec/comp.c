/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buffers through libzstd, liblz4 and zlib. The writer uses zstd only; the others are read, because
 * the format has them. Each one-shot call is told the exact size wanted, so a hostile frame cannot
 * make it write or allocate more.
 */
#include <limits.h>

#include <lz4.h>
#include <zlib.h>
#include <zstd_errors.h>

#include "comp.h"
#include "format.h"

void cfi_comp_fini(cfi_comp_t *z)
{
    ZSTD_freeCCtx(z->c);
    ZSTD_freeDCtx(z->d);
    z->c = NULL;
    z->d = NULL;
}

static int expand_zstd(cfi_comp_t *z, const uint8_t *src, size_t n, uint8_t *dst, size_t raw)
{
    if (z->d == NULL)
        z->d = ZSTD_createDCtx();
    if (z->d == NULL)
        return CF_E_NOMEM;
    /* One frame, neither less nor more. */
    if (ZSTD_findFrameCompressedSize(src, n) != n
        || ZSTD_decompressDCtx(z->d, dst, raw, src, n) != raw)
        return CF_E_FORMAT;
    return CF_OK;
}

static int expand_zlib(const uint8_t *src, size_t n, uint8_t *dst, size_t raw)
{
    uLongf out = raw;
    uLong in = n;
    int rc = uncompress2(dst, &out, src, &in);

    if (rc == Z_MEM_ERROR)
        return CF_E_NOMEM;
    return rc == Z_OK && out == raw && in == n ? CF_OK : CF_E_FORMAT;
}

int cfi_comp_expand(cfi_comp_t *z, int comp, const uint8_t *src, size_t n, uint8_t *dst, size_t raw)
{
    switch (comp) {
    case COMP_ZSTD:
        return expand_zstd(z, src, n, dst, raw);
    case COMP_LZ4:
        if (n > INT_MAX || raw > INT_MAX)
            return CF_E_FORMAT;
        return LZ4_decompress_safe((const char *)src, (char *)dst, (int)n, (int)raw) == (int)raw
                   ? CF_OK
                   : CF_E_FORMAT;
    case COMP_ZLIB:
        return expand_zlib(src, n, dst, raw);
    default:
        return CF_E_FORMAT;
    }
}

size_t cfi_comp_shrink(cfi_comp_t *z, int zlevel, const uint8_t *src, size_t n, uint8_t *dst,
                       size_t room)
{
    size_t got;

    if (z->c == NULL)
        z->c = ZSTD_createCCtx();
    if (z->c == NULL) {
        z->nomem = true;
        return 0;
    }
    got = ZSTD_compressCCtx(z->c, dst, room, src, n, zlevel);
    if (!ZSTD_isError(got))
        return got;
    z->nomem |= ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation;
    return 0;
}
