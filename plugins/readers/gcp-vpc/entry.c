/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a log entry to a row. The log's name says what an entry is; entries without one (exports of
 * jsonPayload alone) are known by their keys. Values go to their columns one by one; then the row is
 * looked at as a whole, and what the observer's side is gets its place.
 */
#include <stdio.h>

#include "cell.h"

static bool ends_in(const cf_jsonval_t *v, const char *word)
{
    size_t n = strlen(word);

    return v->len >= n && memcmp(v->text + v->len - n, word, n) == 0;
}

/* Is this the log of that name? %2F may be decoded. */
static bool is_log(const cf_jsonval_t *v, const char *service, const char *log)
{
    char text[96];

    snprintf(text, sizeof text, "%s%%2F%s", service, log);
    if (ends_in(v, text))
        return true;
    snprintf(text, sizeof text, "%s/%s", service, log);
    return ends_in(v, text);
}

static gcp_kind_t kind_of_log(const cf_jsonval_t *v)
{
    if (v->type != CF_JSON_STRING)
        return GCP_OTHER;
    if (is_log(v, "compute.googleapis.com", "vpc_flows") ||
        is_log(v, "networkmanagement.googleapis.com", "vpc_flows"))
        return GCP_FLOW;
    return is_log(v, "compute.googleapis.com", "firewall") ? GCP_FIREWALL : GCP_OTHER;
}

gcp_kind_t gcp_kind(gcp_t *g, const cf_jsonval_t *v)
{
    const cf_jsonval_t *name = &v[g->rows_of_map + GCP_LOGNAME];

    if (name->type != 0) {
        /* nearly always that of the entry before */
        if (name->len != g->log_len || name->len > sizeof g->log ||
            memcmp(name->text, g->log, name->len) != 0) {
            g->log_kind = kind_of_log(name);
            g->log_len = name->len;
            if (name->len <= sizeof g->log)
                memcpy(g->log, name->text, name->len);
        }
        return g->log_kind;
    }
    if (v[g->s_sip].type == 0 || v[g->s_dip].type == 0)
        return GCP_NO_ENTRY;
    if (v[g->s_action].type != 0)
        return GCP_FIREWALL;
    return v[g->s_start].type != 0 &&
           (v[g->s_reporter].type != 0 || v[g->s_bytes].type != 0 || v[g->s_packets].type != 0)
               ? GCP_FLOW : GCP_NO_ENTRY;
}

/* ---- values ------------------------------------------------------------------------------- */

static int bad_value(gcp_t *g, uint32_t slot, const cf_jsonval_t *v, int rc)
{
    static const char *const what[] = { "no time", "no address", "no whole number", "out of range",
                                        "no known word", "too long" };
    const char *name = cf_jsonmap_path(g->map, slot);

    if (!CF_IS_RECORD_ERR(rc))
        return rc;
    if (strncmp(name, "jsonPayload.", 12) == 0)
        name += 12;
    snprintf(g->why, sizeof g->why, "%.60s '%.*s' is %s", name,
             (int)(v->len < 40 ? v->len : 40), v->text,
             rc == CF_R_TIME ? what[0] : rc == CF_R_ADDR ? what[1] : rc == CF_R_NUMBER ? what[2]
             : rc == CF_R_RANGE ? what[3] : rc == CF_R_ENUM ? what[4] : what[5]);
    return rc;
}

static int bad(gcp_t *g, int rc, const char *why)
{
    snprintf(g->why, sizeof g->why, "%s", why);
    return rc;
}

/* Did traffic come in to the interface that a firewall entry is of? */
static bool came_in(const gcp_t *g, const cf_jsonval_t *v)
{
    const cf_jsonval_t *d = &v[g->s_direction];

    return d->type == CF_JSON_STRING && d->len == 7 && memcmp(d->text, "INGRESS", 7) == 0;
}

/* One value to its column, unless a better one is there. */
static int place(gcp_t *g, uint32_t slot, uint16_t col, const cf_jsonval_t *v)
{
    gcp_column_t *c = &g->cols[col];
    int rc;

    if (c->row == g->number) {
        if (c->rank < slot)
            return CF_OK;
        c->row = 0;
    }
    c->rank = slot;
    if (c->op == GCP_STRING) {
        c->text = v;
        rc = gcp_text(g, c, v->text, v->len);
    } else {
        rc = gcp_set(g, col, v);
    }
    return rc == CF_OK ? rc : bad_value(g, slot, v, rc);
}

static int unknown_value(gcp_t *g, uint32_t slot, const cf_jsonval_t *v, cf_diag_t *d)
{
    uint32_t i = slot - g->slots;
    uint16_t col;
    int rc;

    while (g->unknown_asked <= i) {
        rc = gcp_unknown(g, g->slots + g->unknown_asked, &g->unknown_column[g->unknown_asked], d);
        if (rc != CF_OK)
            return rc;
        g->unknown_asked++;
    }
    col = g->unknown_column[i];
    if (col == GCP_NONE)
        return CF_OK;
    rc = gcp_text(g, &g->cols[col], v->text, v->len);
    return rc == CF_OK ? rc : bad_value(g, slot, v, rc);
}

static int values(gcp_t *g, gcp_kind_t kind, const cf_jsonval_t *v, cf_diag_t *d)
{
    bool turn = kind == GCP_FIREWALL && came_in(g, v);
    uint32_t n;
    const uint16_t *filled = cf_jsonmap_filled(g->map, &n);

    for (uint32_t i = 0; i < n; i++) {
        uint32_t slot = filled[i];
        const cf_jsonval_t *x = &v[slot];
        uint16_t col;
        int rc;

        if (cf_jsonval_absent(x))
            continue;
        if (slot >= g->slots) {
            if (x->type == CF_JSON_OBJECT || x->type == CF_JSON_ARRAY)
                continue;
            rc = unknown_value(g, slot, x, d);
        } else {
            col = g->column_of[slot];
            if (col == GCP_NONE)
                continue;
            if (g->remote[slot] && turn)
                col = g->cols[col].twin;
            if ((x->type == CF_JSON_OBJECT || x->type == CF_JSON_ARRAY) && !g->whole[slot] &&
                g->cols[col].op == GCP_STRING)
                continue;
            rc = place(g, slot, col, x);
        }
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

/* ---- the row as a whole ------------------------------------------------------------------- */

static int copy_text(gcp_t *g, uint16_t to, uint16_t from)
{
    const gcp_column_t *c = &g->cols[from];

    if (from == GCP_NONE || to == GCP_NONE || !gcp_has(g, from) || gcp_has(g, to))
        return CF_OK;
    g->cols[to].text = c->text;
    return gcp_text(g, &g->cols[to], c->text->text, c->text->len);
}

/* The same for what nearly every row has: a code of the side is one code of the observer. */
static int copy_side(gcp_t *g, unsigned i, bool dest)
{
    uint16_t from = dest ? g->c_dst[i] : g->c_src[i];
    gcp_column_t *to = &g->cols[g->c_obs[i]];
    const gcp_column_t *c = &g->cols[from];
    uint32_t code;
    int rc;

    if (!gcp_has(g, from) || gcp_has(g, g->c_obs[i]))
        return CF_OK;
    if (!c->begun || !to->wanted)
        return copy_text(g, g->c_obs[i], from);
    code = ((const uint32_t *)c->v.data)[g->rows];
    if (code < GCP_SIDE_CODES && g->side[i][dest][code].generation == g->generation && to->begun) {
        rc = gcp_take(g, to);
        ((uint32_t *)to->v.data)[g->rows] = g->side[i][dest][code].code;
        return rc;
    }
    rc = copy_text(g, g->c_obs[i], from);
    if (rc == CF_OK && code < GCP_SIDE_CODES) {
        g->side[i][dest][code].code = ((const uint32_t *)to->v.data)[g->rows];
        g->side[i][dest][code].generation = g->generation;
    }
    return rc;
}

/* A flow's observer is the end that reported. */
static int observer_of_flow(gcp_t *g, uint8_t reporter)
{
    bool dest = reporter & 1;
    int rc = CF_OK;

    if (reporter > 1) {
        rc = copy_text(g, g->c_obs[OBS_VPC], g->c_gateway_vpc[dest]);
        if (rc == CF_OK)
            rc = copy_text(g, g->c_obs[OBS_REGION], g->c_gateway_place[dest]);
        if (rc == CF_OK)
            rc = copy_text(g, g->c_obs[OBS_ACCOUNT], g->c_gateway_account[dest]);
        if (rc == CF_OK)
            rc = copy_text(g, g->c_resource, g->c_gateway[dest]);
    }
    for (unsigned i = 0; i < OBS_COUNT && rc == CF_OK; i++)
        rc = copy_side(g, i, dest);
    return rc;
}

/* A firewall entry names its observer, which is one of the ends. */
static int ends_of_firewall(gcp_t *g, bool in)
{
    int rc = CF_OK;

    for (unsigned i = 0; i < OBS_COUNT && rc == CF_OK; i++)
        rc = copy_text(g, in ? g->c_dst[i] : g->c_src[i], g->c_obs[i]);
    return rc;
}

/* "us-east1-b" is a zone, "us-east1" and "global" are not. */
static bool is_zone(const char *s, size_t n)
{
    return n > 3 && s[n - 2] == '-' && s[n - 1] >= 'a' && s[n - 1] <= 'z' && s[n - 3] >= '0' &&
           s[n - 3] <= '9';
}

/* Labels of the resource, where the record itself does not say. */
static int labels(gcp_t *g, const cf_jsonval_t *v)
{
    int rc = CF_OK;

    for (uint32_t i = 0; i < g->nlate && rc == CF_OK; i++) {
        uint32_t slot = g->late[i];
        uint16_t col = g->late_column[i];
        const cf_jsonval_t *x = &v[slot];

        if (gcp_has(g, col) || cf_jsonval_absent(x) || x->type != CF_JSON_STRING)
            continue;
        if (col == g->c_obs[OBS_ZONE] && !is_zone(x->text, x->len))
            col = g->c_obs[OBS_REGION];
        if (!gcp_has(g, col))
            rc = place(g, slot, col, x);
    }
    return rc;
}

static int whole_flow(gcp_t *g, const cf_jsonval_t *v)
{
    int rc = CF_OK;

    if (!gcp_has(g, g->c_stime))
        return bad(g, CF_R_FIELDS, "start_time is absent");
    if (gcp_has(g, g->c_etime) && g->etime < g->stime)
        return bad(g, CF_R_TIME, "end_time is before start_time");
    if (gcp_has(g, g->c_reporter)) {
        uint8_t reporter = g->reporter;

        if (reporter <= 1)
            rc = gcp_number(g, &g->cols[g->c_direction], reporter == CF_REPORTER_SRC ?
                                CF_DIRECTION_EGRESS : CF_DIRECTION_INGRESS);
        if (rc == CF_OK)
            rc = observer_of_flow(g, reporter);
    }
    return rc == CF_OK ? labels(g, v) : rc;
}

static int whole_firewall(gcp_t *g, const cf_jsonval_t *v)
{
    int rc = CF_OK;

    if (!gcp_has(g, g->c_action))
        return bad(g, CF_R_FIELDS, "disposition is absent");
    if (!gcp_has(g, g->c_stime)) {
        if (!gcp_has(g, g->c_logtime))
            return bad(g, CF_R_FIELDS, "timestamp is absent");
        rc = gcp_number(g, &g->cols[g->c_stime], (uint64_t)g->logtime);
        if (rc == CF_OK)
            rc = gcp_number(g, &g->cols[g->c_etime], (uint64_t)g->logtime);
    }
    if (rc == CF_OK)
        rc = labels(g, v);
    return rc == CF_OK ? ends_of_firewall(g, came_in(g, v)) : rc;
}

int gcp_entry(gcp_t *g, gcp_kind_t kind, const cf_jsonval_t *v, cf_diag_t *d)
{
    int rc;

    g->number++;
    rc = values(g, kind, v, d);
    if (rc == CF_OK && (!gcp_has(g, g->c_sip) || !gcp_has(g, g->c_dip)))
        rc = bad(g, CF_R_FIELDS, "connection has no two addresses");
    if (rc == CF_OK)
        rc = kind == GCP_FLOW ? whole_flow(g, v) : whole_firewall(g, v);
    if (rc == CF_OK) {
        g->event[g->rows++] = kind == GCP_FIREWALL;
        return CF_OK;
    }
    gcp_undo(g);
    if (rc == CF_R_LONG && g->why[0] == '\0')
        return bad(g, rc, "a string is too long");
    if (CF_IS_RECORD_ERR(rc))
        return rc;
    return cf_diag_set(d, rc, "%s", rc == CF_E_LIMIT ? "strings of a batch are too long"
                                                     : "no memory for a batch of rows");
}
