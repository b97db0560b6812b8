/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: a JSON value as text into a buffer of ours. jansson's own growing text loses
 * pieces without an error when memory runs out (2.14), so the buffer remembers its failures.
 */
#ifndef CFI_STREAM_JSONPUT_H
#define CFI_STREAM_JSONPUT_H

#include <cf/base.h>
#include <jansson.h>

/* Append root's text; flags as for json_dumps. */
int cfi_json_put(const json_t *root, size_t flags, cf_buf_t *out) CF_MUST_USE;

#endif
