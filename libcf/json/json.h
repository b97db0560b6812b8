/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to the json room: the tokenizer's state, and strings. scan.c finds what ends or
 * interrupts a string, string.c undoes escapes and checks UTF-8, resync.c goes on behind what is
 * broken.
 */
#ifndef CFI_JSON_H
#define CFI_JSON_H

#include <cf/json.h>

/*
 * First place in p[from .. n) of a quote, backslash or control character, or n. *ascii is cleared
 * by a byte above 0x7f before it.
 */
typedef size_t (*cfi_json_scan_fn)(const char *p, size_t from, size_t n, bool *ascii);
/* The best here; CF_PORTABLE=1 in the environment asks for the plain one. */
cfi_json_scan_fn cfi_json_scanner(void);
size_t cfi_json_scan_plain(const char *p, size_t from, size_t n, bool *ascii);
#if defined(__x86_64__)
size_t cfi_json_scan_sse2(const char *p, size_t from, size_t n, bool *ascii);
/* Only where the processor has AVX2. */
size_t cfi_json_scan_avx2(const char *p, size_t from, size_t n, bool *ascii);
#endif

/* Undo escapes into an emptied buffer. CF_R_SYNTAX for a wrong one. */
int cfi_json_unescape(cf_buf_t *out, const char *s, size_t n);
bool cfi_json_utf8(const char *s, size_t n);

enum want {
    WANT_VALUE,                /* top level, after a colon, after a comma in an array */
    WANT_VALUE_OR_END,         /* behind '[' */
    WANT_KEY_OR_END,           /* behind '{' */
    WANT_KEY,                  /* behind a comma in an object */
    WANT_COLON,
    WANT_COMMA_OR_END
};

struct cf_json {
    cf_input_t *in;
    const char *p;             /* window */
    size_t n;
    size_t at;                 /* passed in the window, not yet consumed */
    uint64_t base;             /* offset of the window's first byte in the input */
    uint64_t mark;             /* offset of the last good token */
    cfi_json_scan_fn scan;
    enum want want;
    uint32_t depth;
    bool broken;
    cf_buf_t text;             /* of strings with escapes */
    /* 1 = array, 0 = object; beyond depth what was there last */
    uint8_t array[CF_JSON_DEPTH_MAX];
};

/*
 * The last good token stays in the window when it is not further back than this, for resync.c to
 * begin there; so it does not matter in what pieces the input comes.
 */
#define CFI_JSON_BACK (64u << 10)

/*
 * Consume what lies before from (at most j->at), but not the last good token. How many bytes that
 * was; places in the window, j->at too, are now so much less.
 */
size_t cfi_json_move(cf_json_t *j, size_t from);
/* Consume all that is passed: j->at is 0 then. */
void cfi_json_drop(cf_json_t *j);
/* Move, then make want bytes from j->at on visible, fewer only at the end. CF_EOF = none is left. */
int cfi_json_see(cf_json_t *j, size_t want, cf_diag_t *d);

#endif
