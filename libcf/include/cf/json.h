/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streaming JSON tokens (RFC 8259) over an input: no tree, memory bounded by the longest string,
 * values one behind the other with or without something between them. Strict about syntax, escapes
 * and UTF-8. For the logs of clouds, where one document may be larger than memory; configuration is
 * read with jansson instead.
 */
#ifndef CF_JSON_H
#define CF_JSON_H

#include <cf/input.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CF_JSON_DEPTH_MAX 128u
#define CF_JSON_STRING_MAX (12u << 20)     /* bytes of one string or number */

typedef enum cf_json_type {
    CF_JSON_OBJECT = 1,        /* '{' */
    CF_JSON_OBJECT_END = 2,
    CF_JSON_ARRAY = 3,         /* '[' */
    CF_JSON_ARRAY_END = 4,
    CF_JSON_KEY = 5,           /* text: the key */
    CF_JSON_STRING = 6,        /* text: the string, escapes undone; may hold zero bytes */
    CF_JSON_NUMBER = 7,        /* text: as written */
    CF_JSON_TRUE = 8,
    CF_JSON_FALSE = 9,
    CF_JSON_NULL = 10
} cf_json_type_t;

typedef struct cf_json_token {
    cf_json_type_t type;
    const char *text;          /* borrowed until the next call */
    size_t len;
    uint64_t offset;           /* of the token's first byte in the input */
    /* containers around the token; a container's end counts as its begin */
    uint32_t depth;
} cf_json_token_t;

typedef struct cf_json cf_json_t;

/* New tokenizer; the input is borrowed until close, and is the tokenizer's alone meanwhile. */
CF_API int cf_json_open(cf_json_t **j, cf_input_t *in, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_json_close(cf_json_t *j);
/*
 * Next token. CF_EOF between top-level values at the end of the input; CF_E_TRUNC when it ends
 * inside of one; CF_R_SYNTAX when the bytes are not JSON (the diag has the offset): go on with
 * cf_json_resync; CF_R_LONG for a string beyond its bound, likewise; or the input's error.
 */
CF_API int cf_json_next(cf_json_t *j, cf_json_token_t *t, cf_diag_t *d) CF_MUST_USE;
/*
 * After a key, or the begin of a container: pass over the value, or the rest of the container, with
 * its end.
 */
CF_API int cf_json_skip(cf_json_t *j, const cf_json_token_t *t, cf_diag_t *d) CF_MUST_USE;
/*
 * After a broken value: pass over everything up to a line that begins with '{' or '[', where a
 * top-level value is expected again. CF_EOF when there is none; *skipped (may be NULL) counts the
 * bytes.
 */
CF_API int cf_json_resync(cf_json_t *j, uint64_t *skipped, cf_diag_t *d) CF_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
