/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Going on behind broken JSON. Nobody can tell how deep one is after a fault, so places are looked
 * for that cannot be mistaken: a line that begins a value (logs of one record a line), or an object
 * whose first key only records have (records in one long line). The bytes passed over are not
 * judged.
 */
#include <string.h>

#include "json/json.h"

#define KEY_MAX 64u
#define AHEAD 512u                 /* bytes to see for judging the begin of an object */

int cf_json_resync(cf_json_t *j, uint64_t *skipped, cf_diag_t *d)
{
    uint64_t from = j->base + j->at;
    bool line_start = false;
    int rc = CF_OK;

    j->depth = 0;
    j->want = WANT_VALUE;
    while (j->at < j->n || (rc = cfi_json_see(j, 1, d)) == CF_OK) {
        char c = j->p[j->at];

        if (line_start && (c == '{' || c == '['))
            break;
        if (c == '\n') {
            line_start = true;
            j->at++;
        } else if (line_start && c == '\r') {
            j->at++;
        } else {
            const char *lf = memchr(j->p + j->at, '\n', j->n - j->at);

            line_start = false;
            j->at = lf != NULL ? (size_t)(lf - j->p) : j->n;
        }
    }
    if (skipped != NULL)
        *skipped = j->base + j->at - from;
    j->broken = rc < 0;
    return rc;
}

static size_t blanks(const char *p, size_t i, size_t n)
{
    while (i < n && (p[i] == ' ' || p[i] == '\n' || p[i] == '\r' || p[i] == '\t'))
        i++;
    return i;
}

/* The anchor whose key is the first of the object that begins at p, or NULL. */
static const cf_json_anchor_t *anchor_at(const cf_json_anchor_t *anchors, const char *p, size_t n)
{
    size_t i = blanks(p, 1, n), len;
    const char *key, *end;

    if (i >= n || p[i] != '"')
        return NULL;
    key = p + i + 1;
    end = memchr(key, '"', n - i - 1 < KEY_MAX ? n - i - 1 : KEY_MAX);
    if (end == NULL)
        return NULL;
    len = (size_t)(end - key);
    i = blanks(p, (size_t)(end - p) + 1, n);
    if (i >= n || p[i] != ':')
        return NULL;
    for (; anchors->key != NULL; anchors++) {
        if (strlen(anchors->key) == len && memcmp(anchors->key, key, len) == 0)
            return anchors;
    }
    return NULL;
}

int cf_json_resync_object(cf_json_t *j, const cf_json_anchor_t *anchors, uint64_t *skipped,
                          cf_diag_t *d)
{
    /* A string that was not closed may have swallowed the place; so from the last good token on. */
    uint64_t from = j->base + j->at;
    const cf_json_anchor_t *a = NULL;
    int rc = CF_OK;

    if (j->mark >= j->base && j->mark < from && from - j->mark <= CFI_JSON_BACK)
        from = j->mark + 1;
    j->at = (size_t)(from - j->base);
    j->mark = from;
    while (a == NULL && (j->at < j->n || (rc = cfi_json_see(j, 1, d)) == CF_OK)) {
        const char *open = memchr(j->p + j->at, '{', j->n - j->at);

        j->at = open != NULL ? (size_t)(open - j->p) : j->n;
        if (open == NULL)
            continue;
        if (j->n - j->at < AHEAD && (rc = cfi_json_see(j, AHEAD, d)) != CF_OK)
            break;
        a = anchor_at(anchors, j->p + j->at, j->n - j->at);
        if (a == NULL)
            j->at++;
    }
    if (skipped != NULL)
        *skipped = j->base + j->at - from;
    j->broken = rc < 0;
    j->want = WANT_VALUE;
    j->depth = a != NULL && a->depth <= CF_JSON_DEPTH_MAX ? a->depth : 0;
    if (j->depth > 0)
        j->array[j->depth - 1] = 1;
    return rc;
}
