/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no edge knew: the bytes between two values are parsed, nodes are found or made for the keys
 * passed, and an edge remembers it all. Keys without end (a hostile log, or ids used as keys) do
 * not fill memory: beyond a bound they share one node of their container, whose value is checked,
 * counted and dropped, and the tables are forgotten before the next object.
 */
#include <string.h>

#include "json/json.h"
#include "json/map.h"

static uint32_t hash_bytes(uint32_t h, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * UINT32_C(16777619);
    return h;
}

static uint32_t child_hash(uint32_t parent, bool array, bool other, const char *key, uint32_t len)
{
    uint32_t h = hash_bytes(UINT32_C(2166136261), (const char *)&parent, sizeof parent);

    h = (h ^ (array + 2u * other)) * UINT32_C(16777619);
    h = array || other ? h + len * UINT32_C(0x9e3779b1) : hash_bytes(h, key, len);
    return h ^ h >> 15;
}

static bool same_child(const cf_jsonmap_t *m, const cfi_node_t *c, uint32_t parent, bool array,
                       bool other, const char *key, uint32_t len)
{
    return c->parent == parent && c->array == array && c->other == other && c->key_len == len &&
           (array || other || memcmp(m->keys.data + c->key, key, len) == 0);
}

/*
 * Node of a key (or element number len) below parent; *node = 0 when a new one would be too deep.
 */
static int child(cf_jsonmap_t *m, uint32_t parent, bool array, bool other, const char *key,
                 uint32_t len, uint32_t *node)
{
    uint32_t at = child_hash(parent, array, other, key, len) % CFI_MAP_INDEX;
    cfi_node_t *c;

    for (; m->index[at] != 0; at = (at + 1) % CFI_MAP_INDEX) {
        *node = m->index[at];
        if (same_child(m, &m->nodes[*node], parent, array, other, key, len))
            return CF_OK;
    }
    *node = 0;
    if (m->nodes[parent].depth + 1u >= CF_JSON_DEPTH_MAX)
        return CF_OK;
    if (!other && (m->nnodes >= CFI_MAP_KEYED || (!array && m->keys.len + len > CFI_MAP_KEYS))) {
        m->full = true;
        return child(m, parent, array, true, "", array ? CF_JSONMAP_INDEX_MAX : 0, node);
    }
    if (!array && !other) {
        int rc = cf_buf_put(&m->keys, key, len);

        if (rc != CF_OK)
            return CF_E_NOMEM;
    }
    *node = m->nnodes++;
    m->index[at] = *node;
    c = &m->nodes[*node];
    memset(c, 0, sizeof *c);
    c->parent = parent;
    c->key = (uint32_t)(m->keys.len - (array || other ? 0 : len));
    c->key_len = len;
    c->depth = (uint16_t)(m->nodes[parent].depth + 1);
    c->array = array;
    c->other = other;
    c->whole = other;
    c->slot = m->trash;
    return CF_OK;
}

/* Nodes of a path: found at once later, however full the tables are. */
static int plant(cf_jsonmap_t *m, const cfi_path_t *p)
{
    uint32_t node = 0;
    const char *s = p->text, *end = s + p->len;

    while (s < end) {
        const char *point = memchr(s, '.', (size_t)(end - s));
        size_t n = point != NULL ? (size_t)(point - s) : (size_t)(end - s);
        bool element = n == 1 && *s >= '0' && *s < (char)('0' + CF_JSONMAP_INDEX_MAX);
        int rc = child(m, node, element, false, s, element ? (uint32_t)(*s - '0') : (uint32_t)n,
                       &node);

        if (rc != CF_OK || node == 0)
            return rc;
        s += n + 1;
    }
    return CF_OK;
}

int cfi_map_forget(cf_jsonmap_t *m)
{
    int rc = CF_OK;

    memset(m->index, 0, CFI_MAP_INDEX * sizeof *m->index);
    memset(&m->nodes[0], 0, sizeof m->nodes[0]);
    m->nodes[0].slot = m->trash;
    m->nnodes = 1;
    m->nedges = 1;
    m->begin.guess = 0;
    m->keys.len = 0;
    for (uint32_t i = 0; i < m->npaths && rc == CF_OK; i++)
        rc = plant(m, &m->paths[i]);
    m->full = false;
    return rc;
}

/* Path of a node with points; its length, 0 = too long or through keys without a node. */
static size_t path_of(const cf_jsonmap_t *m, uint32_t node, char *out)
{
    uint32_t chain[CF_JSON_DEPTH_MAX];
    size_t n = 0, at = 0;

    for (; node != 0; node = m->nodes[node].parent)
        chain[n++] = node;
    while (n-- > 0) {
        const cfi_node_t *c = &m->nodes[chain[n]];
        size_t len = c->array ? 1 : c->key_len;

        if (c->other || at + len + 1 > CF_JSONMAP_PATH_MAX ||
            (c->array && c->key_len >= CF_JSONMAP_INDEX_MAX))
            return 0;
        if (at > 0)
            out[at++] = '.';
        if (c->array)
            out[at] = (char)('0' + c->key_len);
        else if (len > 0)
            memcpy(out + at, m->keys.data + c->key, len);
        at += len;
    }
    return at;
}

/* Does the table know this path? Asked once a node. */
static void resolve(cf_jsonmap_t *m, uint32_t node)
{
    cfi_node_t *c = &m->nodes[node];
    char path[CF_JSONMAP_PATH_MAX + 1];
    size_t n;

    if (c->resolved || c->other)
        return;
    c->resolved = true;
    n = path_of(m, node, path);
    c->slot = n > 0 ? cfi_map_slot(m, path, n, false, &c->whole) : m->trash;
}

/* A value that nobody has asked for so far: one of the extra slots. */
static void resolve_leaf(cf_jsonmap_t *m, uint32_t node)
{
    cfi_node_t *c = &m->nodes[node];
    char path[CF_JSONMAP_PATH_MAX + 1];
    size_t n;

    if (c->slot != m->trash || c->other || m->extra == 0)
        return;
    n = path_of(m, node, path);
    if (n > 0)
        c->slot = cfi_map_slot(m, path, n, true, &c->whole);
}

static int fault(cfi_walk_t *w, const char *at, const char *why)
{
    w->at = at;
    w->why = why;
    return CF_R_SYNTAX;
}

/* The key at *q (its quote) below parent, with its colon. */
static int key_node(cfi_walk_t *w, const char **q, uint32_t parent, uint32_t *node)
{
    const char *start, *end;
    size_t n;
    bool plain;
    int rc;

    *q = cfi_json_blanks(*q, w->end);
    if (*q == w->end || **q != '"')
        return fault(w, *q, "key expected");
    start = *q + 1;
    rc = cfi_json_string(start, w->end, &end, &plain, &w->why);
    if (rc != CF_OK)
        return fault(w, end, rc == CF_R_SYNTAX ? w->why : "object ends inside of a key");
    n = (size_t)(end - start);
    *q = cfi_json_blanks(end + 1, w->end);
    if (*q == w->end || **q != ':')
        return fault(w, *q, "colon expected");
    ++*q;
    if (!plain) {
        rc = cfi_json_unescape(&w->m->key, start, n);
        if (rc != CF_OK)
            return CF_E_NOMEM;
        start = w->m->key.data;
        n = w->m->key.len;
    }
    rc = child(w->m, parent, false, false, start, (uint32_t)n, node);
    if (rc == CF_OK && *node == 0)
        return fault(w, *q, "nested too deep");
    return rc;
}

static int element_node(cfi_walk_t *w, const char *q, uint32_t parent, uint32_t number,
                        uint32_t *node)
{
    int rc;

    if (number > CF_JSONMAP_INDEX_MAX)
        number = CF_JSONMAP_INDEX_MAX;
    rc = child(w->m, parent, true, false, "", number, node);
    if (rc == CF_OK && *node == 0)
        return fault(w, q, "nested too deep");
    return rc;
}

/* From the begin of node's value down to the first leaf in it. */
static int descend(cfi_walk_t *w, const char **q, uint32_t *node, uint32_t *kind)
{
    for (;;) {
        const char *in;
        bool array;
        int rc;

        *q = cfi_json_blanks(*q, w->end);
        if (*q == w->end)
            return fault(w, *q, "value expected");
        resolve(w->m, *node);
        if (w->m->nodes[*node].whole && *node != 0) {
            *kind = CFI_EDGE_WHOLE;
            return CF_OK;
        }
        if (**q == '"') {
            ++*q;
            *kind = CFI_EDGE_STRING;
            return CF_OK;
        }
        if (**q != '{' && **q != '[') {
            *kind = CFI_EDGE_SCALAR;
            return CF_OK;
        }
        array = **q == '[';
        in = cfi_json_blanks(*q + 1, w->end);
        if (in < w->end && *in == (array ? ']' : '}')) {
            *kind = CFI_EDGE_EMPTY;
            return CF_OK;
        }
        rc = array ? element_node(w, in, *node, 0, node) : key_node(w, &in, *node, node);
        if (rc != CF_OK)
            return rc;
        *q = in;
    }
}

/* From the end of a leaf's value up and over to the next leaf, or out of the object. */
static int climb(cfi_walk_t *w, const char **q, uint32_t *node, uint32_t *kind)
{
    for (;;) {
        const cfi_node_t *c = &w->m->nodes[*node];
        int rc;

        if (*node == 0) {
            *kind = CFI_EDGE_END;
            return CF_OK;
        }
        *q = cfi_json_blanks(*q, w->end);
        if (*q == w->end)
            return fault(w, *q, "object ends too early");
        if (**q == ',') {
            ++*q;
            rc = c->array ? element_node(w, *q, c->parent, c->key_len + 1, node)
                          : key_node(w, q, c->parent, node);
            return rc == CF_OK ? descend(w, q, node, kind) : rc;
        }
        if (**q != (c->array ? ']' : '}'))
            return fault(w, *q, "comma or end of the container expected");
        ++*q;
        *node = c->parent;
    }
}

/* Keep it with the leaf, unless it is too long or there is no room. */
static cfi_edge_t *keep(cf_jsonmap_t *m, uint32_t leaf, const cfi_edge_t *scratch, const char *text)
{
    uint32_t count = 0, *link = &m->nodes[leaf].edge;
    cfi_edge_t *e;

    while (*link != 0) {
        link = &m->edges[*link].next;
        count++;
    }
    if (scratch->len > CFI_EDGE_TEXT || count >= CFI_MAP_CHAIN)
        return &m->edges[0];
    if (m->nedges == CFI_MAP_EDGES) {
        m->full = true;
        return &m->edges[0];
    }
    e = &m->edges[m->nedges];
    *e = *scratch;
    memset(e->text, 0, sizeof e->text);
    memcpy(e->text, text, e->len);
    e->mask = e->len < 32 ? UINT32_MAX << e->len : 0;
    *link = m->nedges++;
    return e;
}

int cfi_map_step(cfi_walk_t *w, uint32_t leaf, const char *q, cfi_edge_t **e)
{
    cf_jsonmap_t *m = w->m;
    cfi_edge_t *s = &m->edges[0];
    const char *from = q;
    uint32_t node = leaf, kind = CFI_EDGE_END;
    int rc;

    if (q == w->text) {
        rc = *q != '{' ? fault(w, q, "object expected") : descend(w, &q, &node, &kind);
        if (rc == CF_OK && node == 0) {        /* {} */
            q = cfi_json_blanks(q + 1, w->end) + 1;
            kind = CFI_EDGE_END;
        }
    } else {
        q += q < w->end && *q == '"';         /* the value's closing quote */
        rc = climb(w, &q, &node, &kind);
    }
    if (rc != CF_OK)
        return rc;
    if (kind == CFI_EDGE_STRING || kind == CFI_EDGE_SCALAR)
        resolve_leaf(m, node);
    memset(s, 0, sizeof *s);
    s->len = (uint32_t)(q - from);
    s->kind = kind;
    s->to = node;
    s->slot = kind == CFI_EDGE_END ? m->trash : m->nodes[node].slot;
    *e = keep(m, leaf, s, from);
    return CF_OK;
}
