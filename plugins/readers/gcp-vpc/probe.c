/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this a log of Google Cloud's networks? Objects are found as far as the probe reaches, and
 * judged as when reading: an entry that makes a row is certain. Entries of other logs are counted
 * where they stand among ours, and alone are not ours.
 */
#include <stdlib.h>

#include "gcp.h"

#define OBJECTS 64

static bool any(void *ctx, const cf_field_t *f, const char *name)
{
    (void)ctx;
    (void)f;
    (void)name;
    return false;
}

static int judge(gcp_t *g, const cf_jsonobj_t *o)
{
    const cf_jsonval_t *v, *name;

    if (cf_jsonmap_read(g->map, o->text, o->len, o->behind, NULL) != CF_OK) {
        cf_jsonrec_broken(g->rec, 0, "");
        return 0;
    }
    v = cf_jsonmap_values(g->map, NULL);
    name = &v[g->rows_of_map + GCP_LOGNAME];
    switch (gcp_kind(g, v)) {
    case GCP_FLOW:
        return name->type != 0 ? 100 : 95;
    case GCP_FIREWALL:
        return name->type != 0 ? 95 : 90;
    case GCP_OTHER:
        return 0;
    default:
        (void)cf_jsonrec_enter(g->rec);
        return 0;
    }
}

int gcp_probe(const cf_probe_t *p)
{
    static const cf_reader_env_t env = { .wanted = any };
    cf_input_t *in = NULL;
    gcp_t *g;
    int best = 0;

    if (memchr(p->bytes, '{', p->len) == NULL)
        return 0;
    g = calloc(1, sizeof *g);
    if (g == NULL)
        return 0;
    g->env = &env;
    if (gcp_names_open(g, NULL) == CF_OK &&
        cf_input_open_memory(&in, "probe", p->bytes, p->len, CF_INPUT_RAW, NULL) == CF_OK &&
        cf_jsonrec_open(&g->rec, in, &gcp_wrappings, NULL) == CF_OK) {
        cf_jsonobj_t o;

        for (int i = 0; i < OBJECTS && best < 90; i++) {
            int score;

            if (cf_jsonrec_next(g->rec, &o, NULL) != CF_OK)
                break;
            score = judge(g, &o);
            best = score > best ? score : best;
        }
    }
    gcp_free(g);
    cf_input_close(in);
    return best;
}
