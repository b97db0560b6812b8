/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walk JSON text that is known to be well formed, counting lines. Keys are compared as written; a
 * key with escapes is never one of ours.
 */
#include <stdbool.h>
#include <string.h>

#include "site/jsonline.h"

typedef struct walk {
    const char *at, *end;
    uint64_t line;
} walk_t;

static void blank(walk_t *w)
{
    for (; w->at < w->end && strchr(" \t\r\n", *w->at) != NULL && *w->at != '\0'; w->at++)
        w->line += *w->at == '\n';
}

/* Past a string; its raw text between the quotes. */
static void string(walk_t *w, const char **s, size_t *n)
{
    *s = ++w->at;
    while (w->at < w->end && *w->at != '"')
        w->at += *w->at == '\\' && w->at + 1 < w->end ? 2 : 1;
    *n = (size_t)(w->at - *s);
    w->at += w->at < w->end;
}

/* Past a whole value: strings, and brackets by their depth. */
static void skip(walk_t *w)
{
    size_t depth = 0, n;
    const char *s;

    do {
        blank(w);
        if (w->at >= w->end)
            return;
        if (*w->at == '"') {
            string(w, &s, &n);
        } else if (strchr("[{", *w->at) != NULL) {
            depth++;
            w->at++;
        } else if (strchr("]}", *w->at) != NULL) {
            depth--;
            w->at++;
        } else if (strchr(",:", *w->at) != NULL) {
            w->at++;
        } else {
            while (w->at < w->end && strchr(",:]} \t\r\n", *w->at) == NULL)
                w->at++;
        }
    } while (depth > 0);
}

/* Into the object or array at w, to the child; *line = where it begins. */
static bool enter(walk_t *w, const cfi_jsonstep_t *step, uint64_t *line)
{
    blank(w);
    if (w->at >= w->end || *w->at != (step->key != NULL ? '{' : '['))
        return false;
    w->at++;
    for (size_t i = 0;; i++) {
        const char *s = NULL;
        size_t n = 0;

        blank(w);
        if (w->at >= w->end || strchr("]}", *w->at) != NULL)
            return false;
        *line = w->line;
        if (step->key != NULL) {
            string(w, &s, &n);
            blank(w);
            w->at += w->at < w->end;   /* the colon */
            if (strlen(step->key) == n && memcmp(step->key, s, n) == 0)
                return true;
        } else if (i == step->index) {
            return true;
        }
        skip(w);
        blank(w);
        w->at += w->at < w->end && *w->at == ',';
    }
}

uint64_t cfi_jsonline(const char *text, size_t len, const cfi_jsonstep_t *path, size_t n)
{
    walk_t w = { text, text + len, 1 };
    uint64_t line = 1;

    for (size_t i = 0; i < n; i++) {
        if (!enter(&w, &path[i], &line))
            return 0;
    }
    return line;
}
