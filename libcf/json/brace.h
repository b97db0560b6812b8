/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private: where does a container end? Brackets outside of strings are counted, 64 bytes at a time;
 * nothing else is looked at, except that no control character may stand in a string.
 */
#ifndef CFI_JSON_BRACE_H
#define CFI_JSON_BRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cfi_brace {
    size_t done;               /* bytes looked at, whole blocks */
    uint64_t in_string;        /* all bits or none: a string goes on */
    uint64_t escaped;          /* 1: the next byte is */
    uint64_t depth;
} cfi_brace_t;

/*
 * Go on with p[b->done .. n), where p[0] opened the container (b is all zero at first). CF_OK: it
 * is *len bytes long. CF_EOF: it goes on behind n. CF_R_SYNTAX: a string has a control character at
 * *len.
 */
typedef int (*cfi_brace_fn)(cfi_brace_t *b, const char *p, size_t n, size_t *len);
int cfi_brace_plain(cfi_brace_t *b, const char *p, size_t n, size_t *len);
/* Only where cfi_json_wide says so. */
int cfi_brace_avx2(cfi_brace_t *b, const char *p, size_t n, size_t *len);

#endif
