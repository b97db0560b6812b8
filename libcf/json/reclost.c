/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way again, after something broken: the next place where an object opens as records did before,
 * or where a line begins with a bracket. In a list an opening like the others continues the list; a
 * line that begins otherwise is a document of its own. When nothing was remembered, "},{" has to do.
 * Bytes that are passed over belong to the record that was counted as broken.
 */
#include <string.h>

#include "json/rec.h"

typedef enum found { FOUND_NOTHING = 0, FOUND_OPENING, FOUND_LINE, FOUND_GAP } found_t;

/* What is the brace or bracket at p[i]? */
static found_t judge(cf_jsonrec_t *r, const char *p, size_t n, size_t i, bool line)
{
    size_t k = i;

    if (p[i] == '{' && cfi_rec_known(r, p + i, n - i))
        return FOUND_OPENING;
    if (i > 0 ? p[i - 1] == '\n' : line)
        return FOUND_LINE;
    if (r->openings > 0 || p[i] != '{')
        return FOUND_NOTHING;
    while (k > 0 && cfi_json_blank(p[k - 1]))
        k--;
    if (k == 0 || p[--k] != ',')
        return FOUND_NOTHING;
    while (k > 0 && cfi_json_blank(p[k - 1]))
        k--;
    return k > 0 && p[k - 1] == '}' ? FOUND_GAP : FOUND_NOTHING;
}

static const char *next_bracket(const char *p, const char *end)
{
    const char *brace = memchr(p, '{', (size_t)(end - p));
    const char *line = p;

    /* '[' counts only at the begin of a line */
    if (brace != NULL)
        end = brace;
    while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        if (++line < end && *line == '[')
            return line;
    }
    return brace;
}

static void settle(cf_jsonrec_t *r, found_t found)
{
    cfi_level_t *l = cfi_rec_level(r);

    l->unsure = true;
    l->line = found == FOUND_LINE;
    if (l->depth > 0 && found == FOUND_LINE) {
        l->depth = 0;
        r->base = r->top == 0 ? 0 : r->base;
    }
    /* An object that holds the list is in the way no more: what comes is an element. */
    while (l->depth > 0 && !l->list[l->depth - 1])
        l->depth--;
    if (r->top == 0 && l->depth < r->base)
        r->base = 0;
    l->place = l->depth > 0 ? CFI_AT_ELEMENT : CFI_AT_TOP;
}

int cfi_rec_lost(cf_jsonrec_t *r, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    bool line = false, first = true;
    const char *p;
    size_t n;
    int rc;

    while ((rc = cfi_rec_see(r, 2 * CFI_REC_OPENING, &p, &n, d)) == CF_OK) {
        const char *q = p + first;
        bool over = cf_input_ended(l->in) != CF_OK;
        /* An opening that is cut by the window is looked at when more is there. */
        size_t sure = over || n < 2 * CFI_REC_OPENING ? n : n - CFI_REC_OPENING;

        while (q < p + sure && (q = next_bracket(q, p + sure)) != NULL) {
            found_t found = judge(r, p, n, (size_t)(q - p), line);

            if (found != FOUND_NOTHING) {
                cf_input_consume(l->in, (size_t)(q - p));
                settle(r, found);
                return CF_EOF;
            }
            q++;
        }
        first = false;
        line = p[sure - 1] == '\n';
        cf_input_consume(l->in, sure);
    }
    settle(r, FOUND_LINE);
    return rc;
}
