/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One object cut out of the window. Its end is found by counting brackets; when that takes long, a
 * strict look tells whether the object is long or broken, so that a lost quote or brace costs a few
 * kilobytes and not the rest of the log. Openings of objects that were records are remembered:
 * objects that begin alike are cut without looking for a list in them, and after something broken
 * they show where to go on.
 */
#include <string.h>

#include "json/json.h"
#include "json/rec.h"

#define FIRST_LOOK (16u << 10)
#define PEEK_MOST CF_CURSOR_HEAD_MAX

uint32_t cfi_rec_opening(const char *p, size_t n, const char **out)
{
    const char *end = p + (n < CFI_REC_OPENING ? n : CFI_REC_OPENING), *q;

    *out = p;
    if (n == 0 || *p != '{')
        return 0;
    q = cfi_json_blanks(p + 1, end);
    if (q == end || *q != '"')
        return 0;
    for (q++; q < end && *q != '"'; q++) {
        if (*q == '\\' || (unsigned char)*q < 0x20)
            return 0;
    }
    if (q < end)
        q = cfi_json_blanks(q + 1, end);
    return q < end && *q == ':' ? (uint32_t)(q + 1 - p) : 0;
}

bool cfi_rec_known(cf_jsonrec_t *r, const char *p, size_t n)
{
    for (unsigned k = 0; k < r->openings; k++) {
        unsigned i = (r->hot + k) % r->openings;

        if (r->opening_len[i] <= n && memcmp(p, r->opening[i], r->opening_len[i]) == 0) {
            r->hot = i;
            return true;
        }
    }
    return false;
}

void cfi_rec_remember(cf_jsonrec_t *r, const char *p, size_t n)
{
    uint32_t len = cfi_rec_opening(p, n, &p);
    unsigned i = r->openings;

    if (len == 0 || cfi_rec_known(r, p, n))
        return;
    if (i == CFI_REC_OPENINGS)
        i = (r->hot + 1) % CFI_REC_OPENINGS;
    else
        r->openings++;
    memcpy(r->opening[i], p, len);
    r->opening_len[i] = len;
    r->hot = i;
}

static uint64_t offset_of(const cf_jsonrec_t *r, const cfi_level_t *l)
{
    return r->top == 0 ? cf_input_offset(l->in) : r->offset;
}

/* A document whose list comes soon: go into it. CF_OK: gone; CF_EOF: it is none. */
static int try_list(cf_jsonrec_t *r, const char **p, size_t *n, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    size_t at, want = 1024;
    uint32_t around;
    int rc;

    if (r->o.lists == NULL || cfi_rec_known(r, *p, *n))
        return CF_EOF;
    while ((rc = cfi_rec_peek(r, *p, *n, &at, &around)) == CF_E_TRUNC) {
        size_t before = *n;

        if (*n >= PEEK_MOST)
            return CF_EOF;
        while (want <= *n)
            want *= 4;
        rc = cfi_rec_see(r, want, p, n, d);
        if (rc != CF_OK)
            return rc;
        if (*n == before)
            return CF_EOF;
    }
    if (rc != CF_OK || at > PEEK_MOST)
        return CF_EOF;
    rc = cfi_rec_open_list(r, around, cf_input_offset(l->in), at, d);
    if (rc != CF_OK)
        return CF_EOF;
    l->some = true;
    return CF_OK;
}

/* Broken at its begin: count, and go on elsewhere. */
static int give_up(cf_jsonrec_t *r, int code, const char *p, size_t n, const char *why, cf_diag_t *d)
{
    cfi_rec_reject(r, code, offset_of(r, cfi_rec_level(r)), p, n, why);
    cfi_rec_remember(r, p, n);
    return cfi_rec_lost(r, d);
}

/* Its end is not in sight: CF_OK when so far all is well, else what is wrong. */
static int look(const char *p, size_t n, const char **why)
{
    const char *end;
    int rc;

    *why = "";
    rc = cfi_json_value(p, p + n, &end, why);
    /* Complete for a strict eye: brackets of both kinds are mixed up behind it. */
    return rc == CF_E_TRUNC ? CF_OK : CF_R_SYNTAX;
}

static int too_long(cf_jsonrec_t *r, const char *p, size_t n, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    uint64_t offset = offset_of(r, l);
    char why[80];
    cf_buf_t text;
    int rc;

    cf_buf_init(&text, sizeof why - 1);
    rc = cf_buf_putf(&text, "object is longer than %zu bytes", r->max);
    memcpy(why, rc == CF_OK ? text.data : "object is too long", rc == CF_OK ? text.len + 1 : 19);
    cf_buf_fini(&text);
    cfi_rec_reject(r, CF_R_LONG, offset, p, n, why);
    rc = cfi_rec_pass(r, d);
    if (rc == CF_R_SYNTAX)
        return cfi_rec_lost(r, d);
    if (rc != CF_OK)
        return rc;
    l->place = l->depth > 0 ? CFI_AT_COMMA : CFI_AT_TOP;
    cfi_rec_mark(r, cf_input_offset(l->in));
    return CF_EOF;
}

/* The window ends in the object and does not grow. */
static int cut(cf_jsonrec_t *r, const char *p, size_t n, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    int rc = cf_input_ended(l->in);
    const char *why;

    if (look(p, n, &why) != CF_OK)
        return give_up(r, CF_R_SYNTAX, p, n, why[0] != '\0' ? why : "brackets do not match", d);
    if (rc < 0) {
        cf_input_consume(l->in, n);
        return cfi_rec_see(r, 1, &p, &n, d);
    }
    if (d != NULL && r->top == 0) {
        d->has_offset = true;
        d->offset = cf_input_offset(l->in);
    }
    return cf_diag_set(d, CF_E_TRUNC, "JSON ends inside of an object");
}

static void given(cf_jsonrec_t *r, cf_jsonobj_t *o, const char *p, size_t len, size_t n)
{
    cfi_level_t *l = cfi_rec_level(r);

    if (!l->some && r->top == 0 && r->o.rejects != NULL)
        r->o.rejects->account->headers += l->texts;
    l->some = true;
    l->line = false;
    l->place = l->depth > 0 ? CFI_AT_COMMA : CFI_AT_TOP;
    l->held = len;
    o->text = p;
    o->len = len;
    o->behind = n - len;
    o->offset = offset_of(r, l);
}

int cfi_rec_object(cf_jsonrec_t *r, cf_jsonobj_t *o, cf_diag_t *d)
{
    cfi_brace_t b = { 0 };
    size_t n, len, looked = FIRST_LOOK;
    const char *p, *why;
    int rc = cfi_rec_see(r, 1, &p, &n, d);

    if (rc != CF_OK)
        return rc;
    rc = try_list(r, &p, &n, d);
    if (rc != CF_EOF)
        return rc == CF_OK ? CF_EOF : rc;
    for (;;) {
        size_t before = n, upto = n < looked ? n : looked;

        rc = r->brace(&b, p, upto, &len);
        if (rc == CF_OK) {
            if (len > r->max)
                return too_long(r, p, n, d);
            given(r, o, p, len, n);
            return CF_OK;
        }
        if (rc == CF_R_SYNTAX)
            return give_up(r, rc, p, len, "control character inside of a string", d);
        if (upto == looked) {
            if (look(p, upto, &why) != CF_OK)
                return give_up(r, CF_R_SYNTAX, p, upto,
                               why[0] != '\0' ? why : "brackets do not match", d);
            if (looked > r->max)
                return too_long(r, p, n, d);
            looked *= 4;
            continue;
        }
        rc = cfi_rec_see(r, n + 1 > 2 * n ? n + 1 : 2 * n, &p, &n, d);
        if (rc != CF_OK)
            return rc;
        if (n == before)
            return cut(r, p, n, d);
    }
}

/* A container of any length. */
static int pass_container(cf_jsonrec_t *r, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    cfi_brace_t b = { 0 };
    const char *p;
    size_t n, len;
    int rc;

    while ((rc = cfi_rec_see(r, 64, &p, &n, d)) == CF_OK) {
        rc = r->brace(&b, p, n, &len);
        if (rc == CF_OK)
            cf_input_consume(l->in, len);
        if (rc != CF_EOF)
            return rc;
        if (b.done == 0)               /* less than a block: no more comes */
            break;
        cf_input_consume(l->in, b.done);
        b.done = 0;
    }
    return rc == CF_OK || rc == CF_EOF
               ? cf_diag_set(d, CF_E_TRUNC, "JSON ends inside of a value") : rc;
}

int cfi_rec_pass(cf_jsonrec_t *r, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    const char *p, *end = NULL, *why;
    size_t n, want = 4096;
    uint32_t type;
    bool plain;
    int rc = cfi_rec_see(r, 1, &p, &n, d);

    if (rc == CF_OK && (*p == '{' || *p == '['))
        return pass_container(r, d);
    for (; rc == CF_OK; want = 2 * n) {
        size_t before = n;

        rc = *p == '"' ? cfi_json_string(p + 1, p + n, &end, &plain, &why)
                       : cfi_json_scalar(p, p + n, &end, &type, &why);
        if (rc == CF_OK)
            cf_input_consume(l->in, (size_t)(end - p) + (*p == '"'));
        if (rc != CF_E_TRUNC || n > r->max)
            return rc == CF_E_TRUNC ? CF_R_SYNTAX : rc;
        rc = cfi_rec_see(r, want > n ? want : n + 1, &p, &n, d);
        if (rc == CF_OK && n == before)
            return cf_diag_set(d, CF_E_TRUNC, "JSON ends inside of a value");
    }
    return rc;
}
