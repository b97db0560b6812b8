/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to the framer. A level is one stream of bytes: the input, or a string, payload or member
 * of an object of the level below. In a level we are between objects, or in a list of them, around
 * which may stand objects that hold the list; what is in no list is passed over by whole members.
 * recwalk.c moves through a level, recobject.c cuts objects, reclook.c looks for keys that lead to
 * records, reclost.c finds the way again after something broken.
 */
#ifndef CFI_JSON_REC_H
#define CFI_JSON_REC_H

#include <cf/jsonrec.h>

#include "json/brace.h"
#include "json/check.h"

#define CFI_REC_NEST 16u           /* lists and objects around them, of one level */
#define CFI_REC_OPENINGS 4u        /* of objects that were records */
#define CFI_REC_OPENING 64u        /* bytes of one: up to its first colon */

typedef enum cfi_place {
    CFI_AT_TOP = 0,                /* between top-level values */
    CFI_AT_ELEMENT,                /* in a list: an element, or its end */
    CFI_AT_COMMA,                  /* behind an element */
    CFI_AT_MEMBER,                 /* behind a member of an object around a list */
    CFI_AT_KEY                     /* a key of it */
} cfi_place_t;

typedef struct cfi_level {
    cf_input_t *in;
    bool own;                      /* in is ours */
    char *memory;                  /* its bytes, when ours */
    bool begun;                    /* past a byte order mark */
    bool line;                     /* at the begin of a line */
    bool some;                     /* an object came */
    bool unsure;                   /* lost the way once: ends of containers may be missing */
    uint64_t texts;                /* lines of text before the first object */
    cfi_place_t place;
    uint32_t depth;
    bool list[CFI_REC_NEST];       /* else an object around a list */
    size_t held;                   /* bytes of the object given out, not consumed yet */
} cfi_level_t;

struct cf_jsonrec {
    cf_jsonrec_options_t o;
    size_t max;
    cfi_brace_fn brace;
    cfi_level_t level[CF_JSONREC_LEVELS];
    unsigned top;
    cf_jsonobj_t last;             /* text NULL = none, or it was looked into */
    bool lost;                     /* it was broken: look for the next one */
    uint64_t offset;               /* of the object of level 0 in hand */
    char opening[CFI_REC_OPENINGS][CFI_REC_OPENING];
    uint32_t opening_len[CFI_REC_OPENINGS];
    unsigned openings;             /* remembered so far */
    unsigned hot;                  /* the one that matched last */
    /* cursor: of level 0 */
    uint64_t begin;                /* of the document in hand */
    uint32_t base;                 /* depth of the outermost list; 0 = no list */
    cf_cursor_t cursor;
    bool nomem;                    /* what stood inside of the last object was not looked into */
    bool endless;                  /* the document's opening is too long for a cursor */
    uint64_t rows;                 /* met when the cursor's unit ended */
    uint64_t skipped;
    cf_buf_t scratch;
};

/* What stands inside of an object and leads to records. */
typedef enum cfi_inside { CFI_NOTHING = 0, CFI_TEXT, CFI_PAYLOAD, CFI_OBJECT, CFI_LIST } cfi_inside_t;
typedef struct cfi_member {
    cfi_inside_t what;
    const char *text;              /* between its quotes; containers with their brackets */
    size_t len;
    uint32_t rank;
} cfi_member_t;

static inline cfi_level_t *cfi_rec_level(cf_jsonrec_t *r)
{
    return &r->level[r->top];
}

/* A byte or more at hand, or CF_EOF or the input's error. */
int cfi_rec_see(cf_jsonrec_t *r, size_t want, const char **p, size_t *n, cf_diag_t *d);
/* Rows met by the reader so far. */
uint64_t cfi_rec_rows(const cf_jsonrec_t *r);
/* A place where the reader may go on later: the end of an object at the outermost list or top. */
void cfi_rec_mark(cf_jsonrec_t *r, uint64_t offset);
/* Count something that could not be read, from the window's begin. */
void cfi_rec_reject(cf_jsonrec_t *r, int code, uint64_t offset, const char *row, size_t n,
                    const char *why);
/* New level over bytes (takes memory, which may be NULL = borrowed). False: no room, told. */
int cfi_rec_push(cf_jsonrec_t *r, char *memory, const char *bytes, size_t n, bool packed);

/* Move on to the next object of the level and cut it. CF_EOF: the level is over. */
int cfi_rec_walk(cf_jsonrec_t *r, cf_jsonobj_t *o, cf_diag_t *d);
int cfi_rec_open_list(cf_jsonrec_t *r, uint32_t around, uint64_t begin, size_t n, cf_diag_t *d);
/* The object at the window's begin. CF_OK: cut; CF_EOF: nothing yet, walk on. */
int cfi_rec_object(cf_jsonrec_t *r, cf_jsonobj_t *o, cf_diag_t *d);
/* Pass over a value of any length at the window's begin. CF_OK; CF_E_TRUNC; CF_R_SYNTAX. */
int cfi_rec_pass(cf_jsonrec_t *r, cf_diag_t *d);

/* "{ "first": of an object into out; 0 = it has none, or a long one. */
uint32_t cfi_rec_opening(const char *p, size_t n, const char **out);
void cfi_rec_remember(cf_jsonrec_t *r, const char *p, size_t n);
bool cfi_rec_known(cf_jsonrec_t *r, const char *p, size_t n);

bool cfi_rec_is_key(const char *const *keys, const char *key, size_t n);
/*
 * Does the object p[0 .. n) lead to a list among its first members? CF_OK: *at is behind the list's
 * bracket, *around objects stand around it. CF_EOF: no. CF_E_TRUNC: not enough bytes to tell.
 */
int cfi_rec_peek(const cf_jsonrec_t *r, const char *p, size_t n, size_t *at, uint32_t *around);
/* The member of a complete object that promises most. */
void cfi_rec_inside(const cf_jsonrec_t *r, const char *p, size_t n, cfi_member_t *best);
/* Base64 of either alphabet, with blanks; new memory. CF_R_SYNTAX, CF_E_NOMEM. */
int cfi_base64(const char *s, size_t n, char **out, size_t *len);

/*
 * Something is broken at the window's begin: go where an object is likely to start behind it. CF_EOF:
 * walk on, or the input's error.
 */
int cfi_rec_lost(cf_jsonrec_t *r, cf_diag_t *d);

#endif
