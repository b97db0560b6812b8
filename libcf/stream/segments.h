/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: the map of a seekable stream that is whole, made from its end blocks and
 * indexes before the first row is read. Without a map (pipe, cut or damaged file) the reader walks
 * from block to block and finds the fault at its place.
 */
#ifndef CFI_STREAM_SEGMENTS_H
#define CFI_STREAM_SEGMENTS_H

#include <cf/provenance.h>

#include "stream/columns.h"
#include "stream/source.h"

typedef struct cfi_index_entry {
    uint64_t offset, length;   /* offset in the stream */
    uint32_t rows;
    bool has_time;
    int64_t tmin, tmax;
} cfi_index_entry_t;

typedef struct cfi_map {
    cfi_index_entry_t *entries;    /* DATA blocks of all segments, in order */
    uint64_t count, size;
    uint64_t segments;
    uint64_t rows;
} cfi_map_t;

/*
 * Make the map, add all schemas to *all (replaced by a union, a reference) and all provenance to
 * prov. CF_OK with *whole = false when the file cannot be mapped: then nothing was changed. Other
 * results: CF_E_NOMEM.
 */
int cfi_map_make(cfi_map_t *m, const cfi_source_t *src, cf_schema_t **all, cf_provenance_t *prov,
                 bool *whole,
                 cf_diag_t *d) CF_MUST_USE;
void cfi_map_fini(cfi_map_t *m);

#endif
