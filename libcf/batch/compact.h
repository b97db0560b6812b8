/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: the bits of selected rows put together, as when a filter's rows leave their batch.
 */
#ifndef CFI_BATCH_COMPACT_H
#define CFI_BATCH_COMPACT_H

#include <cf/batch.h>

/*
 * Bits of the rows from ≤ row < to that sel selects, one behind the other into out from bit at on. Bits of out behind
 * them in their last word are cleared. Returns how many of them are set.
 */
uint32_t cfi_bits_compact(const uint64_t *bits, const uint64_t *sel, uint32_t from, uint32_t to, uint64_t *out,
                          uint32_t at);
/* The same without instructions of newer processors. */
uint32_t cfi_bits_compact_plain(const uint64_t *bits, const uint64_t *sel, uint32_t from, uint32_t to,
                                uint64_t *out, uint32_t at);

#endif
