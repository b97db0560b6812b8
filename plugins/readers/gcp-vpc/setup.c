/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the map to paths, slots and columns, once for an input; and columns for names that the map
 * does not have, when they are met. Exports of jsonPayload alone lack that word in their paths, so
 * each path counts without it as well.
 */
#include <stdio.h>
#include <stdlib.h>

#include "gcp.h"

static const char payload[] = "jsonPayload.";

static uint16_t column_named(const gcp_t *g, const char *name)
{
    for (uint32_t i = 0; i < g->ncols; i++) {
        if (g->cols[i].field != NULL && strcmp(g->cols[i].field->name, name) == 0)
            return (uint16_t)i;
    }
    return GCP_NONE;
}

static uint16_t slot_of(const char *path)
{
    uint16_t i = 0;

    while (gcp_map[i].theirs == NULL || strcmp(gcp_map[i].theirs, path) != 0)
        i++;
    return i;
}

static gcp_op_t op_of(const cf_field_t *f)
{
    switch (f->kind) {
    case CF_KIND_TIME: return GCP_TIME;
    case CF_KIND_DURATION: return GCP_MILLIS;
    case CF_KIND_ADDR: return GCP_ADDR;
    case CF_KIND_ENUM: return GCP_WORD;
    case CF_KIND_STRING: break;
    default: return GCP_UINT;
    }
    return strcmp(f->name, "uid") == 0 ? GCP_UNIQUE : strcmp(f->name, "aspath") == 0 ? GCP_PATH
        : GCP_STRING;
}

static int add_column(gcp_t *g, const cf_field_t *f, uint16_t *out)
{
    gcp_column_t *c = &g->cols[g->ncols];

    memset(c, 0, sizeof *c);
    c->field = f;
    c->wanted = g->env->wanted == NULL || g->env->wanted(g->env->ctx, f, f->name);
    c->op = (uint8_t)op_of(f);
    c->twin = GCP_NONE;
    c->max = f->width >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * f->width) - 1;
    cf_vec_init(&c->v, f);
    if (f->kind == CF_KIND_STRING) {
        c->memo = calloc((size_t)1 << GCP_MEMO_BITS, sizeof *c->memo);
        if (c->memo == NULL)
            return CF_E_NOMEM;
    }
    *out = (uint16_t)g->ncols++;
    return CF_OK;
}

/* The column of the other end: dvpc for svpc. */
static void pair_up(gcp_t *g)
{
    for (uint32_t i = 0; i < g->ncols; i++) {
        char other[64];

        snprintf(other, sizeof other, "%s", g->cols[i].field->name);
        if (strcmp(other, "src_as") == 0 || strcmp(other, "dst_as") == 0)
            memcpy(other, other[0] == 's' ? "dst" : "src", 3);
        else if (other[0] == 's' || other[0] == 'd')
            other[0] = other[0] == 's' ? 'd' : 's';
        else
            continue;
        g->cols[i].twin = column_named(g, other);
    }
}

static void note_meanings(gcp_t *g)
{
    static const char *const obs[OBS_COUNT] = { "instance", "vpc", "subnet", "region", "zone",
                                                "account" };
    char name[32];

    for (unsigned i = 0; i < OBS_COUNT; i++) {
        g->c_obs[i] = column_named(g, obs[i]);
        snprintf(name, sizeof name, "s%s", obs[i]);
        g->c_src[i] = column_named(g, name);
        g->c_dst[i] = g->cols[g->c_src[i]].twin;
    }
    for (unsigned i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%cgateway", "sd"[i]);
        g->c_gateway[i] = column_named(g, name);
        snprintf(name, sizeof name, "%cgateway_location", "sd"[i]);
        g->c_gateway_place[i] = column_named(g, name);
        snprintf(name, sizeof name, "%cgateway_vpc", "sd"[i]);
        g->c_gateway_vpc[i] = column_named(g, name);
        snprintf(name, sizeof name, "%cgateway_account", "sd"[i]);
        g->c_gateway_account[i] = column_named(g, name);
    }
    g->s_sip = slot_of("jsonPayload.connection.src_ip");
    g->s_dip = slot_of("jsonPayload.connection.dest_ip");
    g->s_start = slot_of("jsonPayload.start_time");
    g->s_reporter = slot_of("jsonPayload.reporter");
    g->s_packets = slot_of("jsonPayload.packets_sent");
    g->s_bytes = slot_of("jsonPayload.bytes_sent");
    g->s_action = slot_of("jsonPayload.disposition");
    g->s_direction = slot_of("jsonPayload.rule_details.direction");
    g->c_stime = column_named(g, "stime");
    g->c_etime = column_named(g, "etime");
    g->c_sip = column_named(g, "sip");
    g->c_dip = column_named(g, "dip");
    g->c_reporter = column_named(g, "reporter");
    g->c_direction = column_named(g, "direction");
    g->c_action = column_named(g, "action");
    g->c_logtime = column_named(g, "logtime");
    g->c_provider = column_named(g, "provider");
    g->c_shape = column_named(g, "shape");
    g->c_counts = column_named(g, "counts");
    g->c_bytekind = column_named(g, "bytekind");
    g->c_resource = column_named(g, "resource");
}

static int add_columns(gcp_t *g, cf_diag_t *d)
{
    static const char *const always[] = { "stime", "etime", "sip", "dip", "sport", "dport", "proto",
                                          "packets", "bytes", "reporter", "direction", "provider",
                                          "shape", "counts", "bytekind" };

    for (uint32_t i = 0; gcp_map[i].ours != NULL; i++) {
        const cf_field_t *f = cf_field_find(gcp_map[i].ours);
        uint16_t col = column_named(g, gcp_map[i].ours);

        if (f == NULL)
            return cf_diag_set(d, CF_E_INTERNAL, "field %s is not known", gcp_map[i].ours);
        if (col == GCP_NONE && add_column(g, f, &col) != CF_OK)
            return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
        if (gcp_map[i].theirs == NULL)
            continue;
        g->column_of[i] = col;
        if (strncmp(gcp_map[i].theirs, "resource.labels.", 16) == 0 && g->nlate < 8) {
            g->column_of[i] = GCP_NONE;
            g->late_column[g->nlate] = col;
            g->late[g->nlate++] = (uint16_t)i;
        }
        g->remote[i] = strncmp(gcp_map[i].theirs, "jsonPayload.remote_", 19) == 0;
    }
    for (uint32_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        gcp_column_t *c = &g->cols[column_named(g, always[i])];

        c->shown = c->wanted;
    }
    g->schema_old = true;
    pair_up(g);
    note_meanings(g);
    return CF_OK;
}

/* A path and, where there is one, its short form. */
static void add_path(gcp_t *g, uint32_t *n, char **text, const char *path, const char *end,
                     uint32_t slot)
{
    size_t skip = strncmp(path, payload, sizeof payload - 1) == 0 ? sizeof payload - 1 : 0;

    for (size_t from = 0;; from = skip) {
        g->paths[*n].path = *text;
        g->paths[(*n)++].slot = slot;
        memcpy(*text, path + from, strlen(path + from));
        *text += strlen(path + from);
        memcpy(*text, end, strlen(end) + 1);
        *text += strlen(end) + 1;
        if (from == skip)
            break;
    }
}

int gcp_names_open(gcp_t *g, cf_diag_t *d)
{
    uint32_t n = 0, rows = 0, all;
    size_t bytes = 64;
    char *text;
    int rc;

    for (all = 0; gcp_map[all].ours != NULL; all++) {
        if (gcp_map[all].theirs != NULL) {
            rows = all + 1;
            bytes += 2 * strlen(gcp_map[all].theirs) + 8;
        }
    }
    g->rows_of_map = rows;
    g->slots = rows + GCP_SLOTS_OWN;
    g->paths = calloc(2 * (size_t)g->slots + 1, sizeof *g->paths);
    g->path_text = text = malloc(bytes);
    g->column_of = calloc(g->slots, sizeof *g->column_of);
    g->remote = calloc(g->slots, 1);
    g->whole = calloc(g->slots, 1);
    g->cols = calloc((size_t)all + GCP_UNKNOWN_MAX, sizeof *g->cols);
    if (g->paths == NULL || text == NULL || g->column_of == NULL || g->remote == NULL ||
        g->whole == NULL || g->cols == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
    for (uint32_t i = 0; i < g->slots; i++)
        g->column_of[i] = GCP_NONE;
    rc = add_columns(g, d);
    if (rc != CF_OK)
        return rc;
    for (uint32_t i = 0; i < rows; i++) {
        g->whole[i] = gcp_map[i].unit != NULL && strcmp(gcp_map[i].unit, "JSON") == 0;
        if (gcp_map[i].theirs != NULL)
            add_path(g, &n, &text, gcp_map[i].theirs, g->whole[i] ? "{}" : "", i);
    }
    add_path(g, &n, &text, "logName", "", rows + GCP_LOGNAME);
    add_path(g, &n, &text, "protoPayload", "{}", rows + GCP_PROTO_PAYLOAD);
    return cf_jsonmap_open(&g->map, g->paths, g->slots, 4 * GCP_UNKNOWN_MAX, d);
}

/* Who asks for it later shall hear that it was there. */
static int leave_out(gcp_t *g, const char *legal)
{
    for (uint32_t i = 0; i < g->outs; i++) {
        if (strcmp(g->out[i], legal) == 0)
            return CF_OK;
    }
    if (g->outs < GCP_UNKNOWN_MAX) {
        memcpy(g->out[g->outs++], legal, sizeof g->out[0]);
        g->schema_old = true;
    }
    return CF_OK;
}

int gcp_unknown(gcp_t *g, uint32_t slot, uint16_t *col, cf_diag_t *d)
{
    cf_field_t new = { .kind = CF_KIND_STRING, .width = 4, .flags = CF_FIELD_UNLISTED,
                       .meaning = "field of the log that this version does not know" };
    const char *path = cf_jsonmap_path(g->map, slot);
    const cf_field_t *f;
    char legal[64], other[64];
    int rc;

    *col = GCP_NONE;
    if (path == NULL)
        return CF_OK;
    if (strncmp(path, payload, sizeof payload - 1) == 0)
        path += sizeof payload - 1;
    cf_field_legal_name(path, strlen(path), legal);
    f = cf_field_find(legal);
    if (f != NULL && !(f->flags & CF_FIELD_UNLISTED)) {
        snprintf(other, sizeof other, "gcp_%.58s", legal);
        memcpy(legal, other, sizeof legal);
    }
    *col = column_named(g, legal);
    if (*col != GCP_NONE)
        return CF_OK;
    if (!g->keep_unknown || g->unknown == GCP_UNKNOWN_MAX)
        return leave_out(g, legal);
    new.name = legal;
    rc = cf_field_register(&new, &f, d);
    if (rc == CF_E_LIMIT || rc == CF_E_FIELD)
        return CF_OK;
    if (rc != CF_OK)
        return rc;
    g->unknown++;
    return add_column(g, f, col) == CF_OK ? CF_OK : cf_diag_set(d, CF_E_NOMEM,
                                                                "no memory for a column");
}
