/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The diagnostic: filled where a failure is noticed, completed with its place on the way up,
 * printed once by the command. Texts may quote foreign bytes, so formatting makes control
 * characters visible.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <cf/base.h>

int cf_diag_set(cf_diag_t *d, int code, const char *fmt, ...)
{
    if (d != NULL) {
        va_list ap;

        d->code = code;
        va_start(ap, fmt);
        vsnprintf(d->text, sizeof d->text, fmt, ap);
        va_end(ap);
    }
    return code;
}

int cf_diag_errno(cf_diag_t *d, int code, int errnum, const char *fmt, ...)
{
    if (d != NULL) {
        char reason[128];
        va_list ap;
        size_t used;

        d->code = code;
        va_start(ap, fmt);
        vsnprintf(d->text, sizeof d->text, fmt, ap);
        va_end(ap);
        /* The XSI form is hidden by _GNU_SOURCE; both forms are served by %m-free snprintf. */
#if defined(_GNU_SOURCE)
        const char *s = strerror_r(errnum, reason, sizeof reason);
#else
        const char *s = strerror_r(errnum, reason, sizeof reason) == 0 ? reason : "unknown error";
#endif
        used = strlen(d->text);
        snprintf(d->text + used, sizeof d->text - used, "%s%s", used > 0 ? ": " : "", s);
    }
    return code;
}

void cf_diag_source(cf_diag_t *d, const char *source)
{
    size_t n;

    if (d == NULL || source == NULL || d->source[0] != '\0')
        return;
    n = strlen(source);
    if (n < sizeof d->source) {
        memcpy(d->source, source, n + 1);
    } else {
        memcpy(d->source, source, sizeof d->source - 4);
        memcpy(d->source + sizeof d->source - 4, "...", 4);
    }
}

void cf_diag_clear(cf_diag_t *d)
{
    if (d != NULL)
        memset(d, 0, sizeof *d);
}

/* Append text with control characters as \xHH; bytes above 127 pass (UTF-8 file names). */
static size_t put_visible(char *out, size_t at, size_t size, const char *s)
{
    static const char hex[] = "0123456789abcdef";

    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;

        if (c < 0x20 || c == 0x7f) {
            if (at + 5 > size)
                break;
            out[at++] = '\\';
            out[at++] = 'x';
            out[at++] = hex[c >> 4];
            out[at++] = hex[c & 15];
        } else {
            if (at + 2 > size)
                break;
            out[at++] = (char)c;
        }
    }
    out[at] = '\0';
    return at;
}

size_t cf_diag_format(const cf_diag_t *d, char *out, size_t size)
{
    char place[64];
    size_t at = 0;

    if (size == 0)
        return 0;
    out[0] = '\0';
    if (d->source[0] != '\0') {
        at = put_visible(out, at, size, d->source);
        at = put_visible(out, at, size, ": ");
    }
    if (d->line > 0) {
        snprintf(place, sizeof place, "line %" PRIu64 ": ", d->line);
        at = put_visible(out, at, size, place);
    }
    if (d->block > 0) {
        snprintf(place, sizeof place, "block %" PRIu64 ": ", d->block);
        at = put_visible(out, at, size, place);
    }
    if (d->has_offset) {
        snprintf(place, sizeof place, "byte %" PRIu64 ": ", d->offset);
        at = put_visible(out, at, size, place);
    }
    if (d->column > 0) {
        snprintf(place, sizeof place, "column %" PRIu32 ": ", d->column);
        at = put_visible(out, at, size, place);
    }
    return put_visible(out, at, size, d->text[0] != '\0' ? d->text : cf_strerror(d->code));
}
