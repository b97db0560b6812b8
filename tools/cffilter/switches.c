/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SiLK's partition switches as expressions. Each becomes the text of a comparison with the value
 * inside, so that both ways of asking share one parser and one meaning; the value may not leave its
 * place in that text. Times are the exception: the far end of SiLK's ranges is meant inclusive to
 * its precision, so they are turned into a half-open range first.
 */
#include <string.h>

#include "cffilter.h"

typedef enum way { WAY_LIST, WAY_TEXT, WAY_TIME, WAY_ACTIVE, WAY_ANY, WAY_ICMP, WAY_VERSION } way_t;

#define ROW(id, name, arg, way, field, negated, help) { "--" name, way, field, negated },

static const struct {
    const char *name;
    way_t way;
    const char *field;
    bool negated;
} switches[] = { PARTITION_SWITCHES(ROW) };

/* "LO-HI", "LO..HI" or one time, as [from, to). The '-' between two readable times parts them. */
static int time_range(const char *s, int64_t *from, int64_t *to)
{
    size_t n = strlen(s);
    const char *dots = strstr(s, "..");
    int64_t end;

    if (dots != NULL) {
        return cf_time_parse(s, (size_t)(dots - s), from) == CF_OK
            && cf_time_parse(dots + 2, n - 2 - (size_t)(dots - s), to) == CF_OK ? CF_OK : CF_R_TIME;
    }
    if (cf_time_parse_span(s, n, from, to) == CF_OK)
        return CF_OK;
    for (size_t i = 1; i + 1 < n; i++) {
        if (s[i] == '-' && cf_time_parse_span(s, i, from, &end) == CF_OK
            && cf_time_parse_span(s + i + 1, n - i - 1, &end, to) == CF_OK)
            return CF_OK;
    }
    return CF_R_TIME;
}

static int time_text(cf_buf_t *text, size_t which, const char *value, cf_diag_t *d)
{
    char a[CF_TIME_TEXT + 1], b[CF_TIME_TEXT + 1];
    int64_t from, to;

    if (time_range(value, &from, &to) != CF_OK)
        return cf_diag_set(d, CF_E_USAGE,
                           "takes times LO-HI such as 2026/11/23:10-2026/11/23:11, not '%.60s'",
                           value);
    if (to <= from)
        return cf_diag_set(d, CF_E_USAGE, "range of times '%.80s' runs backwards", value);
    a[cf_time_print(a, from)] = '\0';
    b[cf_time_print(b, to)] = '\0';
    if (switches[which].way == WAY_ACTIVE)
        return cf_buf_putf(text, "(stime < %s and etime >= %s)", b, a);
    return cf_buf_putf(text, "%s in %s..%s", switches[which].field, a, b);
}

/* Names between commas, each in quotes. */
static int names_text(cf_buf_t *text, const char *field, const char *value)
{
    int rc = cf_buf_putf(text, "%s in {'", field);

    for (const char *c = value; *c != '\0' && rc == CF_OK; c++) {
        if (*c == ',')
            rc = cf_buf_puts(text, "','");
        else if (*c == '\'' || *c == '\\')
            rc = cf_buf_putf(text, "\\%c", *c);
        else
            rc = cf_buf_put(text, c, 1);
    }
    return rc == CF_OK ? cf_buf_puts(text, "'}") : rc;
}

static int version_text(cf_buf_t *text, const char *value, cf_diag_t *d)
{
    if (strcmp(value, "4") == 0)
        return cf_buf_puts(text, "sip in 0.0.0.0/0");
    if (strcmp(value, "6") == 0)
        return cf_buf_puts(text, "sip not in 0.0.0.0/0");
    if (strcmp(value, "4,6") == 0 || strcmp(value, "6,4") == 0)
        return cf_buf_puts(text, "has sip");
    return cf_diag_set(d, CF_E_USAGE, "takes 4, 6 or 4,6, not '%.60s'", value);
}

/* The text, and how many bytes stand before the value in it; 0 = it is not in it as it is. */
static int switch_text(cf_buf_t *text, const given_t *g, size_t *before, cf_diag_t *d)
{
    const char *field = switches[g->which].field, *not = switches[g->which].negated ? "not " : "";
    const char *odd = strpbrk(g->value, " \t\r\n(){}[]'\"&|");
    int rc;

    *before = 0;
    switch (switches[g->which].way) {
    case WAY_TIME:
    case WAY_ACTIVE:
        return time_text(text, g->which, g->value, d);
    case WAY_TEXT:
        return names_text(text, field, g->value);
    case WAY_VERSION:
        return version_text(text, g->value, d);
    default:
        break;
    }
    if (odd != NULL || g->value[0] == '\0') {
        *before = 1;
        if (d != NULL)
            d->column = (uint32_t)(odd != NULL ? odd - g->value : 0) + 1;
        return cf_diag_set(d, CF_E_USAGE,
                           odd != NULL
                               ? "takes values between commas, without blanks, quotes or brackets"
                               : "takes a value");
    }
    if (switches[g->which].way == WAY_ANY)
        rc = cf_buf_putf(text, "%s any ", field);
    else if (switches[g->which].way == WAY_ICMP)
        rc = cf_buf_putf(text, "proto in {1,58} and %s in {", field);
    else
        rc = cf_buf_putf(text, "%s %sin {", field, not);
    *before = text->len;
    if (rc == CF_OK)
        rc = cf_buf_puts(text, g->value);
    if (rc == CF_OK && switches[g->which].way != WAY_ANY)
        rc = cf_buf_puts(text, "}");
    return rc;
}

int switch_expr(cf_expr_t **e, const given_t *g, const cf_expr_env_t *env, cf_diag_t *d)
{
    cf_buf_t text;
    size_t before;
    int rc;

    *e = NULL;
    cf_buf_init(&text, 16u << 20);
    rc = switch_text(&text, g, &before, d);
    if (rc == CF_OK) {
        rc = cf_expr_parse(e, text.data, env, d);
        /* the caret belongs under the value */
        if (rc != CF_OK)
            d->column = before > 0 && d->column > before
                                && d->column - before <= strlen(g->value) + 1
                            ? d->column - (uint32_t)before
                            : 0;
    } else if (d->text[0] == '\0') {
        cf_diag_set(d, rc, "no memory for the expression");
    }
    if (rc != CF_OK)
        cf_diag_source(d, switches[g->which].name);
    cf_buf_fini(&text);
    return rc;
}
