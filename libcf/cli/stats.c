/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --stats: the account of each input and the sum, as lines for people or as one JSON object, both
 * on standard error, because standard output is data. Accounts are noted while the scan runs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "cli/cli.h"

#define DROPPED_MAX 64u

const char *cfi_begin_name(cf_scan_begin_t begin)
{
    static const char *const words[] = { NULL, "continued", "unchanged", "replaced" };

    return words[begin];
}

const char *cfi_end_name(cf_scan_end_t end)
{
    static const char *const words[] = { NULL, "cut", "failed" };

    return words[end];
}

/* Providers and columns left out, in one allocation; NULL without memory. */
static char **words_of(const cf_scan_input_t *i, size_t *nproviders)
{
    const char *found[CF_SCAN_PROVIDERS + DROPPED_MAX];
    size_t n = 0, bytes = 0, ndropped = 0, at;
    char **words, *text;

    for (; i->providers[n] != NULL; n++)
        found[n] = i->providers[n];
    *nproviders = n;
    for (; i->schema != NULL && ndropped < DROPPED_MAX; ndropped++, n++) {
        found[n] = cf_schema_dropped_at(i->schema, (uint32_t)ndropped);
        if (found[n] == NULL)
            break;
    }
    for (at = 0; at < n; at++)
        bytes += strlen(found[at]) + 1;
    words = malloc((n + 2) * sizeof *words + bytes);
    if (words == NULL)
        return NULL;
    text = (char *)(words + n + 2);
    for (at = 0; at < n; at++) {
        size_t len = strlen(found[at]) + 1;

        words[at + (at >= *nproviders)] = memcpy(text, found[at], len);
        text += len;
    }
    words[*nproviders] = words[n + 1] = NULL;
    return words;
}

int cfi_stats_note(cf_cli_t *c, const cf_scan_input_t *i)
{
    cfi_cli_t *p = cfi_cli_priv(c);
    cfi_input_account_t *n;

    p->inputs_seen++;
    if (p->naccounts >= CFI_ACCOUNTS_MAX)
        return CF_OK;
    if (p->naccounts == p->accounts_size) {
        size_t size = p->accounts_size > 0 ? p->accounts_size * 2 : 16;

        n = realloc(p->accounts, size * sizeof *n);
        if (n == NULL)
            return CF_E_NOMEM;
        p->accounts = n;
        p->accounts_size = size;
    }
    n = &p->accounts[p->naccounts];
    n->name = strdup(i->name);
    n->words = words_of(i, &n->nproviders);
    if (n->name == NULL || n->words == NULL) {
        free(n->name);
        free(n->words);
        return CF_E_NOMEM;
    }
    n->reader = i->reader;
    n->account = *i->account;
    n->begin = i->begin;
    n->end = i->end;
    p->naccounts++;
    return CF_OK;
}

void cfi_stats_reasons(const cf_account_t *a, char *out, size_t size)
{
    size_t at = 0;

    out[0] = '\0';
    for (int i = 0; i < CF_RECORD_ERR_COUNT && at < size; i++) {
        if (a->rejected[i] > 0) {
            int n = snprintf(out + at, size - at, "%s%s %" PRIu64, at > 0 ? ", " : "",
                             cf_errname(CF_R_FIELDS - i), a->rejected[i]);

            at += n > 0 ? (size_t)n : 0;
        }
    }
}

/* i = NULL: the sum. */
static void account_line(cf_cli_t *c, const char *what, const cfi_input_account_t *i,
                         const cf_account_t *a)
{
    const char *reader = i != NULL ? i->reader : NULL;
    const char *begin = i != NULL ? cfi_begin_name(i->begin) : NULL;
    const char *end = i != NULL ? cfi_end_name(i->end) : NULL;
    char reasons[256], times[2 * CF_TIME_TEXT + 8] = "", status[80] = "", others[64] = "";
    uint64_t rejected = cf_account_rejected(a);
    size_t n = 0;

    cfi_stats_reasons(a, reasons, sizeof reasons);
    if (a->nodata + a->skipdata > 0)
        snprintf(status, sizeof status, ", %" PRIu64 " nodata, %" PRIu64 " skipdata", a->nodata,
                 a->skipdata);
    if (a->others > 0)
        snprintf(others, sizeof others, ", %" PRIu64 " records of other kinds", a->others);
    if (a->tmin <= a->tmax) {
        memcpy(times, ", ", 2);
        n = 2 + cf_time_print(times + 2, a->tmin);
        memcpy(times + n, " to ", 4);
        n += 4;
        n += cf_time_print(times + n, a->tmax);
        times[n] = '\0';
    }
    cfi_cli_say(c, "%s: %s%s%" PRIu64 " rows read, %" PRIu64 " kept, %" PRIu64
                " rejected%s%s%s%s%s, %" PRIu64 " bytes%s%s%s%s%s", what, reader != NULL ? reader : "",
                reader != NULL ? ": " : "", a->rows_read, a->rows_kept, rejected,
                rejected > 0 ? " (" : "", reasons, rejected > 0 ? ")" : "", status, others, a->bytes,
                times, begin != NULL ? ", " : "", begin != NULL ? begin : "",
                end != NULL ? ", " : "", end != NULL ? end : "");
}

static void print_text(cf_cli_t *c, const cf_scan_totals_t *t, double seconds)
{
    const cfi_cli_t *p = cfi_cli_priv(c);

    for (size_t i = 0; i < p->naccounts; i++) {
        if (p->accounts[i].reader != NULL)
            account_line(c, p->accounts[i].name, &p->accounts[i], &p->accounts[i].account);
    }
    if (p->inputs_seen > p->naccounts)
        cfi_cli_say(c, "(%" PRIu64 " more inputs)", p->inputs_seen - p->naccounts);
    if (t->account.rows_read > 0)
        account_line(c, "raw logs", NULL, &t->account);
    if (t->blocks + t->skipped_blocks > 0)
        cfi_cli_say(c, "blocks: %" PRIu64 " read, %" PRIu64 " skipped with %" PRIu64 " rows",
                    t->blocks, t->skipped_blocks, t->skipped_rows);
    cfi_counts_text(c);
    cfi_cli_say(c, "total: %" PRIu64 " inputs, %" PRIu64 " failed, %" PRIu64
                " rows in %.2f seconds", t->inputs, t->inputs_failed, t->rows, seconds);
}

static json_t *count(uint64_t v)
{
    return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

/* Names that are not UTF-8 are given with \xHH for their bytes. */
static json_t *text(const char *s)
{
    json_t *j = json_string(s);

    if (j == NULL) {
        size_t n = strlen(s);
        char *copy = malloc(4 * n + 1);

        if (copy == NULL)
            return NULL;
        for (size_t i = 0, at = 0; i <= n; i++) {
            if ((unsigned char)s[i] < 0x80)
                copy[at++] = s[i];
            else
                at += (size_t)snprintf(copy + at, 5, "\\x%02x", (unsigned char)s[i]);
        }
        j = json_string(copy);
        free(copy);
    }
    return j;
}

static int put_time(json_t *o, const char *key, int64_t ns)
{
    char out[CF_TIME_TEXT];

    return json_object_set_new(o, key, json_stringn(out, cf_time_print(out, ns)));
}

/* Adds the account's keys to o; 0 or -1 as jansson says it. */
static int put_account(json_t *o, const cf_account_t *a)
{
    json_t *rejected = json_object();
    int bad = 0;

    for (int i = 0; i < CF_RECORD_ERR_COUNT; i++) {
        if (a->rejected[i] > 0)
            bad |= json_object_set_new(rejected, cf_errname(CF_R_FIELDS - i),
                                       count(a->rejected[i]));
    }
    bad |= json_object_set_new(o, "bytes", count(a->bytes));
    bad |= json_object_set_new(o, "rows_read", count(a->rows_read));
    bad |= json_object_set_new(o, "rows_kept", count(a->rows_kept));
    bad |= json_object_set_new(o, "rows_rejected", count(cf_account_rejected(a)));
    bad |= json_object_set_new(o, "rejected", rejected);
    bad |= json_object_set_new(o, "nodata", count(a->nodata));
    bad |= json_object_set_new(o, "skipdata", count(a->skipdata));
    bad |= json_object_set_new(o, "headers", count(a->headers));
    bad |= json_object_set_new(o, "others", count(a->others));
    if (a->tmin <= a->tmax)
        bad |= put_time(o, "first", a->tmin) | put_time(o, "last", a->tmax);
    return bad;
}

/* Words up to NULL as an array; *words goes behind the NULL. */
static json_t *word_list(char ***words)
{
    json_t *a = json_array();

    for (; **words != NULL; ++*words) {
        if (json_array_append_new(a, text(**words)) != 0) {
            json_decref(a);
            return NULL;
        }
    }
    ++*words;
    return a;
}

static int put_input(json_t *o, const cfi_input_account_t *n)
{
    const char *begin = cfi_begin_name(n->begin), *end = cfi_end_name(n->end);
    char **words = n->words;
    int bad = json_object_set_new(o, "name", text(n->name));

    if (n->reader != NULL) {
        bad |= json_object_set_new(o, "reader", json_string(n->reader));
        bad |= json_object_set_new(o, "provider", word_list(&words));
        bad |= put_account(o, &n->account);
        bad |= json_object_set_new(o, "dropped", word_list(&words));
    }
    bad |= json_object_set_new(o, "begin", json_string(begin != NULL ? begin : "fresh"));
    return bad | json_object_set_new(o, "end", json_string(end != NULL ? end : "whole"));
}

static json_t *build(const cf_cli_t *c, const cf_scan_totals_t *t, double seconds)
{
    const cfi_cli_t *p = cfi_cli_priv(c);
    json_t *root = json_object(), *inputs = json_array(), *total = json_object();
    int bad = json_object_set_new(root, "command", json_string(c->cmd->name));

    for (size_t i = 0; i < p->naccounts; i++) {
        json_t *o = json_object();

        bad |= put_input(o, &p->accounts[i]);
        bad |= json_array_append_new(inputs, o);
    }
    bad |= json_object_set_new(root, "inputs", inputs);
    bad |= json_object_set_new(root, "raw", json_object());
    bad |= put_account(json_object_get(root, "raw"), &t->account);
    bad |= json_object_set_new(total, "inputs", count(t->inputs));
    bad |= json_object_set_new(total, "failed", count(t->inputs_failed));
    bad |= json_object_set_new(total, "rows", count(t->rows));
    bad |= json_object_set_new(total, "blocks", count(t->blocks));
    bad |= json_object_set_new(total, "skipped_blocks", count(t->skipped_blocks));
    bad |= json_object_set_new(total, "skipped_rows", count(t->skipped_rows));
    bad |= json_object_set_new(total, "seconds", json_real(seconds));
    bad |= json_object_set_new(root, "total", total);
    if (p->ncounts > 0)
        bad |= json_object_set_new(root, "counts", cfi_counts_json(c));
    if (bad) {
        json_decref(root);
        return NULL;
    }
    return root;
}

void cfi_stats_print(cf_cli_t *c, cf_scan_t *s)
{
    double seconds = (double)(cfi_cli_now() - cfi_cli_priv(c)->begun) / 1e9;
    cf_scan_totals_t t;
    json_t *root;

    cf_scan_totals(s, &t);
    if (c->stats == 1) {
        print_text(c, &t, seconds);
        return;
    }
    root = build(c, &t, seconds);
    if (root == NULL || json_dumpf(root, stderr, JSON_COMPACT | JSON_REAL_PRECISION(6)) != 0) {
        cf_diag_t d = { .code = CF_E_NOMEM, .text = "statistics: out of memory" };

        cf_cli_fail(c, &d);
    } else {
        fputc('\n', stderr);
    }
    json_decref(root);
}
