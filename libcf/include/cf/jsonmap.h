/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values out of a JSON object by their paths. A set of paths is compiled once; then one walk over an
 * object's bytes checks it strictly (RFC 8259, UTF-8) and leaves each value in the slot of its path.
 * The walk predicts what stands between two values from the objects before (keys, brackets, blanks)
 * and compares bytes; it parses only what is new. No tree, no copy, except of strings with escapes.
 */
#ifndef CF_JSONMAP_H
#define CF_JSONMAP_H

#include <cf/json.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CF_JSONMAP_INDEX_MAX 8u        /* elements of an array that have paths of their own */
#define CF_JSONMAP_PATH_MAX 255u       /* bytes of a path; longer ones are dropped */

/*
 * "jsonPayload.connection.src_ip"; several paths may share a slot. Elements of an array are
 * numbers ("service.0.name"), the first CF_JSONMAP_INDEX_MAX of them. A path that ends in "{}" takes
 * the value as it is written, container or not ("tags{}"). Keys are compared byte by byte; one with
 * a point in it is the same as two, so flattened objects need no second path.
 */
typedef struct cf_jsonpath {
    const char *path;                  /* NULL ends the table */
    uint32_t slot;
} cf_jsonpath_t;

/* A value: type 0 = absent; a container's type only when empty or asked for by "{}". */
typedef struct cf_jsonval {
    const char *text;                  /* string without quotes and escapes; others as written */
    uint32_t len;
    uint32_t type;                     /* cf_json_type_t: STRING, NUMBER, TRUE, FALSE, NULL, … */
} cf_jsonval_t;

typedef struct cf_jsonmap cf_jsonmap_t;

/*
 * New. slots: number of slots of the table. Leaf values at other paths get slots of their own
 * behind these, in the order in which they are met, up to extra; what is beyond is dropped and
 * counted.
 */
CF_API int cf_jsonmap_open(cf_jsonmap_t **m, const cf_jsonpath_t *paths, uint32_t slots, uint32_t extra,
                           cf_diag_t *d) CF_MUST_USE;
CF_API void cf_jsonmap_close(cf_jsonmap_t *m);
/*
 * Walk over the object in [text, text + len), of which blanks may follow, and nothing else; behind
 * bytes more may be read. CF_OK; CF_R_SYNTAX (diag: sentence, and offset in the text); CF_E_NOMEM.
 * When a path comes twice the later value counts; objects at one path are joined. Nesting deeper
 * than CF_JSON_DEPTH_MAX is CF_R_SYNTAX.
 */
CF_API int cf_jsonmap_read(cf_jsonmap_t *m, const char *text, size_t len, size_t behind, cf_diag_t *d)
    CF_MUST_USE;
/*
 * Values of the last walk by slot; *n (may be NULL) counts them, with those of unknown paths met so
 * far. Borrowed until the next walk, as are the texts (they lie in the object's bytes).
 */
CF_API const cf_jsonval_t *cf_jsonmap_values(const cf_jsonmap_t *m, uint32_t *n);
/* Slots that have a value, once each, in the order in which their paths were met; *n counts them. */
CF_API const uint16_t *cf_jsonmap_filled(const cf_jsonmap_t *m, uint32_t *n);
/* Path of a slot: the first of the table, or the one that was met. Borrowed until close. */
CF_API const char *cf_jsonmap_path(const cf_jsonmap_t *m, uint32_t slot);
/* Values of the last walk that have no slot. */
CF_API uint32_t cf_jsonmap_dropped(const cf_jsonmap_t *m);

/* ---- what values mean ---------------------------------------------------------------------- */

/* Absent, null, or an empty string: exporters write all three for the same. */
static inline bool cf_jsonval_absent(const cf_jsonval_t *v)
{
    return v->type == 0 || v->type == CF_JSON_NULL || (v->type == CF_JSON_STRING && v->len == 0);
}

/*
 * A whole number at most max, from a number or a string: "1440", 1440, 1440.0, 1.44e3. CF_R_NUMBER
 * for others, negative and fractional ones; CF_R_RANGE above max.
 */
CF_API int cf_jsonval_uint(const cf_jsonval_t *v, uint64_t max, uint64_t *out) CF_MUST_USE;
/* A decimal number times 10^scale (scale 0 to 9), what is smaller cut off: 0.25 ms is 250000 ns. */
CF_API int cf_jsonval_scaled(const cf_jsonval_t *v, unsigned scale, int64_t *out) CF_MUST_USE;
/*
 * A time: RFC 3339 with 0 to 9 decimals and offset, a count since 1970 as in cf_time_parse, or
 * either with " UTC" behind it. CF_R_TIME.
 */
CF_API int cf_jsonval_time(const cf_jsonval_t *v, int64_t *ns) CF_MUST_USE;
/* true, false, "true", "false" in any case. CF_R_ENUM. */
CF_API int cf_jsonval_bool(const cf_jsonval_t *v, bool *out) CF_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
