/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this an AWS flow log? Only content decides: a header line of AWS names or a line of a default
 * format is certain; JSON is unwrapped as far as the probe reaches, and its records are judged like
 * lines.
 */
#include "unwrap.h"

#define LINES 20

static bool is(aws_span_t t, const char *word)
{
    return t.n == strlen(word) && memcmp(t.s, word, t.n) == 0;
}

static bool is_status(aws_span_t t)
{
    return is(t, "OK") || is(t, "NODATA") || is(t, "SKIPDATA");
}

static int judge_line(const char *s, size_t n)
{
    aws_span_t t[AWS_VALUES_MAX];
    size_t prefix;
    int count, i, known = 0;
    bool eni = false, status = false, other = false;
    char sep;

    while (n > 0 && (s[n - 1] == '\r' || s[n - 1] == ' '))
        n--;
    prefix = aws_export_prefix(s, n);
    s += prefix;
    n -= prefix;
    if (n == 0 || n > AWS_LINE_MAX)
        return 0;
    if (aws_is_header(s, n, &sep)) {
        count = aws_split(s, n, sep, t, AWS_VALUES_MAX);
        for (i = 0; i < count; i++) {
            known += aws_known(t[i].s, t[i].n, NULL) != NULL;
            other = other || is(t[i], "eni-id") || is(t[i], "vswitch-id");
        }
        /* Others have addresses and ports of these names, too, and rather between commas. */
        if (known * 4 >= count * (sep == ' ' ? 2 : 3) && !other)
            return 100;
        return known > 0 && (sep == ' ' || known * 2 >= count) ? 10 : 0;
    }
    count = aws_split(s, n, ' ', t, AWS_VALUES_MAX);
    if (count == 14 && is(t[0], "2") && is_status(t[13]))
        return 100;
    if (count == 36 && is(t[1], "TransitGateway"))
        return 100;
    for (i = 0; i < count; i++) {
        eni = eni || (t[i].n > 4 && memcmp(t[i].s, "eni-", 4) == 0) || (t[i].n > 4 &&
                memcmp(t[i].s, "tgw-", 4) == 0);
        status = status || is_status(t[i]);
    }
    /* A custom format without its header: the reader will ask for the format. */
    return count >= 3 && eni && status ? 90 : count == 14 && is(t[0], "2") && eni ? 80 : 0;
}

static int judge_text(const cf_probe_t *p)
{
    size_t at = 0;
    int lines, best = 0;

    if (p->len >= 3 && memcmp(p->bytes, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    if (p->len >= at + 4 && memcmp(p->bytes + at, "---\n", 4) == 0)
        return 0;              /* YAML, which may hold lines of logs */
    for (lines = 0; lines < LINES && at < p->len && best < 100; lines++) {
        const char *s = p->bytes + at, *lf = memchr(s, '\n', p->len - at);
        size_t n = lf != NULL ? (size_t)(lf - s) : p->len - at;
        int score;

        if (lf == NULL && !p->whole)
            break;
        score = judge_line(s, n);
        best = score > best ? score : best;
        at += n + 1;
    }
    return best;
}

/* Others, such as the resolver's query log, have a source and an account, too, among the rest. */
static bool is_flow(const aws_item_t *item)
{
    uint32_t i, known = 0;

    for (i = 0; i < item->n; i++) {
        const char *ours = aws_known(item->names[i].s, item->names[i].n, NULL);

        if (ours != NULL && (strcmp(ours, "dip") == 0 || strcmp(ours, "pktdip") == 0 ||
                             strcmp(ours, "iface") == 0))
            return true;
        known += ours != NULL;
    }
    return known == item->n;
}

static int judge_json(const cf_probe_t *p)
{
    cf_input_t *in = NULL;
    aws_unwrap_t *u;
    aws_item_t item;
    int best = 0, items, score;

    if (cf_input_open_memory(&in, "probe", p->bytes, p->len, CF_INPUT_RAW, NULL) != CF_OK)
        return 0;
    u = aws_unwrap_create(in);
    for (items = 0; u != NULL && items < LINES && best < 95; items++) {
        if (aws_unwrap_next(u, 0, ' ', &item, NULL) != CF_OK)
            break;
        score = item.type == AWS_ITEM_OBJECT && is_flow(&item) ? 95 : 0;
        if (item.type == AWS_ITEM_TEXT)
            score = judge_line(item.text.s, item.text.n);
        best = score > best ? score : best;
    }
    aws_unwrap_destroy(u);
    cf_input_close(in);
    return best > 95 ? 95 : best;
}

int aws_probe(const cf_probe_t *p)
{
    static const char trial[] = "Permission Check Successful";
    size_t i = 0;

    while (i < p->len && (p->bytes[i] == ' ' || p->bytes[i] == '\n' || p->bytes[i] == '\r' ||
                          p->bytes[i] == '\t'))
        i++;
    if (i == p->len)
        return 0;
    if (p->bytes[i] == '{' || p->bytes[i] == '[')
        return judge_json(p);
    /* CloudWatch leaves it beside exported logs. */
    if (p->whole && p->len - i >= sizeof trial - 1 && p->len - i <= sizeof trial + 1 &&
        memcmp(p->bytes + i, trial, sizeof trial - 1) == 0)
        return 80;
    return judge_text(p);
}
