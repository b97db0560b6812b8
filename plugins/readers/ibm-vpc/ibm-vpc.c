/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of IBM Cloud flow logs for VPC: JSON objects as they lie in object storage, one or many
 * behind each other or in an array. This file is the module's face; ibm.h tells the way of a flow
 * log through the other files. The manual is ibm-vpc.7.
 */
#include <stdlib.h>

#include <cf/version.h>

#include "ibm.h"

/* Keys that tell this log from all others. */
static bool telling(const cf_json_token_t *t)
{
    static const char *const keys[] = {
        "collector_crn", "network_interface_id", "instance_crn", "vpc_crn", "initiator_ip",
        "target_ip", "number_of_flow_logs", "flow_logs", "capture_start_time"
    };

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strlen(keys[i]) == t->len && memcmp(keys[i], t->text, t->len) == 0)
            return true;
    return false;
}

int ibm_probe(const cf_probe_t *p)
{
    enum { TOKENS = 600, ENOUGH = 4 };
    cf_input_t *in = NULL;
    cf_json_t *json = NULL;
    cf_json_token_t t;
    size_t at = p->len >= 3 && memcmp(p->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    int found = 0, i;

    while (at < p->len && memchr(" \t\r\n", p->bytes[at], 4) != NULL)
        at++;
    if (at == p->len || (p->bytes[at] != '{' && p->bytes[at] != '['))
        return 0;
    if (cf_input_open_memory(&in, "probe", p->bytes + at, p->len - at, CF_INPUT_RAW, NULL) != CF_OK)
        return 0;
    if (cf_json_open(&json, in, NULL) != CF_OK) {
        cf_input_close(in);
        return 0;
    }
    for (i = 0; i < TOKENS && found < ENOUGH && cf_json_next(json, &t, NULL) == CF_OK; i++)
        found += t.type == CF_JSON_KEY && t.depth <= 4 && telling(&t);
    cf_json_close(json);
    cf_input_close(in);
    return found == 0 ? 0 : found >= ENOUGH ? 100 : found * 20;
}

static void ibm_close(void *state)
{
    ibm_t *st = state;

    if (st == NULL)
        return;
    if (st->json != NULL)
        cf_json_close(st->json);
    if (st->map != NULL)
        cf_jsonmap_close(st->map);
    cf_cells_destroy(st->cells);
    free(st->held);
    free(st->arena);
    free(st);
}

static int ibm_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    ibm_t *st = calloc(1, sizeof *st);
    cf_jsonpath_t paths[IBM_FLOW + 1] = { { NULL, 0 } };
    cf_cells_options_t o = { .nulls = NULL };
    int rc;

    *state = NULL;
    if (st == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    st->env = env;
    st->skip = env->skip;
    o.skip = &st->skip;
    for (uint32_t i = 0; i < IBM_FLOW; i++) {
        paths[i].path = ibm_map[i].theirs + sizeof "flow_logs." - 1;
        paths[i].slot = i;
    }
    rc = cf_jsonmap_open(&st->map, paths, IBM_FLOW, 0, d);
    if (rc == CF_OK)
        rc = cf_cells_create(&st->cells, env, &o, d);
    if (rc == CF_OK)
        rc = ibm_columns(st, d);
    if (rc != CF_OK) {
        ibm_close(st);
        return rc;
    }
    *state = st;
    return CF_OK;
}

static int ibm_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    ibm_t *st = state;
    int rc = st->failed, end;

    if (rc != CF_OK) {
        if (d != NULL)
            *d = st->why;
        return rc;
    }
    rc = cf_cells_begin(st->cells, batch, d);
    if (rc != CF_OK)
        return rc;
    cf_diag_clear(&st->why);
    rc = ibm_fill(st, in, &st->why);
    end = cf_cells_end(st->cells, d);
    if (end != CF_OK)
        return end;
    if (rc < 0)
        st->failed = rc;               /* the rows before it first */
    if (batch->rows > 0 || rc == CF_OK)
        return CF_OK;
    if (rc < 0 && d != NULL)
        *d = st->why;
    return rc;
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = ibm_probe,
    .open = ibm_open,
    .read = ibm_read,
    .close = ibm_close,
    .cursor = ibm_cursor,
    .map = ibm_map,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(ibm_vpc);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(ibm_vpc) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "ibm-vpc",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "IBM Cloud flow logs for VPC",
    .ops = &ops,
};
