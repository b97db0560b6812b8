/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streaming JSON tokens (RFC 8259) over an input: no tree, memory bounded by the longest string,
 * values one behind the other with or without something between them. Strict about syntax, escapes
 * and UTF-8; a key may come twice, numbers are text of any magnitude, strings may hold zero bytes.
 * For the logs of clouds, where one document may be larger than memory; configuration is read with
 * jansson instead.
 */
#ifndef CF_JSON_H
#define CF_JSON_H

#include <cf/input.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CF_JSON_DEPTH_MAX 128u
#define CF_JSON_STRING_MAX (12u << 20)     /* bytes of one string, as written */
#define CF_JSON_NUMBER_MAX 4096u           /* bytes of one number */

typedef enum cf_json_type {
    CF_JSON_OBJECT = 1,        /* '{' */
    CF_JSON_OBJECT_END = 2,
    CF_JSON_ARRAY = 3,         /* '[' */
    CF_JSON_ARRAY_END = 4,
    CF_JSON_KEY = 5,           /* text: the key */
    CF_JSON_STRING = 6,        /* text: the string, escapes undone */
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
/* Bytes of the input that are passed: the place behind the last token. */
CF_API uint64_t cf_json_offset(const cf_json_t *j);

/*
 * After a broken value: pass over everything up to a line that begins with '{' or '[', where a
 * top-level value is expected again. CF_EOF when there is none; *skipped (may be NULL) counts the
 * bytes.
 */
CF_API int cf_json_resync(cf_json_t *j, uint64_t *skipped, cf_diag_t *d) CF_MUST_USE;

/*
 * After a broken value in a document whose records stand in one line: pass over everything up to an
 * object whose first key (of at most 63 bytes, without escapes) is one that only records have. It
 * is the next token, expected in as many containers as the key's anchor says: the innermost is an
 * array that goes on, those around it are what they last were at their depth. The search begins
 * behind the last good token, so that a string without its end takes no record with it; within
 * what is passed over nothing is judged. CF_EOF when there is no such object; *skipped (may be
 * NULL) counts the bytes.
 */
typedef struct cf_json_anchor {
    const char *key;           /* NULL ends the list */
    uint32_t depth;            /* containers around the object */
} cf_json_anchor_t;
CF_API int cf_json_resync_object(cf_json_t *j, const cf_json_anchor_t *anchors, uint64_t *skipped,
                                 cf_diag_t *d) CF_MUST_USE;

/*
 * For readers that know what the elements of an array look like and take them apart faster than
 * token by token. cf_json_raw gives the bytes at hand from the next element's first byte on (or
 * from the array's end): at least want of them, fewer only at the end of the input; 0 when it is
 * not between the elements of an array or nothing is left, which cf_json_next will explain. The
 * bytes are borrowed until the next call. cf_json_took passes over the first n of them: whole
 * elements with the commas between them, without the comma behind the last one. They must be
 * strict JSON, for nobody looks at them again; n = 0 takes none.
 */
CF_API size_t cf_json_raw(cf_json_t *j, size_t want, const char **p);
CF_API void cf_json_took(cf_json_t *j, size_t n);

#ifdef __cplusplus
}
#endif
#endif
