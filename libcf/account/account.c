/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting what was read, kept and rejected, and keeping the first rejected rows for showing. A
 * row's excerpt comes from a log that anybody may have written, so control characters and broken
 * UTF-8 are made visible here, once.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cf/account.h>

void cf_account_init(cf_account_t *a)
{
    memset(a, 0, sizeof *a);
    a->tmin = INT64_MAX;
    a->tmax = INT64_MIN;
}

void cf_account_add(cf_account_t *a, const cf_account_t *b)
{
    int i;

    a->bytes += b->bytes;
    a->rows_read += b->rows_read;
    a->rows_kept += b->rows_kept;
    for (i = 0; i < CF_RECORD_ERR_COUNT; i++)
        a->rejected[i] += b->rejected[i];
    a->nodata += b->nodata;
    a->skipdata += b->skipdata;
    a->headers += b->headers;
    a->others += b->others;
    if (b->tmin < a->tmin)
        a->tmin = b->tmin;
    if (b->tmax > a->tmax)
        a->tmax = b->tmax;
}

uint64_t cf_account_rejected(const cf_account_t *a)
{
    uint64_t sum = 0;
    int i;

    for (i = 0; i < CF_RECORD_ERR_COUNT; i++)
        sum += a->rejected[i];
    return sum;
}

void cf_rejects_init(cf_rejects_t *r, cf_account_t *account)
{
    memset(r, 0, sizeof *r);
    r->account = account;
}

/* Printable start of a row: \xNN for what a terminal must not see, "..." where it was cut. */
static void visible(const char *row, size_t n, char *out, size_t size)
{
    size_t at = 0, i;

    for (i = 0; i < n; i++) {
        unsigned char c = (unsigned char)row[i];
        size_t need = c >= 0x20 && c < 0x7f && c != '\\' ? 1 : 4;

        if (at + need + (i + 1 < n ? 3 : 0) >= size) {
            snprintf(out + at, size - at, "...");
            return;
        }
        if (need == 1)
            out[at] = (char)c;
        else
            snprintf(out + at, size - at, "\\x%02x", c);
        at += need;
    }
    out[at] = '\0';
}

void cf_rejects_add(cf_rejects_t *r, int code, uint64_t line, uint64_t offset, const char *row,
                    size_t n,
                    const char *fmt, ...)
{
    int index = CF_R_FIELDS - code;
    char reason[sizeof r->first[0].reason];
    cf_reject_t *one;
    va_list ap;

    if (index < 0 || index >= CF_RECORD_ERR_COUNT)
        index = CF_R_FIELDS - CF_R_SYNTAX;
    r->account->rows_read++;
    r->account->rejected[index]++;
    if (r->shown >= CF_REJECTS_SHOWN)
        return;
    one = &r->first[r->shown++];
    one->code = code;
    one->line = line;
    one->offset = offset;
    va_start(ap, fmt);
    vsnprintf(reason, sizeof reason, fmt, ap);
    va_end(ap);
    /* Reasons quote values. */
    visible(reason, strlen(reason), one->reason, sizeof one->reason);
    visible(row != NULL ? row : "", row != NULL ? n : 0, one->excerpt, sizeof one->excerpt);
}
