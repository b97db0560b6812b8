/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: the schema block of a file, and how the file's columns map to the fields of
 * this process (doc/format.md section 3). Reference-counted: blocks keep theirs while the stream
 * goes on to the next schema.
 */
#ifndef CFI_STREAM_COLUMNS_H
#define CFI_STREAM_COLUMNS_H

#include <cf/batch.h>

typedef struct cfi_columns {
    unsigned refs;             /* atomic */
    cf_schema_t *schema;       /* reference */
    uint32_t count;
    /* per column: file code → our code (256 entries, 255 = not allowed), or NULL */
    uint8_t **remap;
    bool verbatim;             /* blocks mean the same under a schema block that we write */
} cfi_columns_t;

/*
 * New columns from the JSON of a schema block. CF_E_FORMAT, CF_E_VERSION, CF_E_NOMEM.
 */
int cfi_columns_parse(cfi_columns_t **out, const char *json, size_t n, cf_diag_t *d) CF_MUST_USE;
cfi_columns_t *cfi_columns_get(cfi_columns_t *c);
void cfi_columns_put(cfi_columns_t *c);
/* JSON of a schema, appended. */
int cfi_schema_json(const cf_schema_t *s, cf_buf_t *out) CF_MUST_USE;

#endif
