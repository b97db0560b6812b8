/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to the json room: strings. string.c scans for what ends or interrupts one, undoes
 * escapes, checks UTF-8.
 */
#ifndef CFI_JSON_H
#define CFI_JSON_H

#include <cf/json.h>

/*
 * First place in p[from .. n) of a quote, backslash or control character, or n. *ascii is cleared
 * by a byte above 0x7f.
 */
size_t cfi_json_scan(const char *p, size_t from, size_t n, bool *ascii);
/* Undo escapes into an emptied buffer. CF_R_SYNTAX for a wrong one. */
int cfi_json_unescape(cf_buf_t *out, const char *s, size_t n);
bool cfi_json_utf8(const char *s, size_t n);

#endif
