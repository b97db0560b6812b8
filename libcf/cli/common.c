/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of the common options, and the environment behind them: an option goes before its
 * variable, a variable before the default. Both are checked by the same functions, so a wrong
 * CF_THREADS is as loud as a wrong --threads. doc/environment.md lists the variables.
 */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define THREADS_MAX 64
#define MEMORY_MIN (UINT64_C(16) << 20)
#define MEMORY_MAX (UINT64_C(1) << 44)

/* what names the option or variable in messages: "option '--threads'". */
static int set_threads(cf_cli_t *c, const char *what, const char *value)
{
    uint64_t n;

    if (cf_uint_parse(value, strlen(value), THREADS_MAX, &n) != CF_OK || n == 0)
        return cf_cli_usage(c, "%s: '%s' is not a number from 1 to %d", what, value, THREADS_MAX);
    c->threads = (unsigned)n;
    return -1;
}

static int set_memory(cf_cli_t *c, const char *what, const char *value)
{
    uint64_t n;

    if (cf_size_parse(value, strlen(value), &n) != CF_OK || n < MEMORY_MIN || n > MEMORY_MAX)
        return cf_cli_usage(c, "%s: '%s' is not a size from 16Mi to 16Ti", what, value);
    c->memory = n;
    cfi_cli_priv(c)->memory_given = true;
    return -1;
}

static int set_progress(cf_cli_t *c, const char *what, const char *value)
{
    static const char *const words[] = { "auto", "always", "never" };

    for (size_t i = 0; i < 3; i++) {
        if (strcmp(value, words[i]) == 0) {
            cfi_cli_priv(c)->progress_when = words[i];
            return -1;
        }
    }
    return cf_cli_usage(c, "%s: '%s' is none of auto, always, never", what, value);
}

static int set_clobber(cf_cli_t *c, const char *what, const char *value)
{
    if (strcmp(value, "1") != 0 && strcmp(value, "0") != 0)
        return cf_cli_usage(c, "%s: '%s' is neither 0 nor 1", what, value);
    c->force = value[0] == '1';
    return -1;
}

static int set_level(cf_cli_t *c, const char *value)
{
    static const char *const words[] = { "fast", "balanced", "small" };

    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(value, words[i]) == 0) {
            c->level = (cf_level_t)(CF_LEVEL_FAST + i);
            return -1;
        }
    }
    return cf_cli_usage(c, "option '--level': '%s' is none of fast, balanced, small", value);
}

static int set_format(cf_cli_t *c, const char *value)
{
    static const char *const words[] = { "text", "csv", "ndjson" };

    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(value, words[i]) == 0) {
            c->format = (cf_textform_t)i;
            c->format_given = true;
            return -1;
        }
    }
    return cf_cli_usage(c, "option '--format': '%s' is none of text, csv, ndjson", value);
}

static int set_stats(cf_cli_t *c, const char *value)
{
    if (value != NULL && strcmp(value, "json") != 0)
        return cf_cli_usage(c, "option '--stats': '%s' is not json", value);
    c->stats = value != NULL ? 2 : 1;
    return -1;
}

static int set_max_rejects(cf_cli_t *c, const char *value)
{
    if (cf_uint_parse(value, strlen(value), UINT64_MAX - 1, &c->max_rejects) != CF_OK)
        return cf_cli_usage(c, "option '--max-rejects': '%s' is not a number of rows", value);
    return -1;
}

static int add_setting(cf_cli_t *c, const char *value)
{
    const char *eq = strchr(value, '=');

    if (eq == NULL || eq == value)
        return cf_cli_usage(c, "option '--set': '%s' is not KEY=VALUE", value);
    c->settings[cfi_cli_priv(c)->nsettings++] = value;
    return -1;
}

/* Options whose value is a name; an empty one is always a mistake. */
static int set_name(cf_cli_t *c, const cf_opt_t *o, const char *value)
{
    cfi_cli_t *p = cfi_cli_priv(c);

    if (*value == '\0' && o->id != CFI_OPT_PLUGIN_PATH)
        return cf_cli_usage(c, "option '--%s' has an empty value", o->name);
    switch (o->id) {
    case CFI_OPT_XARGS: c->xargs = value; break;
    case CFI_OPT_READER: c->reader = value; break;
    case CFI_OPT_TMPDIR: c->tmpdir = value; break;
    case CFI_OPT_SITE: p->site_path = value; break;
    case CFI_OPT_PLUGIN: p->plugins[p->nplugins++] = value; break;
    case CFI_OPT_PLUGIN_PATH: p->plugin_path = value; break;
    default: c->output = strcmp(value, "-") == 0 ? NULL : value; break;
    }
    return -1;
}

int cfi_cli_common(cf_cli_t *c, const cf_opt_t *o, const char *value)
{
    cfi_cli_t *p = cfi_cli_priv(c);

    switch (o->id) {
    case CFI_OPT_SET: return add_setting(c, value);
    case CFI_OPT_MAX_REJECTS: return set_max_rejects(c, value);
    case CFI_OPT_THREADS: return set_threads(c, "option '--threads'", value);
    case CFI_OPT_MEMORY: return set_memory(c, "option '--memory'", value);
    case CFI_OPT_PROGRESS:
        return set_progress(c, "option '--progress'", value != NULL ? value : "always");
    case CFI_OPT_STATS: return set_stats(c, value);
    case CFI_OPT_LEVEL: return set_level(c, value);
    case CFI_OPT_FORMAT: return set_format(c, value);
    case CFI_OPT_ALLOW_EMPTY: c->allow_empty = true; return -1;
    case CFI_OPT_FORCE: c->force = true; return -1;
    case CFI_OPT_NO_PROVENANCE: c->provenance = false; return -1;
    case CFI_OPT_NO_TITLES: c->titles = false; return -1;
    case CFI_OPT_QUIET: c->verbosity = -1; return -1;
    case CFI_OPT_VERBOSE: c->verbosity = c->verbosity < 0 ? -1 : c->verbosity + 1; return -1;
    case CFI_OPT_HELP: p->helps |= CFI_WANT_HELP; return -1;
    case CFI_OPT_HELP_FIELDS: p->helps |= CFI_WANT_FIELDS; return -1;
    case CFI_OPT_COMPLETION: p->helps |= CFI_WANT_COMPLETION; return -1;
    case CFI_OPT_VERSION: p->versions++; return -1;
    default: return set_name(c, o, value != NULL ? value : "-");
    }
}

static unsigned processors(void)
{
    cpu_set_t set;
    int n;

    CPU_ZERO(&set);
    n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) :
        (int)sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

/* An empty variable is as good as none. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

static void log_line(void *ctx, const char *text)
{
    cfi_cli_say(ctx, "%s", text);
}

int cfi_cli_environment(cf_cli_t *c)
{
    cfi_cli_t *p = cfi_cli_priv(c);
    const char *v;
    int rc = -1;

    if ((c->cmd->common & CF_COMMON_INPUT) != 0) {
        if (c->threads == 0 && (v = variable("CF_THREADS")) != NULL)
            rc = set_threads(c, "CF_THREADS", v);
        if (rc == -1 && p->progress_when == NULL && (v = variable("CF_PROGRESS")) != NULL)
            rc = set_progress(c, "CF_PROGRESS", v);
    }
    if (rc == -1 && (c->cmd->common & CF_COMMON_MEMORY) != 0 && !p->memory_given &&
        (v = variable("CF_MEMORY")) != NULL)
        rc = set_memory(c, "CF_MEMORY", v);
    if ((c->cmd->common & CF_COMMON_MEMORY) != 0 && c->tmpdir == NULL)
        c->tmpdir = variable("CF_TMPDIR");
    if (rc == -1 && (c->cmd->common & CF_COMMON_OUTPUT) != 0 && !c->force &&
        (v = variable("CF_CLOBBER")) != NULL)
        rc = set_clobber(c, "CF_CLOBBER", v);
    if (rc != -1)
        return rc;
    if (c->threads == 0)
        c->threads = processors();
    if (p->plugin_path == NULL)
        p->plugin_path = variable("CF_PLUGIN_PATH");
    v = variable("CF_PLUGIN_DEBUG");
    if (c->verbosity >= 2 || (v != NULL && strcmp(v, "0") != 0))
        cf_log_hook(log_line, c);
    if (p->progress_when != NULL && strcmp(p->progress_when, "always") == 0)
        c->progress = c->verbosity >= 0;
    else if (p->progress_when == NULL || strcmp(p->progress_when, "auto") == 0)
        c->progress = c->verbosity >= 0 && isatty(STDERR_FILENO) == 1;
    return -1;
}
