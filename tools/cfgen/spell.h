/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces of text that several JSON formats need beside the numbers of text.h: literals, times as
 * ISO 8601, identifiers made of letters and digits, base64. Each function returns the new end.
 */
#ifndef CFGEN_SPELL_H
#define CFGEN_SPELL_H

#include "text.h"

#include <stddef.h>

/* A string literal. */
#define GEN_LIT(p, s) gen_put_str(p, s, sizeof(s) - 1)

enum { GEN_ISO_ROOM = 32, GEN_UUID_LEN = 36 };

/* "2026-03-07T14:03:01" without what may follow; `secs` since 1970, before the year 10000. */
char *gen_put_iso(const gen_text_t *x, char *p, uint64_t secs);
/* n small letters and digits that hang on h alone. */
char *gen_put_base36(char *p, uint64_t h, unsigned n);
/* 8-4-4-4-12 hexadecimal digits that hang on h alone. */
char *gen_put_uuid(char *p, uint64_t h);
/* 4 bytes for each 3 begun; `p` must not overlap `s`. */
char *gen_put_base64(char *p, const char *s, size_t n);

#endif
