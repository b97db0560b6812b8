/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines on standard error: "command: source: place: text". A line is built whole on the stack (a
 * message about missing memory needs none) and written at once, with control characters made
 * visible, because names and texts in it may come from a log.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define LINE_MAX_BYTES 4096

static void put_all(const char *s, size_t n)
{
    while (n > 0) {
        ssize_t w = write(STDERR_FILENO, s, n);

        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return;            /* there is nobody left to tell */
        s += w;
        n -= (size_t)w;
    }
}

/* C0, DEL, and C1 controls in their UTF-8 form (c2 80 .. c2 9f). */
static size_t visible(const char *text, char *out, size_t size)
{
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;

    for (const unsigned char *s = (const unsigned char *)text; *s != '\0' && at + 10 < size; s++) {
        bool c1 = s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f;

        if (*s >= 0x20 && *s != 0x7f && !c1) {
            out[at++] = (char)*s;
            continue;
        }
        for (int i = 0; i <= (c1 ? 1 : 0); i++) {
            out[at++] = '\\';
            out[at++] = 'x';
            out[at++] = hex[s[i] >> 4];
            out[at++] = hex[s[i] & 15];
        }
        s += c1 ? 1 : 0;
    }
    return at;
}

void cfi_cli_line(cf_cli_t *c, const char *text)
{
    cfi_cli_t *p = c != NULL ? cfi_cli_priv(c) : NULL;
    char line[LINE_MAX_BYTES];
    size_t n = visible(text, line, sizeof line - 1);

    line[n++] = '\n';
    if (p != NULL) {
        pthread_mutex_lock(&p->lock);
        if (p->progress != NULL)
            p->wipe(c);
    }
    put_all(line, n);
    if (p != NULL)
        pthread_mutex_unlock(&p->lock);
}

CF_PRINTF(3, 0) static void say(cf_cli_t *c, const char *prefix, const char *fmt, va_list ap)
{
    char text[LINE_MAX_BYTES];
    int n = snprintf(text, sizeof text, "%s: %s", c->cmd->name, prefix);

    if (n > 0 && (size_t)n < sizeof text)
        vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
    cfi_cli_line(c, text);
}

void cfi_cli_say(cf_cli_t *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(c, "", fmt, ap);
    va_end(ap);
}

/* Usage beats a failed input, that beats too many rejects. */
int cfi_cli_worse(cf_cli_t *c, int status)
{
    static const int rank[] = { 0, 2, 3, 1 };

    if (status < 0 || status > 3)
        status = 1;
    if (rank[status] > rank[c->status & 3])
        c->status = status;
    return status;
}

int cfi_cli_status_of(int code)
{
    switch (code) {
    case CF_OK:
    case CF_EOF:
        return 0;
    case CF_E_USAGE:
    case CF_E_PLUGIN:
    case CF_E_FIELD:
        return 2;
    default:
        return 1;
    }
}

int cf_cli_fail(cf_cli_t *c, const cf_diag_t *d)
{
    return cf_cli_fail_text(c, d, NULL);
}

int cf_cli_fail_text(cf_cli_t *c, const cf_diag_t *d, const char *text)
{
    char sentence[1024];

    cf_diag_format(d, sentence, sizeof sentence);
    cfi_cli_say(c, "%s", sentence);
    /* The caret: a window of the text around the column, the same width on both lines. */
    if (text != NULL && d->column > 0) {
        size_t len = strlen(text), at = d->column - 1, from;
        char line[256];

        at = at > len ? len : at;
        from = at > 60 ? at - 60 : 0;
        snprintf(line, sizeof line, "  %.*s", 120, text + from);
        for (char *s = line; *s != '\0'; s++)
            *s = (unsigned char)*s < 0x20 || *s == 0x7f ? ' ' : *s;
        cfi_cli_line(c, line);
        snprintf(line, sizeof line, "  %*s^", (int)(at - from), "");
        cfi_cli_line(c, line);
    }
    return cfi_cli_worse(c, d->code == CF_OK ? 1 : cfi_cli_status_of(d->code));
}

int cf_cli_usage(cf_cli_t *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(c, "", fmt, ap);
    va_end(ap);
    cfi_cli_say(c, "try '%s --help'", c->cmd->name);
    return cfi_cli_worse(c, 2);
}

void cf_cli_warn(cf_cli_t *c, const char *fmt, ...)
{
    va_list ap;

    if (c->verbosity < 0)
        return;
    va_start(ap, fmt);
    say(c, "warning: ", fmt, ap);
    va_end(ap);
}

void cf_cli_info(cf_cli_t *c, const char *fmt, ...)
{
    va_list ap;

    if (c->verbosity < 1)
        return;
    va_start(ap, fmt);
    say(c, "", fmt, ap);
    va_end(ap);
}
