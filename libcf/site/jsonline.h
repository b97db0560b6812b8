/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines for messages about well-formed JSON whose meaning is wrong: jansson forgets where a value
 * stood, so when a message needs the line, the text is walked again to the value's path.
 */
#ifndef CFI_SITE_JSONLINE_H
#define CFI_SITE_JSONLINE_H

#include <stddef.h>
#include <stdint.h>

/* One step down: into the member with this key, or (key NULL) into element index of an array. */
typedef struct cfi_jsonstep {
    const char *key;
    size_t index;
} cfi_jsonstep_t;

/*
 * 1-based line where the value of a path of n steps begins (a member: where its key does). text is
 * JSON that jansson took. 0 when the path is not there.
 */
uint64_t cfi_jsonline(const char *text, size_t len, const cfi_jsonstep_t *path, size_t n);

#endif
