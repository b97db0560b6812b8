/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records out of JSON, whatever stands around them. Clouds, exporters and shippers deliver the same
 * record as a line, in an array, pretty-printed, in a list inside of a document that may be larger
 * than memory, behind text, in a JSON string, or as base64 of all this, perhaps compressed. This
 * room finds the objects: one after the other, complete, as contiguous bytes of bounded size. It
 * does not check what is inside of them (cf/jsonmap.h does, and says where a value stands).
 *
 * The reader decides whether an object is a record of its kind. When it is not, cf_jsonrec_enter
 * looks inside for what the options name. So wrappings cost nothing where there are none:
 *
 *     while ((rc = cf_jsonrec_next(r, &o, d)) == CF_OK) {
 *         if (cf_jsonmap_read(m, o.text, o.len, o.behind, &why) != CF_OK)
 *             cf_jsonrec_broken(r, 0, why.text);                   counted; goes on behind it
 *         else if (mine(cf_jsonmap_values(m, NULL)))
 *             …
 *         else if (!cf_jsonrec_enter(r))
 *             account->others++;
 *     }
 */
#ifndef CF_JSONREC_H
#define CF_JSONREC_H

#include <cf/account.h>
#include <cf/input.h>
#include <cf/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CF_JSONREC_MAX (4u << 20)          /* bytes of one object, when the options do not say */
#define CF_JSONREC_LEVELS 6u               /* strings and payloads inside of each other */
#define CF_JSONREC_PAYLOAD_MAX (64u << 20) /* bytes of one payload after decompression */

/*
 * Keys are NULL-ended lists, or NULL. A key with a point ("event.original") is that key, or the
 * second inside of the first. Everything is borrowed until close.
 */
typedef struct cf_jsonrec_options {
    const char *const *lists;      /* their array holds records: records, entries */
    const char *const *texts;      /* their string is JSON again: _raw, message, event.original */
    const char *const *payloads;   /* their string is base64 of JSON, perhaps compressed: data */
    const char *const *wrappers;   /* their object is the record, or holds it: event, message */
    /*
     * An object whose first keys have one of these is no document with a list: saves looking for
     * one. Not needed.
     */
    const char *const *marks;
    size_t max;                    /* bytes of an object; 0 = CF_JSONREC_MAX; 8 MiB at most */
    cf_rejects_t *rejects;         /* broken and long records are counted here; NULL = nowhere */
    uint64_t skip;                 /* rows to leave out uncounted: cf_reader_env_t.skip */
} cf_jsonrec_options_t;

/* An object from its '{' to its '}', with all strings closed and brackets paired in number. */
typedef struct cf_jsonobj {
    const char *text;              /* borrowed until the next call */
    size_t len;
    size_t behind;                 /* so many bytes more may be read (they mean nothing) */
    uint64_t offset;               /* in the input, of the outermost object around it */
    unsigned level;                /* strings, payloads and members that it was taken out of */
} cf_jsonobj_t;

typedef struct cf_jsonrec cf_jsonrec_t;

/*
 * New; the input is borrowed until close. It is the framer's alone until then, but between calls
 * stands behind what was consumed.
 */
CF_API int cf_jsonrec_open(cf_jsonrec_t **r, cf_input_t *in, const cf_jsonrec_options_t *o, cf_diag_t *d)
    CF_MUST_USE;
CF_API void cf_jsonrec_close(cf_jsonrec_t *r);
/*
 * Next object. CF_EOF at the end; CF_E_TRUNC when the input ends inside of an object or list;
 * CF_E_FORMAT when it holds nothing but text; or the input's error. What is broken is counted and
 * passed over. Text before JSON on its line, and lines of text before the first object, are passed
 * over (the latter counted as headers); a later line of text is a rejected row.
 */
CF_API int cf_jsonrec_next(cf_jsonrec_t *r, cf_jsonobj_t *o, cf_diag_t *d) CF_MUST_USE;
/*
 * The object that came last is none of the reader's records: the next ones are those inside of it,
 * where the options name a key that it has. Strings that look like JSON go before payloads,
 * wrappers, lists and other strings; one of them is taken, for shippers keep the same record in
 * several forms. False when there is nothing to look into: then the object is the reader's to count.
 */
CF_API bool cf_jsonrec_enter(cf_jsonrec_t *r);
/*
 * The object that came last is no good JSON: count it as rejected with this reason (code 0 =
 * CF_R_SYNTAX), and go on at the next place after its begin where an object like the others starts.
 */
CF_API void cf_jsonrec_broken(cf_jsonrec_t *r, int code, const char *reason);
/* Count the object that came last as a rejected row, with its place and begin. */
CF_API void cf_jsonrec_reject(cf_jsonrec_t *r, int code, const char *fmt, ...) CF_PRINTF(3, 4);
/* Before a row is kept: true when it is one of those to leave out (it counts as left out then). */
CF_API bool cf_jsonrec_skip(cf_jsonrec_t *r);
/*
 * For a reader's cursor: the end of the last complete object (line, element of the outermost list),
 * and the opening of the document if it stands in a list. Rows given out of a wrapping that was
 * not done are skipped. Needs options.rejects, whose account has counted every row.
 */
CF_API int cf_jsonrec_cursor(const cf_jsonrec_t *r, cf_cursor_t *c, cf_diag_t *d) CF_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
