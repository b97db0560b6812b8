/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The map's life: its table of paths, found by their text, and a walk from outside. map.h tells how
 * a walk works.
 */
#include <stdlib.h>
#include <string.h>

#include "json/map.h"

#define ARENA_MAX (32u << 20)

static uint32_t hash_path(const char *s, size_t n)
{
    uint32_t h = UINT32_C(2166136261);

    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * UINT32_C(16777619);
    return h ^ h >> 15;
}

static cfi_path_t *find_path(const cf_jsonmap_t *m, const char *path, size_t n, uint32_t *at)
{
    *at = hash_path(path, n) & m->path_mask;
    for (; m->path_index[*at] != UINT32_MAX; *at = (*at + 1) & m->path_mask) {
        cfi_path_t *p = &m->paths[m->path_index[*at]];

        if (p->len == n && memcmp(p->text, path, n) == 0)
            return p;
    }
    return NULL;
}

/* Append a path that is not there. */
static int add_path(cf_jsonmap_t *m, const char *path, size_t n, uint32_t slot, bool whole)
{
    uint32_t at;
    cfi_path_t *p = find_path(m, path, n, &at);

    if (p != NULL)
        return CF_E_USAGE;
    p = &m->paths[m->npaths];
    p->text = malloc(n + 1);
    if (p->text == NULL)
        return CF_E_NOMEM;
    memcpy(p->text, path, n);
    p->text[n] = '\0';
    p->len = (uint32_t)n;
    p->slot = slot;
    p->whole = whole;
    m->path_index[at] = m->npaths++;
    return CF_OK;
}

uint32_t cfi_map_slot(cf_jsonmap_t *m, const char *path, size_t n, bool leaf, bool *whole)
{
    uint32_t at;
    const cfi_path_t *p = find_path(m, path, n, &at);

    if (p == NULL && leaf && m->met < m->extra &&
        add_path(m, path, n, m->slots + m->met, false) == CF_OK) {
        m->met++;
        p = find_path(m, path, n, &at);
    }
    if (p == NULL)
        return m->trash;
    *whole = p->whole;
    return p->slot;
}

static int allocate(cf_jsonmap_t *m, uint32_t npaths)
{
    uint32_t size = 64;

    while (size < 2 * (npaths + m->extra))
        size *= 2;
    m->path_mask = size - 1;
    m->path_index = malloc(size * sizeof *m->path_index);
    m->paths = calloc((size_t)npaths + m->extra + 1, sizeof *m->paths);
    m->val = calloc((size_t)m->trash + 1, sizeof *m->val);
    m->filled = calloc((size_t)m->trash + 1, sizeof *m->filled);
    m->edges = cf_alloc_aligned(CFI_MAP_EDGES, sizeof *m->edges);
    m->nodes = malloc(CFI_MAP_NODES * sizeof *m->nodes);
    m->index = malloc(CFI_MAP_INDEX * sizeof *m->index);
    if (m->path_index == NULL || m->paths == NULL || m->val == NULL || m->filled == NULL ||
        m->edges == NULL || m->nodes == NULL || m->index == NULL)
        return CF_E_NOMEM;
    memset(m->path_index, 0xff, size * sizeof *m->path_index);
    memset(&m->edges[0], 0, sizeof m->edges[0]);
    return CF_OK;
}

int cf_jsonmap_open(cf_jsonmap_t **out, const cf_jsonpath_t *paths, uint32_t slots, uint32_t extra,
                    cf_diag_t *d)
{
    cf_jsonmap_t *m;
    uint32_t n = 0;
    int rc;

    *out = NULL;
    while (paths[n].path != NULL)
        n++;
    if (n > CFI_MAP_KEYED / 4 || extra > CFI_MAP_KEYED || slots > UINT16_MAX / 2)
        return cf_diag_set(d, CF_E_LIMIT, "too many paths");
    m = calloc(1, sizeof *m);
    if (m == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a map");
    m->slots = slots;
    m->extra = extra;
    m->trash = slots + extra;
    m->avx2 = cfi_json_wide();
    cf_buf_init(&m->arena, ARENA_MAX);
    cf_buf_init(&m->keys, CFI_MAP_KEYS + (64u << 20));
    cf_buf_init(&m->key, ARENA_MAX);
    rc = allocate(m, n);
    for (uint32_t i = 0; i < n && rc == CF_OK; i++) {
        size_t len = strlen(paths[i].path);
        bool whole = len > 2 && memcmp(paths[i].path + len - 2, "{}", 2) == 0;

        len -= whole ? 2 : 0;
        rc = len == 0 || len > CF_JSONMAP_PATH_MAX || paths[i].slot >= slots
                 ? CF_E_USAGE : add_path(m, paths[i].path, len, paths[i].slot, whole);
        if (rc == CF_E_USAGE)
            cf_diag_set(d, rc, "path '%.64s' is there already, or is none", paths[i].path);
    }
    if (rc == CF_OK)
        rc = cfi_map_forget(m);
    if (rc != CF_OK) {
        cf_jsonmap_close(m);
        return rc == CF_E_USAGE ? rc : cf_diag_set(d, rc, "no memory for a map");
    }
    *out = m;
    return CF_OK;
}

void cf_jsonmap_close(cf_jsonmap_t *m)
{
    if (m == NULL)
        return;
    for (uint32_t i = 0; i < m->npaths; i++)
        free(m->paths[i].text);
    free(m->paths);
    free(m->path_index);
    free(m->val);
    free(m->filled);
    free(m->edges);
    free(m->nodes);
    free(m->index);
    cf_buf_fini(&m->arena);
    cf_buf_fini(&m->keys);
    cf_buf_fini(&m->key);
    free(m);
}

static void clear(cf_jsonmap_t *m)
{
    /* one more: a fault may have come before it was counted */
    for (uint32_t i = 0; i <= m->nfilled && i <= m->trash; i++)
        m->val[m->filled[i]].type = 0;
    m->nfilled = 0;
}

int cf_jsonmap_read(cf_jsonmap_t *m, const char *text, size_t len, size_t behind, cf_diag_t *d)
{
    cfi_walk_t w = { m, text, text + len, text + len + behind, NULL, "object expected" };
    int rc = CF_OK;

    if (m->full)
        rc = cfi_map_forget(m);
    clear(m);
    m->arena.len = 0;
    m->dropped = 0;
    if (rc == CF_OK && len == 0) {
        w.at = text;
        rc = CF_R_SYNTAX;
    }
    if (rc == CF_OK)
        rc = m->avx2 ? cfi_map_walk_avx2(&w) : cfi_map_walk_plain(&w);
    if (rc == CF_OK) {
        w.at = cfi_json_blanks(w.at, w.end);
        if (w.at == w.end)
            return CF_OK;
        w.why = "something follows the object";
        rc = CF_R_SYNTAX;
    }
    /* What was found before the fault is not to be taken for a record. */
    clear(m);
    if (rc != CF_R_SYNTAX)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for reading JSON");
    if (d != NULL) {
        d->has_offset = true;
        d->offset = (uint64_t)(w.at - text);
    }
    return cf_diag_set(d, rc, "JSON: %s", w.why);
}

const cf_jsonval_t *cf_jsonmap_values(const cf_jsonmap_t *m, uint32_t *n)
{
    if (n != NULL)
        *n = m->slots + m->met;
    return m->val;
}

const uint16_t *cf_jsonmap_filled(const cf_jsonmap_t *m, uint32_t *n)
{
    *n = m->nfilled;
    return m->filled;
}

const char *cf_jsonmap_path(const cf_jsonmap_t *m, uint32_t slot)
{
    for (uint32_t i = 0; i < m->npaths; i++) {
        if (m->paths[i].slot == slot)
            return m->paths[i].text;
    }
    return NULL;
}

uint32_t cf_jsonmap_dropped(const cf_jsonmap_t *m)
{
    return m->dropped;
}
