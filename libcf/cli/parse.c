/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser: long options by their full name only, "--name value" and "--name=value", clusters of
 * letters, operands anywhere, "--" ends the options. Values of common options are checked in
 * common.c; own options are kept in order for cf_cli_option.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

#define OPTS_MAX 256           /* options of one command, own and common */

/*
 * A descriptor 0, 1 or 2 that is closed would be given to the next file opened. Occupy it, in the
 * direction that fails: reading a closed input and writing a closed output stay errors.
 */
static void occupy_standard_files(void)
{
    static const int mode[] = { O_WRONLY, O_RDONLY, O_WRONLY };

    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", mode[fd]) < 0)
            return;
    }
}

int64_t cfi_cli_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * CF_NS_PER_SEC + t.tv_nsec;
}

/* Levenshtein distance of two short names, for "did you mean". */
static size_t distance(const char *a, const char *b)
{
    size_t row[64], n = strlen(b);

    if (n >= 64)
        return 64;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);

            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[n];
}

static int unknown_long(cf_cli_t *c, const char *name)
{
    const char *nearest = NULL;
    const cf_opt_t *o;
    size_t best = 3;

    for (size_t i = 0; strlen(name) < 64 && (o = cfi_cli_opt(c->cmd, i)) != NULL; i++) {
        size_t d = distance(name, o->name);

        if (!cfi_cli_opt_hidden(o) && strlen(name) >= 2 &&
            strncmp(o->name, name, strlen(name)) == 0)
            d = 1;
        if (!cfi_cli_opt_hidden(o) && d < best) {
            best = d;
            nearest = o->name;
        }
    }
    if (nearest != NULL)
        return cf_cli_usage(c, "unknown option '--%s' (is '--%s' meant?)", name, nearest);
    return cf_cli_usage(c, "unknown option '--%s'", name);
}

static int take(cf_cli_t *c, size_t index, const char *value, uint8_t *seen)
{
    const cf_opt_t *o = cfi_cli_opt(c->cmd, index);
    cfi_cli_t *p = cfi_cli_priv(c);

    if ((o->flags & CF_OPT_REPEAT) == 0 && seen[index])
        return cf_cli_usage(c, "option '--%s' is given twice", o->name);
    seen[index] = 1;
    if (index >= cfi_cli_own(c->cmd))
        return cfi_cli_common(c, o, value);
    p->given[p->ngiven].id = o->id;
    p->given[p->ngiven++].value = value;
    return -1;
}

static int parse_long(cf_cli_t *c, const char *arg, char **argv, int argc, int *i, uint8_t *seen)
{
    const char *eq = strchr(arg, '='), *value = eq != NULL ? eq + 1 : NULL;
    size_t len = eq != NULL ? (size_t)(eq - arg) : strlen(arg), k;
    const cf_opt_t *o;
    char name[128];

    for (k = 0; (o = cfi_cli_opt(c->cmd, k)) != NULL; k++) {
        if (strlen(o->name) == len && memcmp(o->name, arg, len) == 0)
            break;
    }
    if (o == NULL) {
        snprintf(name, sizeof name, "%.*s", (int)(len > 120 ? 120 : len), arg);
        return unknown_long(c, name);
    }
    if (o->arg == NULL && value != NULL)
        return cf_cli_usage(c, "option '--%s' takes no value", o->name);
    if (o->arg != NULL && o->arg[0] != '[' && value == NULL) {
        if (*i + 1 >= argc)
            return cf_cli_usage(c, "option '--%s' needs a value: --%s=%s", o->name, o->name,
                                o->arg);
        value = argv[++*i];
    }
    return take(c, k, value, seen);
}

static int parse_short(cf_cli_t *c, const char *arg, char **argv, int argc, int *i, uint8_t *seen)
{
    for (const char *s = arg; *s != '\0'; s++) {
        const char *value = NULL;
        const cf_opt_t *o;
        bool ends = false;
        size_t k;
        int rc;

        for (k = 0; (o = cfi_cli_opt(c->cmd, k)) != NULL; k++) {
            if (o->letter == *s)
                break;
        }
        if (o == NULL)
            return cf_cli_usage(c, "unknown option '-%c'", *s);
        if (o->arg != NULL && o->arg[0] != '[') {
            ends = true;
            if (s[1] != '\0')
                value = s + 1;
            else if (*i + 1 < argc)
                value = argv[++*i];
            else
                return cf_cli_usage(c, "option '-%c' needs a value: --%s=%s", *s, o->name, o->arg);
        }
        rc = take(c, k, value, seen);
        if (rc != -1 || ends)
            return rc;
    }
    return -1;
}

static int parse(cf_cli_t *c, int argc, char **argv)
{
    uint8_t seen[OPTS_MAX] = { 0 };
    bool ended = false;
    size_t n = 0;

    while (cfi_cli_opt(c->cmd, n) != NULL)
        n++;
    if (n > OPTS_MAX)
        return cf_cli_usage(c, "the option table is too long");
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        int rc = -1;

        if (ended || arg[0] != '-' || arg[1] == '\0')
            c->operands[c->noperands++] = argv[i];
        else if (strcmp(arg, "--") == 0)
            ended = true;
        else if (arg[1] == '-')
            rc = parse_long(c, arg + 2, argv, argc, &i, seen);
        else
            rc = parse_short(c, arg + 1, argv, argc, &i, seen);
        if (rc != -1)
            return rc;
    }
    return -1;
}

/* One word as a shell would take it back. */
static int put_word(cf_buf_t *b, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./,:=+@%^";
    int rc;

    if (*s != '\0' && s[strspn(s, plain)] == '\0')
        return cf_buf_puts(b, s);
    rc = cf_buf_puts(b, "'");
    for (; rc == CF_OK && *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '\'')
            rc = cf_buf_puts(b, "'\\''");
        else if (c < 0x20 || c == 0x7f)
            rc = cf_buf_putf(b, "\\x%02x", c);
        else
            rc = cf_buf_put(b, s, 1);
    }
    return rc == CF_OK ? cf_buf_puts(b, "'") : rc;
}

#define COMMAND_LINE_MAX 4096

/* For provenance; what does not fit ends in "…". */
static int remember_command_line(cf_cli_t *c, int argc, char **argv)
{
    cf_buf_t b;
    int rc;

    cf_buf_init(&b, COMMAND_LINE_MAX);
    rc = put_word(&b, c->cmd->name);
    for (int i = 1; rc == CF_OK && i < argc; i++) {
        rc = cf_buf_puts(&b, " ");
        if (rc == CF_OK)
            rc = put_word(&b, argv[i]);
    }
    if (rc == CF_E_LIMIT) {
        b.len = b.len > COMMAND_LINE_MAX - 8 ? COMMAND_LINE_MAX - 8 : b.len;
        b.data[b.len] = '\0';
        rc = cf_buf_puts(&b, " …");
    }
    if (rc != CF_OK) {
        cf_buf_fini(&b);
        return rc;
    }
    c->command_line = b.data;
    return CF_OK;
}

static int allocate(cf_cli_t *c, int argc, char **argv)
{
    size_t n = (size_t)argc + 1;
    cfi_cli_t *p = calloc(1, sizeof *p);

    if (p == NULL)
        return CF_E_NOMEM;
    if (pthread_mutex_init(&p->lock, NULL) != 0) {
        free(p);
        return CF_E_NOMEM;
    }
    c->priv = p;
    /* A cluster of letters gives several options from one argument. */
    for (int i = 1; i < argc; i++)
        n += argv[i][0] == '-' && argv[i][1] != '-' ? strlen(argv[i]) : 0;
    p->given = calloc(n, sizeof *p->given);
    p->plugins = calloc((size_t)argc + 1, sizeof *p->plugins);
    c->settings = calloc((size_t)argc + 1, sizeof *c->settings);
    c->operands = calloc((size_t)argc + 1, sizeof *c->operands);
    if (p->given == NULL || p->plugins == NULL || c->settings == NULL || c->operands == NULL)
        return CF_E_NOMEM;
    return remember_command_line(c, argc, argv);
}

/*
 * --help and its like: print, and the status. All of it goes through a buffer that holds it whole,
 * so that a failed write is met at the close, where its errno is still known.
 */
static int answer(cf_cli_t *c)
{
    static char buffer[64 << 10];
    cfi_cli_t *p = cfi_cli_priv(c);
    int status = -1;

    if (p->helps != 0 || p->versions > 0)
        setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    if (p->helps & CFI_WANT_COMPLETION)
        status = cfi_cli_completion(c);
    else if (p->helps & CFI_WANT_HELP)
        status = cfi_cli_help(c);
    else if (p->helps & CFI_WANT_FIELDS)
        status = cfi_cli_help_fields(c);
    else if (p->versions > 0)
        status = cfi_cli_version(c);
    return status;
}

int cf_cli_begin(cf_cli_t *c, const cf_cmd_t *cmd, int argc, char **argv)
{
    int status;

    memset(c, 0, sizeof *c);
    c->cmd = cmd;
    c->titles = true;
    c->provenance = true;
    c->max_rejects = UINT64_MAX;
    c->memory = cmd->memory > 0 ? cmd->memory : UINT64_C(1) << 30;
    occupy_standard_files();
    if (argc < 1 || allocate(c, argc, argv) != CF_OK) {
        cf_diag_t d = { .code = CF_E_NOMEM };

        status = cf_cli_fail(c, &d);
        cfi_cli_free(c);
        return status;
    }
    cfi_cli_priv(c)->begun = cfi_cli_now();
    status = parse(c, argc, argv);
    if (status == -1)
        status = answer(c);
    if (status == -1)
        status = cfi_cli_environment(c);
    if (status == -1)
        status = cfi_cli_open_site(c);
    if (status != -1)
        cfi_cli_free(c);
    return status;
}

int cf_cli_option(cf_cli_t *c, const char **value)
{
    cfi_cli_t *p = cfi_cli_priv(c);

    if (p->next >= p->ngiven)
        return -1;
    *value = p->given[p->next].value;
    return p->given[p->next++].id;
}
