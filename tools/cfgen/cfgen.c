/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfgen: deterministic, realistic logs in a provider's own format, for tests, demonstrations and
 * measurements.
 *
 * The way of a record: the estate (estate.c) gives the places, the traffic model (traffic.c and
 * the files it names) makes observations minute by minute, a provider (provider.h) spells them,
 * a sink (sink.c) writes them.  This file joins these and cuts the stream into objects.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No record of a minute ends later than this many seconds after its begin, late ones aside. */
enum { LAST_END = 119 };

typedef struct gen_run {
    const gen_options_t *o;
    void *writer;
    gen_sink_t *sink;
    size_t row_max;
    uint64_t in_file, serial, window;      /* records and number of the open object, its window */
    char why[512];
} gen_run_t;

static int open_next(gen_run_t *g)
{
    const gen_options_t *o = g->o;
    gen_sink_opts_t so = { o->output, o->force, o->gzip, o->gzip_level, false };
    char path[4096], name[512];
    char *p;

    if (o->output_dir != NULL) {
        if (o->provider->object(g->writer, name, sizeof name,
                                (g->window + 1) * o->provider->delivery, g->serial,
                                o->gzip ? ".gz" : "") != 0
            || (size_t)snprintf(path, sizeof path, "%s/%s", o->output_dir, name) >= sizeof path) {
            snprintf(g->why, sizeof g->why, "%.64s: name is too long", o->output_dir);
            return -1;
        }
        so.path = path;
        so.parents = true;
    }
    g->sink = gen_sink_open(&so, g->why, sizeof g->why);
    if (g->sink == NULL)
        return -1;
    g->serial++;
    g->in_file = 0;
    if (!o->header)
        return 0;
    p = gen_sink_room(g->sink, g->row_max);
    if (p == NULL)
        return -1;
    gen_sink_fill(g->sink, o->provider->header(g->writer, p));
    return 0;
}

static int close_sink(gen_run_t *g, bool ok)
{
    const gen_provider_t *p = g->o->provider;
    gen_sink_t *s = g->sink;
    char *out, *end;

    while (s != NULL && ok && p->finish != NULL) {
        out = gen_sink_room(s, g->row_max);
        if (out == NULL)               /* closing tells what is wrong */
            break;
        end = p->finish(g->writer, out);
        gen_sink_fill(s, end);
        if (end == out)
            break;
    }
    g->sink = NULL;
    return s == NULL ? 0 : gen_sink_close(s, ok, g->why, sizeof g->why);
}

/* How many records the open object may still take. */
static uint64_t room_in_file(const gen_run_t *g)
{
    const gen_options_t *o = g->o;
    uint64_t max = UINT64_MAX;

    if (o->per_file > 0)
        max = o->per_file;
    else if (o->files > 0)      /* the first flows % files objects have one more */
        max = o->flows / o->files + (g->serial <= o->flows % o->files);
    return max - g->in_file;
}

static int write_rows(gen_run_t *g, const gen_row_t *rows, size_t n, uint32_t minute)
{
    const gen_options_t *o = g->o;
    uint64_t window = ((uint64_t)minute * 60 + LAST_END) / o->provider->delivery;
    bool by_window = o->output_dir != NULL && o->per_file == 0 && o->files == 0;

    if (by_window && g->sink != NULL && window != g->window && close_sink(g, true) != 0)
        return -1;
    g->window = window;
    for (size_t i = 0; i < n; i++) {
        char *p;

        if (g->sink != NULL && room_in_file(g) == 0 && close_sink(g, true) != 0)
            return -1;
        if (g->sink == NULL && open_next(g) != 0)
            return -1;
        p = gen_sink_room(g->sink, g->row_max);
        if (p == NULL)
            return -1;
        gen_sink_fill(g->sink, o->provider->row(g->writer, p, &rows[i]));
        g->in_file++;
    }
    return 0;
}

static int generate(gen_run_t *g, gen_estate_t *estate)
{
    const gen_options_t *o = g->o;
    gen_plan_t plan = {
        o->flows, o->seed, o->minutes, (uint32_t)(o->epoch / 3600 % 24),
        o->ppm_v6, o->ppm_reject, o->ppm_nodata, o->ppm_skipdata
    };
    gen_traffic_t *t = gen_traffic_create(estate, &plan);
    const gen_row_t *rows;
    uint32_t minute;
    size_t n;
    int rc = 0;

    if (t == NULL) {
        snprintf(g->why, sizeof g->why, "not enough memory");
        return -1;
    }
    if (o->output_dir == NULL)
        rc = open_next(g);
    while (rc == 0 && (n = gen_traffic_next(t, &rows, &minute)) > 0)
        rc = write_rows(g, rows, n, minute);
    if (close_sink(g, rc == 0) != 0)
        rc = -1;
    gen_traffic_destroy(t);
    return rc;
}

/* Failures are told to c, which keeps the exit status. */
static void run(cf_cli_t *c)
{
    static gen_estate_t estate;
    gen_options_t o;
    gen_run_t g = { .o = &o };
    cf_diag_t d = CF_DIAG_INIT;
    int rc;

    if (gen_options_read(&o, c) != 0)
        return;
    gen_estate_init(&estate, o.seed);
    g.writer = o.provider->open(&estate, o.fields, o.epoch, g.why, sizeof g.why);
    if (g.writer == NULL) {
        cf_cli_usage(c, "--format-fields: %s", g.why);
        return;
    }
    g.row_max = o.provider->row_max(g.writer);
    rc = generate(&g, &estate);
    o.provider->close(g.writer);
    if (rc == 0)
        return;
    cf_diag_set(&d, CF_E_IO, "%s", g.why);
    cf_cli_fail(c, &d);
}

int main(int argc, char **argv)
{
    cf_cli_t c;
    int rc = cf_cli_begin(&c, &gen_cmd, argc, argv);

    if (rc >= 0)
        return rc;
    run(&c);
    return cf_cli_end(&c, NULL);
}
