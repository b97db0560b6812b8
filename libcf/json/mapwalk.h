/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private: the walk, included once for each processor. WALK names it, TARGET is its attribute,
 * SAME(w, q, e) compares an edge, STOP(w, q, &hard) gives the place of the string's end at or after
 * q (hard: it needs the slow way), DIGITS(w, q) counts digits.
 */

TARGET static int WALK(cfi_walk_t *w)
{
    cf_jsonmap_t *m = w->m;
    cfi_edge_t *const edges = m->edges;
    const cfi_node_t *const nodes = m->nodes;
    const char *q = w->text, *const end = w->end;
    uint32_t leaf = 0, nfilled = 0, dropped = 0;
    uint16_t *const filled = m->filled;
    cf_jsonval_t *const val = m->val;
    cfi_edge_t *last = &m->begin;      /* the edge that led here */
    int rc = CF_OK;

    for (;;) {
        cfi_edge_t *e = &edges[last->guess];
        cf_jsonval_t *v;

        /* What followed last time; else whatever is known behind this leaf. */
        if (!(e != edges && SAME(w, q, e) &&
              (e->kind <= CFI_EDGE_STRING || cfi_map_fits(e, q + e->len, end)))) {
            for (e = &edges[nodes[leaf].edge];; e = &edges[e->next]) {
                if (__builtin_expect(e == edges, 0)) {
                    rc = cfi_map_step(w, leaf, q, &e);
                    if (rc != CF_OK)
                        return rc;
                    break;
                }
                if (SAME(w, q, e) &&
                    (e->kind <= CFI_EDGE_STRING || cfi_map_fits(e, q + e->len, end)))
                    break;
            }
            last->guess = (uint32_t)(e - edges);
        }
        last = e;
        q += e->len;
        leaf = e->to;
        v = &val[e->slot];
        filled[nfilled] = (uint16_t)e->slot;
        dropped += e->slot == m->trash;
        nfilled += v->type == 0 && e->slot != m->trash;
        m->nfilled = nfilled;
        if (__builtin_expect(e->kind == CFI_EDGE_STRING, 1)) {
            bool hard = false;
            const char *stop = STOP(w, q, &hard);

            v->text = q;
            v->len = (uint32_t)(stop - q);
            v->type = CF_JSON_STRING;
            q = stop;
            if (__builtin_expect(hard, 0)) {
                q = v->text;
                rc = cfi_map_string(w, &q, v);
            }
        } else if (e->kind == CFI_EDGE_SCALAR) {
            size_t n = DIGITS(w, q);

            /* most are whole numbers; those that may not begin with 0, or go on, are looked at */
            if (n > 0 && q + n < end && (*q != '0' || n == 1) && (q[n] == ',' || q[n] == '}')) {
                v->text = q;
                v->len = (uint32_t)n;
                v->type = CF_JSON_NUMBER;
                q += n;
            } else {
                rc = cfi_map_scalar(w, &q, v);
            }
        } else if (e->kind == CFI_EDGE_END) {
            m->dropped = dropped - 1;
            w->at = q;
            return CF_OK;
        } else {
            rc = cfi_map_whole(w, &q, v);
        }
        if (rc != CF_OK)
            return rc;
    }
}
