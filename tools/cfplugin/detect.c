/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which reader would read a file? The same question that an import asks, with all answers shown:
 * the surest reader is chosen, and nobody when two are alike.
 */
#include <string.h>

#include <cf/input.h>
#include <cf/stream.h>

#include "cfplugin.h"

#define HEAD (64u << 10)           /* as much as a reader is shown */
#define READERS_MAX 256u

typedef struct answers {
    const char *names[READERS_MAX];
    int scores[READERS_MAX];
    size_t count;
    int best;
    unsigned alike;                /* readers with the best score */
} answers_t;

static int ask(cf_cli_t *c, const cf_probe_t *probe, answers_t *a, cf_diag_t *d)
{
    for (size_t i = 0; a->count < READERS_MAX; i++) {
        const cf_reader_ops_t *ops;
        cf_module_t *m;
        int score, rc = cf_site_reader(c->site, i, &m, d);

        if (rc != CF_OK)
            return rc == CF_EOF ? CF_OK : rc;
        ops = cf_module_plugin(m)->ops;
        score = ops->probe(probe);
        a->alike = score > a->best ? 1 : a->alike + (score == a->best);
        a->best = score > a->best ? score : a->best;
        a->names[a->count] = cf_module_plugin(m)->name;
        a->scores[a->count++] = score;
    }
    return CF_OK;
}

static void rows(cf_table_t *t, const cf_input_t *in, const char *path, const answers_t *a)
{
    for (size_t i = 0; i < a->count; i++) {
        cf_table_text(t, path);
        cf_table_text(t, cf_input_packing(in));
        cf_table_text(t, a->names[i]);
        cf_table_uint(t, a->scores[i] > 0 ? (uint64_t)a->scores[i] : 0);
        cf_table_bool(t, a->best > 0 && a->alike == 1 && a->scores[i] == a->best);
    }
}

static int one_file(cf_cli_t *c, cf_table_t *t, const char *path, cf_diag_t *d)
{
    answers_t a = { .best = 0 };
    cf_probe_t probe = { .name = strcmp(path, "-") == 0 ? "stdin" : path };
    cf_input_t *in = NULL;
    int rc = cf_input_open(&in, path, 0, d);

    if (rc == CF_OK)
        rc = cf_input_fill(in, HEAD, &probe.bytes, &probe.len, d);
    if (rc == CF_EOF)
        rc = cf_diag_set(d, CF_E_FORMAT, "is empty");
    if (rc == CF_OK && cf_stream_probe(probe.bytes, probe.len))
        rc = cf_diag_set(d, CF_E_DETECT, "is a .cf stream, which needs no reader");
    if (rc == CF_OK) {
        probe.whole = probe.len < HEAD;
        rc = ask(c, &probe, &a, d);
    }
    if (rc == CF_OK) {
        rows(t, in, probe.name, &a);
        if (a.best <= 0)
            rc = cf_diag_set(d, CF_E_DETECT, "no reader knows this content");
        else if (a.alike > 1)
            rc = cf_diag_set(d, CF_E_DETECT, "%u readers fit alike, by %d of 100", a.alike,
                             a.best);
    }
    if (rc < 0)
        cf_diag_source(d, probe.name);
    cf_input_close(in);
    return rc;
}

int cfplugin_detect(cf_cli_t *c, cf_diag_t *d)
{
    static const char *const columns[] = { "file", "packing", "reader", "score", "chosen" };
    cf_table_t *t;
    int rc;

    if (c->noperands < 2)
        return cf_diag_set(d, CF_E_USAGE, "detect needs files");
    rc = cfplugin_table(c, columns, sizeof columns / sizeof columns[0], &t, d);
    if (rc != CF_OK)
        return rc;
    for (int i = 1; i < c->noperands; i++) {
        if (one_file(c, t, c->operands[i], d) != CF_OK) {
            cf_cli_fail(c, d);
            cf_diag_clear(d);
        }
    }
    return cfplugin_finish(c, t, d);
}
