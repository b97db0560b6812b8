/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The progress line: a thread looks at the scan's totals five times a second and rewrites one line
 * of standard error. It starts to show after half a second, so short runs leave the terminal
 * alone; messages wipe it first (message.c), the first output on the same terminal ends it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

#define PERIOD (CF_NS_PER_SEC / 5)
#define PATIENCE (CF_NS_PER_SEC / 2)

struct cfi_progress {
    cf_scan_t *scan;
    pthread_t thread;
    pthread_cond_t wake;
    bool stop;
    bool hushed;               /* nothing more is drawn */
    bool drawn;                /* a line stands on the terminal */
    bool terminal;             /* rewrite the line; else write lines, once in five seconds */
    int64_t begun;
};

static void put_size(char *out, size_t size, double v)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
    int u = 0;

    for (; v >= 1000 && u < 4; u++)
        v /= 1000;
    snprintf(out, size, u == 0 || v >= 100 ? "%.0f %s" : "%.1f %s", v, units[u]);
}

static void put_count(char *out, size_t size, double v)
{
    if (v >= 1e6)
        snprintf(out, size, "%.1f M ", v / 1e6);
    else if (v >= 1e4)
        snprintf(out, size, "%.0f k ", v / 1e3);
    else
        snprintf(out, size, "%.0f ", v);
}

static void put_seconds(char *out, size_t size, double s)
{
    if (s >= 3600)
        snprintf(out, size, "%.0fh%02.0fm", s / 3600, (double)((int64_t)(s / 60) % 60));
    else if (s >= 60)
        snprintf(out, size, "%" PRId64 "m%02" PRId64 "s", (int64_t)s / 60, (int64_t)s % 60);
    else
        snprintf(out, size, "%.0fs", s);
}

/* "cfimport: 42 %, 1.3 M rows, 2.1 M rows/s, 12s left" */
static void compose(const cf_cli_t *c, const struct cfi_progress *g, char *out, size_t size)
{
    double seconds = (double)(cfi_cli_now() - g->begun) / 1e9, share;
    char done[32], rows[32], rate[32], left[32];
    cf_scan_totals_t t;

    cf_scan_totals(g->scan, &t);
    put_count(rows, sizeof rows, (double)t.rows);
    put_count(rate, sizeof rate, (double)t.rows / seconds);
    if (t.bytes_size == 0 || t.bytes_done > t.bytes_size) {
        put_size(done, sizeof done, (double)t.bytes_done);
        snprintf(out, size, "%s: %s, %srows, %srows/s", c->cmd->name, done, rows, rate);
        return;
    }
    share = (double)t.bytes_done / (double)t.bytes_size;
    snprintf(out, size, "%s: %.0f %%, %srows, %srows/s", c->cmd->name, share * 100, rows, rate);
    if (share > 0.01 && share < 1) {
        size_t n = strlen(out);

        put_seconds(left, sizeof left, seconds * (1 - share) / share);
        snprintf(out + n, size - n, ", %s left", left);
    }
}

static void put(const char *s, size_t n)
{
    if (write(STDERR_FILENO, s, n) < 0)
        return;                /* progress is no reason to fail */
}

static void wipe(cf_cli_t *c)
{
    struct cfi_progress *g = cfi_cli_priv(c)->progress;

    if (g != NULL && g->drawn) {
        put("\r\033[K", 4);
        g->drawn = false;
    }
}

void cfi_cli_hush(cf_cli_t *c)
{
    cfi_cli_t *p = cfi_cli_priv(c);

    if (p->progress == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    wipe(c);
    p->progress->hushed = true;
    pthread_mutex_unlock(&p->lock);
}

static void draw(cf_cli_t *c, struct cfi_progress *g)
{
    char text[200], line[220];
    struct winsize w;
    size_t n;

    compose(c, g, text, sizeof text);
    n = strlen(text);
    if (!g->terminal) {
        text[n] = '\n';
        put(text, n + 1);
        return;
    }
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 1 && n >= w.ws_col)
        n = w.ws_col - 1u;
    snprintf(line, sizeof line, "\r%.*s\033[K", (int)n, text);
    put(line, strlen(line));
    g->drawn = true;
}

static void *run(void *arg)
{
    cf_cli_t *c = arg;
    cfi_cli_t *p = cfi_cli_priv(c);
    struct cfi_progress *g = p->progress;
    int64_t next = g->begun + (g->terminal ? PATIENCE : 5 * CF_NS_PER_SEC);

    pthread_mutex_lock(&p->lock);
    while (!g->stop && !g->hushed) {
        struct timespec until = { (time_t)(next / CF_NS_PER_SEC), (long)(next % CF_NS_PER_SEC) };

        pthread_cond_timedwait(&g->wake, &p->lock, &until);
        if (!g->stop && !g->hushed && cfi_cli_now() >= next) {
            draw(c, g);
            next = cfi_cli_now() + (g->terminal ? PERIOD : 5 * CF_NS_PER_SEC);
        }
    }
    wipe(c);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void attach(cf_cli_t *c, struct cfi_progress *g)
{
    cfi_cli_t *p = cfi_cli_priv(c);

    pthread_mutex_lock(&p->lock);
    p->wipe = wipe;
    p->progress = g;
    pthread_mutex_unlock(&p->lock);
}

int cfi_progress_start(cf_cli_t *c, cf_scan_t *s)
{
    struct cfi_progress *g = calloc(1, sizeof *g);
    pthread_condattr_t attr;

    if (g == NULL)
        return CF_E_NOMEM;
    g->scan = s;
    g->begun = cfi_cli_now();
    g->terminal = isatty(STDERR_FILENO) == 1;
    if (pthread_condattr_init(&attr) != 0) {
        free(g);
        return CF_E_NOMEM;
    }
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    if (pthread_cond_init(&g->wake, &attr) != 0) {
        pthread_condattr_destroy(&attr);
        free(g);
        return CF_E_NOMEM;
    }
    pthread_condattr_destroy(&attr);
    attach(c, g);
    if (pthread_create(&g->thread, NULL, run, c) != 0) {
        attach(c, NULL);
        pthread_cond_destroy(&g->wake);
        free(g);
        return CF_E_LIMIT;
    }
    return CF_OK;
}

void cfi_progress_stop(cf_cli_t *c)
{
    cfi_cli_t *p = cfi_cli_priv(c);
    struct cfi_progress *g = p->progress;

    if (g == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    g->stop = true;
    pthread_cond_signal(&g->wake);
    pthread_mutex_unlock(&p->lock);
    pthread_join(g->thread, NULL);
    attach(c, NULL);
    pthread_cond_destroy(&g->wake);
    free(g);
}
