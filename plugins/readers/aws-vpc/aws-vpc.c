/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of AWS VPC Flow Logs and Transit Gateway Flow Logs in text form, plain or inside the JSON
 * that CloudWatch, Firehose and shippers put around them. This file is the module's face:
 * descriptor, settings, life of its state; aws.h tells the way of a line through the other files.
 * The manual is aws-vpc.7.
 */
#include <stdlib.h>

#include "aws.h"

enum { SET_FORMAT = 0, SET_UNKNOWN = 1 };

static const cf_setting_t settings[] = {
    { "format", CF_SETTING_STRING, NULL, 1, 16384, NULL,
      "fields of a log without header line: ${version} ${account-id} ..." },
    { "unknown", CF_SETTING_ENUM, "keep", 0, 0, "keep drop",
      "fields whose names are not known: keep them as text, or drop" },
    { NULL, 0, NULL, 0, 0, NULL, NULL }
};

/* Names may be given with blanks or commas. */
static char setting_sep(const char *text)
{
    return strchr(text, ',') != NULL ? ',' : ' ';
}

static int aws_check(const cf_setting_value_t *values, cf_diag_t *d)
{
    cf_reader_env_t env = { .settings = values };
    aws_format_t *f = NULL;
    aws_t *st;
    int rc;

    if (!values[SET_FORMAT].set)
        return CF_OK;
    st = calloc(1, sizeof *st);
    if (st == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a format");
    st->env = &env;
    rc = aws_format_create(&f, st, values[SET_FORMAT].text, strlen(values[SET_FORMAT].text),
                           setting_sep(values[SET_FORMAT].text), d);
    aws_format_destroy(f);
    free(st);
    return rc == CF_E_FORMAT ? CF_E_USAGE : rc;
}

static int make_quads(aws_t *st)
{
    static const uint32_t least[] = { 0, 10, 100 };
    int form, octet, k;

    st->quads = cf_alloc_aligned(256, sizeof *st->quads);
    if (st->quads == NULL)
        return CF_E_NOMEM;
    memset(st->quads, 0, 256 * sizeof *st->quads);
    for (form = 0; form < 81; form++) {
        int at = 0, rest = form;
        aws_quad_t one = { .mask = 0 };

        for (octet = 0; octet < 4; octet++) {
            int n = rest % 3 + 1;

            for (k = 0; k < 3; k++)
                one.shuffle[4 * octet + k] = k >= 3 - n ? (uint8_t)(at + k - (3 - n)) : 0x80;
            one.shuffle[4 * octet + 3] = 0x80;
            one.least[octet] = least[n - 1];
            at += n;
            one.mask |= UINT32_C(1) << at++;
            rest /= 3;
        }
        st->quads[(one.mask * AWS_QUAD_HASH) >> 24] = one;
    }
    return CF_OK;
}

static void reader_close(void *state)
{
    aws_t *st = state;

    if (st == NULL)
        return;
    aws_unwrap_destroy(st->unwrap);
    aws_format_destroy(st->format);
    aws_format_destroy(st->other);
    free(st->held);
    free(st->quads);
    free(st);
}

static int reader_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    const cf_setting_value_t *v = env->settings;
    aws_t *st = calloc(1, sizeof *st);
    int rc;

    *state = NULL;
    if (st == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
    st->env = env;
    st->skip = env->skip;
    st->declared = v != NULL && v[SET_FORMAT].set;
    st->keep_unknown = v == NULL || !v[SET_UNKNOWN].set || v[SET_UNKNOWN].number == 0;
    st->avx2 = aws_has_avx2();
    rc = make_quads(st);
    if (rc == CF_OK && v != NULL && v[SET_FORMAT].set)
        rc = aws_format_create(&st->format, st, v[SET_FORMAT].text, strlen(v[SET_FORMAT].text),
                               setting_sep(v[SET_FORMAT].text), d);
    if (rc != CF_OK) {
        reader_close(st);
        return rc;
    }
    if (st->format != NULL)
        st->format->sep = ' ';
    *state = st;
    return CF_OK;
}

/* JSON begins with a brace or bracket, behind blanks. */
static int start(aws_t *st, cf_input_t *in, bool *json, cf_diag_t *d)
{
    size_t n, i = 0, want = 1;
    const char *p;
    int rc;

    for (;;) {
        rc = cf_input_fill(in, want, &p, &n, d);
        if (rc != CF_OK)
            return rc;
        if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
            i = 3;
        while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
            i++;
        if (i < n || n < want || n > AWS_LINE_MAX)
            break;
        want = n + 1;
    }
    *json = i < n && (p[i] == '{' || p[i] == '[');
    if (*json && i >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        cf_input_consume(in, 3);
    st->started = true;
    return CF_OK;
}

static int fill_batch(aws_t *st, cf_input_t *in, cf_diag_t *d)
{
    int rc = CF_OK;

    if (!st->started) {
        rc = start(st, in, &st->json, d);
        if (rc != CF_OK)
            return rc;
    }
    if (st->format != NULL)
        rc = aws_begin(st, st->batch, d);
    if (rc == CF_OK)
        rc = st->json ? aws_json(st, in, d) : aws_text(st, in, d);
    if (rc == CF_EOF && st->format == NULL && st->refused > 0)
        rc = cf_diag_set(d, CF_E_DETECT, AWS_NO_FORMAT);
    return rc;
}

static int reader_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    aws_t *st = state;
    int rc, finished;

    if (st->error != CF_OK) {
        if (d != NULL)
            *d = st->diag;
        return st->error;
    }
    st->batch = batch;
    st->begun = false;
    cf_diag_clear(&st->diag);
    rc = fill_batch(st, in, &st->diag);
    st->env->account->bytes = cf_input_offset(in);
    if (rc < 0)
        st->error = rc;        /* the rows before it first */
    if (st->begun && batch->rows > 0) {
        finished = aws_finish(st, d);
        st->batch = NULL;
        return finished;
    }
    st->batch = NULL;
    if (rc < 0 && d != NULL)
        *d = st->diag;
    return rc;
}

/* Text: behind the last whole line, with the line that tells the format as head. */
static int text_cursor(const aws_t *st, cf_cursor_t *c, cf_diag_t *d)
{
    c->offset = st->complete;
    if (st->head_len == 0)
        return CF_OK;
    if (st->head_len > CF_CURSOR_HEAD_MAX)
        return cf_diag_set(d, CF_E_USAGE, "the header line is too long to go on behind it");
    c->head = st->head;
    c->head_len = (uint32_t)st->head_len;
    c->skip = st->head_is_row;
    if (c->offset < c->head + c->head_len)         /* the last line has no LF */
        c->head_len = (uint32_t)(c->offset - c->head);
    return CF_OK;
}

static int reader_cursor(void *state, cf_cursor_t *c, cf_diag_t *d)
{
    const aws_t *st = state;

    memset(c, 0, sizeof *c);
    if (!st->started)
        return CF_OK;
    if (!st->json)
        return text_cursor(st, c, d);
    if (st->header_in_json && !st->declared)
        return cf_diag_set(d, CF_E_USAGE, "its header line stands inside of JSON: give the format "
                           "with --set format='${version} ${account-id} ...'");
    if (st->unwrap != NULL) {
        aws_unwrap_place(st->unwrap, c);
        c->skip = aws_met(st) - st->begun_with;
    }
    return CF_OK;
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = aws_probe,
    .open = reader_open,
    .read = reader_read,
    .close = reader_close,
    .cursor = reader_cursor,
    .map = aws_map,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(aws_vpc);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(aws_vpc) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "aws-vpc",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "AWS VPC and Transit Gateway flow logs, as text or inside JSON",
    .settings = settings,
    .check = aws_check,
    .ops = &ops,
};
