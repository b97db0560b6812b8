/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way through an object of flow logs, which may be longer than memory: token by token through
 * its header, element by element through its list. An element that is a plain object of scalars, as
 * all are, is taken as bytes and walked over once; whatever is odd about it comes again as tokens,
 * which decide.
 *
 * What the header says belongs to every row. Normally it stands before the list; where some of it
 * does not, rows wait for it, IBM_HELD_MAX bytes of them.
 */
#include <stdlib.h>

#include "ibm.h"

static void forget_object(ibm_t *st)
{
    memset(st->text, 0, sizeof st->text);
    memset(st->told, 0, sizeof st->told);
    st->seen = 0;
    st->list = false;
    st->flows = 0;
    st->ended = false;
    st->holding = false;
    st->nheld = st->next = 0;
    st->arena_len = 0;
}

static void begin_object(ibm_t *st, uint64_t offset)
{
    forget_object(st);
    st->offset = offset;
    st->where = IBM_DOC;
}

static uint64_t rows_out(const ibm_t *st)
{
    return st->env->skip - st->skip + st->env->account->rows_read;
}

/* Everything of the object was given out. */
static void end_object(ibm_t *st)
{
    forget_object(st);
    st->where = IBM_TOP;
    st->begin = cf_json_offset(st->json);
    st->given = rows_out(st);
}

/* ---- broken JSON -------------------------------------------------------------------------- */

static void reject(ibm_t *st, int code, uint64_t offset, const char *why)
{
    cf_place_t place = { .offset = offset };

    cf_cells_reject(st->env, &st->skip, code, &place, "%s", why);
}

/* What was read of an object that ends in the middle; the next begins at offset. */
static void leave_object(ibm_t *st, uint64_t offset)
{
    st->list = false;                  /* no status row: who knows */
    st->ended = true;
    st->again = true;
    st->again_offset = offset;
}

/*
 * On at the next flow log, or the next object. When there is none inside of an object, nobody can
 * tell what was lost with its rest.
 */
static int broken(ibm_t *st, int code, const cf_diag_t *why, cf_diag_t *d)
{
    static const cf_json_anchor_t anchors[] = {
        { "start_time", 2 }, { "end_time", 2 }, { "connection_start_time", 2 }, { "action", 2 },
        { "bytes_from_initiator", 2 }, { "version", 0 }, { "collector_crn", 0 },
        { "attached_endpoint_type", 0 }, { "flow_logs", 0 }, { NULL, 0 }
    };
    cf_json_anchor_t at[sizeof anchors / sizeof anchors[0]];
    bool inside = st->where != IBM_TOP;
    cf_json_token_t t;
    int rc;

    reject(st, code, why->has_offset ? why->offset : cf_json_offset(st->json), why->text);
    st->flows += st->where == IBM_LIST;
    memcpy(at, anchors, sizeof at);
    for (int i = 0; at[i].key != NULL; i++)
        at[i].depth += st->base;
    cf_diag_clear(d);
    rc = cf_json_resync_object(st->json, at, NULL, d);
    if (rc == CF_EOF && inside)
        return cf_diag_set(d, CF_E_FORMAT, "broken JSON, and no flow log behind it");
    /* The object's begin is the next token: it tells where we are. */
    if (rc == CF_OK)
        rc = cf_json_next(st->json, &t, d);
    if (rc != CF_OK)
        return rc;
    if (t.depth == st->base) {
        if (inside)
            leave_object(st, t.offset);
        else
            begin_object(st, t.offset);
        return CF_OK;
    }
    if (!inside)
        begin_object(st, t.offset);
    if (!st->list)
        ibm_head(st);
    st->list = true;
    st->where = IBM_LIST;
    st->element = true;
    st->element_offset = t.offset;
    return CF_OK;
}

/* ---- flow logs ---------------------------------------------------------------------------- */

/* The texts of a flow log are in st->text. */
static int take(ibm_t *st, uint64_t offset, cf_diag_t *d)
{
    int rc;

    st->flows++;
    if (st->holding) {
        rc = ibm_hold(st, offset);
        st->holding = rc == CF_OK;     /* else the header is too far: rows go without */
        return rc == CF_OK || rc == CF_E_LIMIT ? CF_OK : cf_diag_set(d, rc, "out of memory");
    }
    return ibm_row(st, offset, d);
}

static void clear_flow(ibm_t *st)
{
    memset(st->text, 0, IBM_FLOW * sizeof st->text[0]);
    st->row = (cf_text_t){ NULL, 0 };
}

static bool scalar(cf_json_type_t type)
{
    return type >= CF_JSON_STRING;
}

/* An element token by token, behind its begin. */
static int element_by_tokens(ibm_t *st, uint64_t offset, cf_diag_t *d)
{
    char copy[IBM_FLOW][128];
    cf_json_token_t t;
    int rc, key = -1;

    clear_flow(st);
    while ((rc = cf_json_next(st->json, &t, d)) == CF_OK && t.type != CF_JSON_OBJECT_END) {
        if (t.type == CF_JSON_KEY) {
            key = ibm_key(t.text, t.len, true);
            continue;
        }
        if (!scalar(t.type)) {
            rc = cf_json_skip(st->json, &t, d);
            if (rc != CF_OK)
                return rc;
            continue;
        }
        if (key < 0)
            continue;
        st->text[key] = (cf_text_t){ NULL, 0 };
        if (t.type == CF_JSON_NULL)
            continue;
        if (t.len > sizeof copy[0])
            t.len = sizeof copy[0];    /* no value is so long: what is left is wrong as well */
        memcpy(copy[key], t.text, t.len);
        st->text[key] = (cf_text_t){ copy[key], t.len };
    }
    if (rc == CF_OK)
        rc = take(st, offset, d);
    clear_flow(st);
    return rc;
}

/* An element as bytes. False when it is not at hand as a whole, or odd. */
static bool element_by_bytes(ibm_t *st, int *rc, cf_diag_t *d)
{
    const char *p, *end;
    const cf_jsonval_t *v;
    size_t n = cf_json_raw(st->json, IBM_ELEMENT_MAX, &p), len;

    if (n == 0 || *p != '{')
        return false;
    end = memchr(p, '}', n < IBM_ELEMENT_MAX ? n : IBM_ELEMENT_MAX);
    if (end == NULL)
        return false;
    len = (size_t)(end + 1 - p);
    if (cf_jsonmap_read(st->map, p, len, n - len, NULL) != CF_OK)
        return false;
    v = cf_jsonmap_values(st->map, NULL);
    for (int i = 0; i < IBM_FLOW; i++) {
        bool there = v[i].type >= CF_JSON_STRING && v[i].type != CF_JSON_NULL;

        st->text[i].s = there ? v[i].text : NULL;
        st->text[i].n = there ? v[i].len : 0;
    }
    st->row = (cf_text_t){ p, len };
    *rc = take(st, cf_json_offset(st->json), d);
    clear_flow(st);
    cf_json_took(st->json, len);
    return true;
}

static int list_step(ibm_t *st, cf_diag_t *d)
{
    cf_json_token_t t;
    int rc = CF_OK;

    if (st->element) {
        st->element = false;
        return element_by_tokens(st, st->element_offset, d);
    }
    if (element_by_bytes(st, &rc, d))
        return rc;
    rc = cf_json_next(st->json, &t, d);
    if (rc != CF_OK)
        return rc;
    if (t.type == CF_JSON_ARRAY_END) {
        st->where = IBM_DOC;
        return CF_OK;
    }
    if (t.type == CF_JSON_OBJECT)
        return element_by_tokens(st, t.offset, d);
    reject(st, CF_R_SYNTAX, t.offset, "a flow log is no object");
    st->flows++;
    return t.type == CF_JSON_ARRAY ? cf_json_skip(st->json, &t, d) : CF_OK;
}

/* ---- objects ------------------------------------------------------------------------------ */

/* Copies a value of the header; of a longer one the beginning is of no use. */
static void head_value(ibm_t *st, int key, const cf_json_token_t *t)
{
    st->seen |= UINT32_C(1) << (key - IBM_FLOW);
    st->text[key] = (cf_text_t){ NULL, 0 };
    if (t->type == CF_JSON_NULL || t->len > IBM_VALUE_MAX)
        return;
    memcpy(st->head[key - IBM_FLOW], t->text, t->len);
    st->text[key] = (cf_text_t){ st->head[key - IBM_FLOW], t->len };
}

static int list_begin(ibm_t *st, const cf_json_token_t *t, cf_diag_t *d)
{
    if (t->type != CF_JSON_ARRAY) {
        reject(st, CF_R_SYNTAX, t->offset, "flow_logs is no array");
        return t->type == CF_JSON_OBJECT ? cf_json_skip(st->json, t, d) : CF_OK;
    }
    st->list = true;
    st->where = IBM_LIST;
    /* after the first list the header has had its chance */
    st->holding = st->seen != (UINT32_C(1) << IBM_HEAD) - 1;
    ibm_head(st);
    return CF_OK;
}

static int doc_step(ibm_t *st, cf_diag_t *d)
{
    cf_json_token_t t, v;
    int rc = cf_json_next(st->json, &t, d), key;
    bool list;

    if (rc != CF_OK)
        return rc;
    if (t.type == CF_JSON_OBJECT_END) {
        if (!st->list)
            st->env->account->others++;
        ibm_head(st);
        st->ended = true;
        return CF_OK;
    }
    list = t.len == 9 && memcmp(t.text, "flow_logs", 9) == 0;
    key = list ? -1 : ibm_key(t.text, t.len, false);
    rc = cf_json_next(st->json, &v, d);
    if (rc != CF_OK)
        return rc;
    if (list)
        return list_begin(st, &v, d);
    if (!scalar(v.type))
        return cf_json_skip(st->json, &v, d);
    if (key >= 0)
        head_value(st, key, &v);
    return CF_OK;
}

/* Rows that waited, then the status row; one a call. */
static int drain(ibm_t *st, cf_diag_t *d)
{
    int rc;

    if (st->next < st->nheld) {
        const ibm_held_t *h = &st->held[st->next++];

        ibm_held(st, h);
        rc = ibm_row(st, h->offset, d);
        clear_flow(st);
        if (st->next == st->nheld) {
            st->next = st->nheld = 0;
            st->arena_len = 0;
        }
        return rc;
    }
    if (!st->ended)
        return CF_OK;
    rc = st->list ? ibm_status(st, d) : CF_OK;
    end_object(st);
    if (st->again) {
        st->again = false;
        st->begin = st->again_offset;
        begin_object(st, st->again_offset);
    }
    return rc;
}

static int top_step(ibm_t *st, cf_diag_t *d)
{
    cf_json_token_t t;
    int rc = cf_json_next(st->json, &t, d);

    if (rc != CF_OK)
        return rc;
    switch (t.type) {
    case CF_JSON_OBJECT:
        begin_object(st, t.offset);
        return CF_OK;
    case CF_JSON_ARRAY:
        if (st->base == 0) {
            st->base = 1;
            st->open = t.offset;
            return CF_OK;
        }
        reject(st, CF_R_SYNTAX, t.offset, "an array where an object of flow logs should be");
        return cf_json_skip(st->json, &t, d);
    case CF_JSON_ARRAY_END:
        st->base = 0;
        end_object(st);
        return CF_OK;
    default:
        reject(st, CF_R_SYNTAX, t.offset, "a value where an object of flow logs should be");
        return CF_OK;
    }
}

/* The tokenizer; a byte order mark goes before. */
static int begin_input(ibm_t *st, cf_input_t *in, cf_diag_t *d)
{
    const char *p;
    size_t n;
    int rc = cf_input_fill(in, 3, &p, &n, d);

    if (rc != CF_OK)
        return rc;
    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        cf_input_consume(in, 3);
    return cf_json_open(&st->json, in, d);
}

static int step(ibm_t *st, cf_diag_t *d)
{
    if (st->ended || (st->nheld > 0 && !st->holding))
        return drain(st, d);
    if (st->late != CF_OK) {
        *d = st->late_why;
        return st->late;
    }
    if (st->where == IBM_LIST)
        return list_step(st, d);
    return st->where == IBM_DOC ? doc_step(st, d) : top_step(st, d);
}

int ibm_fill(ibm_t *st, cf_input_t *in, cf_diag_t *d)
{
    int rc = st->json == NULL ? begin_input(st, in, d) : CF_OK;

    while (rc == CF_OK && !cf_cells_full(st->cells)) {
        cf_diag_t why = CF_DIAG_INIT, more = CF_DIAG_INIT;

        rc = step(st, &why);
        while (CF_IS_RECORD_ERR(rc)) {
            rc = broken(st, rc, &why, &more);
            why = more;
        }
        /* Rows that wait for the rest of their object go before what ends it. */
        if (rc < 0 && st->nheld > 0 && st->late == CF_OK) {
            st->late = rc;
            st->late_why = why;
            st->holding = false;
            ibm_head(st);
            rc = CF_OK;
        }
        if (rc < 0 && d != NULL)
            *d = why;
    }
    return rc;
}

int ibm_cursor(void *state, cf_cursor_t *c, cf_diag_t *d)
{
    const ibm_t *st = state;

    if (st->json == NULL)
        return cf_diag_set(d, CF_E_USAGE, "nothing was read");
    memset(c, 0, sizeof *c);
    c->offset = st->begin;
    c->skip = rows_out(st) - st->given;
    if (st->base > 0) {
        c->head = st->open;
        c->head_len = 1;
        c->comma = true;
        if (c->offset <= st->open)
            c->offset = st->open + 1;
    }
    return CF_OK;
}
