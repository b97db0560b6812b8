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

/* An object being written. */
typedef struct gen_file {
    gen_sink_t *sink;
    uint64_t records;
} gen_file_t;

typedef struct gen_run {
    const gen_options_t *o;
    void *writer;
    size_t row_max;
    uint64_t serial, window;               /* number of the last object, and its window */
    gen_file_t file[GEN_IFACES_MAX];       /* by interface if objects are, else the first */
    char why[512];
} gen_run_t;

static int object_name(gen_run_t *g, uint64_t serial, char *path, size_t size)
{
    const gen_provider_t *p = g->o->provider;
    uint64_t end = (g->window + 1) * p->delivery - g->o->epoch % p->delivery;
    char name[1024];

    if (p->object(g->writer, name, sizeof name, end, serial, g->o->gzip ? ".gz" : "") == 0
        && (size_t)snprintf(path, size, "%s/%s", g->o->output_dir, name) < size)
        return 0;
    snprintf(g->why, sizeof g->why, "%.64s: name is too long", g->o->output_dir);
    return -1;
}

static bool by_iface(const gen_run_t *g)
{
    return g->o->output_dir != NULL && g->o->provider->by_iface;
}

static int open_file(gen_run_t *g, gen_file_t *file)
{
    const gen_options_t *o = g->o;
    gen_sink_opts_t so = { o->output, o->force, o->gzip, o->gzip_level, false, by_iface(g) };
    char path[4096];
    char *p;

    if (o->output_dir != NULL) {
        uint64_t serial = by_iface(g) ? (uint64_t)(file - g->file) : g->serial;

        if (object_name(g, serial, path, sizeof path) != 0)
            return -1;
        so.path = path;
        so.parents = true;
    }
    file->sink = gen_sink_open(&so, g->why, sizeof g->why);
    if (file->sink == NULL)
        return -1;
    g->serial++;
    file->records = 0;
    if (!o->header || o->provider->header == NULL)
        return 0;
    p = gen_sink_room(file->sink, g->row_max);
    if (p == NULL)
        return -1;
    gen_sink_fill(file->sink, o->provider->header(g->writer, p));
    return 0;
}

static int close_file(gen_run_t *g, gen_file_t *file, bool ok)
{
    const gen_provider_t *p = g->o->provider;
    gen_sink_t *s = file->sink;
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
    file->sink = NULL;
    return s == NULL ? 0 : gen_sink_close(s, ok, g->why, sizeof g->why);
}

static int close_all(gen_run_t *g, bool ok)
{
    int rc = 0;

    for (uint32_t i = 0; i < GEN_IFACES_MAX; i++)
        if (close_file(g, &g->file[i], ok && rc == 0) != 0)
            rc = -1;
    return rc;
}

/* How many records the open object may still take. */
static uint64_t room_in_file(const gen_run_t *g, const gen_file_t *file)
{
    const gen_options_t *o = g->o;
    uint64_t max = UINT64_MAX;

    if (o->per_file > 0)
        max = o->per_file;
    else if (o->files > 0)      /* the first flows % files objects have one more */
        max = o->flows / o->files + (g->serial <= o->flows % o->files);
    return max - file->records;
}

/* Closes the objects of an earlier window; windows are those of the clock. */
static int turn_window(gen_run_t *g, uint64_t second)
{
    const gen_options_t *o = g->o;
    uint64_t window = (o->epoch % o->provider->delivery + second) / o->provider->delivery;
    bool by_window = o->output_dir != NULL && o->per_file == 0 && o->files == 0;

    if (by_window && window != g->window && close_all(g, true) != 0)
        return -1;
    g->window = window;
    return 0;
}

/* Room for one more record in an object, which is opened if need be; NULL with g->why. */
static char *record_room(gen_run_t *g, gen_file_t *file)
{
    if (file->sink == NULL && open_file(g, file) != 0)
        return NULL;
    return gen_sink_room(file->sink, g->row_max);
}

static int write_rows(gen_run_t *g, const gen_row_t *rows, size_t n, uint32_t minute)
{
    gen_file_t *file = g->file;
    char *p;

    if (turn_window(g, (uint64_t)minute * 60 + LAST_END) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (file->sink != NULL && room_in_file(g, file) == 0 && close_file(g, file, true) != 0)
            return -1;
        p = record_room(g, file);
        if (p == NULL)
            return -1;
        gen_sink_fill(file->sink, g->o->provider->row(g->writer, p, &rows[i]));
        file->records++;
    }
    return 0;
}

static int pause_file(gen_run_t *g, gen_file_t *file)
{
    const gen_provider_t *p = g->o->provider;
    char *out;

    if (p->pause == NULL || file->sink == NULL)
        return 0;
    out = gen_sink_room(file->sink, g->row_max);
    if (out == NULL)
        return -1;
    gen_sink_fill(file->sink, p->pause(g->writer, out));
    return 0;
}

static int write_reports(gen_run_t *g, const gen_report_t *const *list, size_t n, uint32_t minute)
{
    const gen_provider_t *p = g->o->provider;
    gen_file_t *file = g->file;
    char *out;

    if (turn_window(g, (uint64_t)minute * 60) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        bool full = file->sink != NULL && room_in_file(g, file) == 0;
        bool turn = i > 0 && list[i]->iface != list[i - 1]->iface;

        if ((full || turn) && pause_file(g, file) != 0)
            return -1;
        if (full && close_file(g, file, true) != 0)
            return -1;
        if (by_iface(g))
            file = &g->file[list[i]->iface];
        out = record_room(g, file);
        if (out == NULL)
            return -1;
        gen_sink_fill(file->sink, p->report(g->writer, out, list[i], file->records == 0));
        file->records++;
    }
    return pause_file(g, file);
}

static int make_rows(gen_run_t *g, gen_estate_t *estate, const gen_plan_t *plan)
{
    gen_traffic_t *t = gen_traffic_create(estate, plan);
    const gen_row_t *rows;
    uint32_t minute;
    size_t n;
    int rc = t == NULL ? -1 : 0;

    while (rc == 0 && (n = gen_traffic_next(t, &rows, &minute)) > 0)
        rc = write_rows(g, rows, n, minute);
    gen_traffic_destroy(t);
    return rc;
}

static uint32_t key_of(const void *arg, const gen_report_t *r)
{
    const gen_run_t *g = arg;

    return g->o->provider->key(g->writer, r);
}

static int make_reports(gen_run_t *g, gen_estate_t *estate, const gen_plan_t *plan)
{
    const gen_provider_t *p = g->o->provider;
    const gen_report_t *const *list;
    gen_shape_t shape = { 0 };
    gen_living_t *f;
    uint32_t minute;
    size_t n;
    int rc;

    p->shape(g->writer, &shape);
    f = gen_living_create(estate, plan, &shape, g->o->epoch, p->key != NULL ? key_of : NULL, g);
    rc = f == NULL ? -1 : 0;
    while (rc == 0 && (n = gen_living_next(f, &list, &minute)) > 0)
        rc = write_reports(g, list, n, minute);
    gen_living_destroy(f);
    return rc;
}

static int generate(gen_run_t *g, gen_estate_t *estate)
{
    const gen_options_t *o = g->o;
    gen_plan_t plan = {
        .flows = o->flows, .seed = o->seed, .minutes = o->minutes,
        .hour = (uint32_t)(o->epoch / 3600 % 24), .ppm_v6 = o->ppm_v6,
        .ppm_reject = (o->provider->refuses & GEN_NO_REJECT) != 0 ? 0 : o->ppm_reject,
        .ppm_nodata = o->ppm_nodata, .ppm_skipdata = o->ppm_skipdata, .cloud = o->provider->cloud
    };
    int rc;

    g->why[0] = '\0';
    rc = o->output_dir == NULL ? open_file(g, g->file) : 0;
    if (rc == 0)
        rc = o->provider->shape != NULL ? make_reports(g, estate, &plan)
                                        : make_rows(g, estate, &plan);
    if (close_all(g, rc == 0) != 0)
        rc = -1;
    if (rc != 0 && g->why[0] == '\0')
        snprintf(g->why, sizeof g->why, "not enough memory");
    return rc;
}

/* Hands the settings to the writer; 0, or not after a usage error was told. */
static int take_settings(gen_run_t *g, cf_cli_t *c)
{
    const gen_options_t *o = g->o;
    char key[64];

    for (uint32_t i = 0; i < o->n_set; i++) {
        size_t n = strcspn(o->set[i], "=");

        snprintf(key, sizeof key, "%.*s", (int)(n < sizeof key ? n : sizeof key - 1), o->set[i]);
        if (o->provider->set(g->writer, key, o->set[i] + n + 1, g->why, sizeof g->why) != 0)
            return cf_cli_usage(c, "--set: %s", g->why);
    }
    return 0;
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
    if (take_settings(&g, c) != 0) {
        o.provider->close(g.writer);
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
