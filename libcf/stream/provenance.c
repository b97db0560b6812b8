/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provenance: the steps that made a file's rows (doc/format.md section 7). Steps own copies of
 * their texts. A long history is cut in the middle, because the first steps (which log, which
 * reader) and the last ones are what people ask for.
 */
#include <cf/provenance.h>

#include <cf/value.h>

#include "stream/jsonput.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 1000u
#define BYTES_MAX (1u << 20)
#define INPUTS_MAX 16u
#define TEXT_MAX 4096u         /* bytes of one text that are kept */

typedef struct step {
    cf_step_t s;               /* texts owned, cast to const */
    size_t bytes;
    uint64_t left_out;         /* > 0: stands for so many steps */
} step_t;

struct cf_provenance {
    step_t *steps;
    size_t count, size;
    size_t bytes;
};

cf_provenance_t *cf_provenance_create(void)
{
    return calloc(1, sizeof (cf_provenance_t));
}

static void free_words(const char *const *words)
{
    size_t i;

    for (i = 0; words != NULL && words[i] != NULL; i++)
        free((void *)(uintptr_t)words[i]);
    free((void *)(uintptr_t)words);
}

static void accounts_fini(const cf_step_input_t *a, uint32_t n)
{
    for (uint32_t i = 0; a != NULL && i < n; i++) {
        free((void *)(uintptr_t)a[i].name);
        free((void *)(uintptr_t)a[i].reader);
        free((void *)(uintptr_t)a[i].begin);
        free((void *)(uintptr_t)a[i].end);
        free_words(a[i].providers);
        free_words(a[i].dropped);
    }
    free((void *)(uintptr_t)a);
}

static void step_fini(step_t *t)
{
    accounts_fini(t->s.accounts, t->s.naccounts);
    free((void *)(uintptr_t)t->s.command);
    free((void *)(uintptr_t)t->s.version);
    free((void *)(uintptr_t)t->s.reader);
    free_words(t->s.inputs);
    free_words(t->s.dropped);
}

void cf_provenance_destroy(cf_provenance_t *p)
{
    size_t i;

    if (p == NULL)
        return;
    for (i = 0; i < p->count; i++)
        step_fini(&p->steps[i]);
    free(p->steps);
    free(p);
}

size_t cf_provenance_count(const cf_provenance_t *p)
{
    return p->count;
}

int cf_provenance_step(const cf_provenance_t *p, size_t i, cf_step_t *out)
{
    if (i >= p->count)
        return CF_EOF;
    *out = p->steps[i].s;
    return CF_OK;
}

/* ---- adding ------------------------------------------------------------------------------- */

static int copy_text(const char **out, const char *text, size_t *bytes)
{
    if (text == NULL)
        return CF_OK;
    *out = strndup(text, TEXT_MAX);
    if (*out == NULL)
        return CF_E_NOMEM;
    *bytes += strlen(*out);
    return CF_OK;
}

static int copy_words(const char *const **out, const char *const *words, size_t n, size_t *bytes)
{
    const char **copy;
    size_t i;

    if (words == NULL || n == 0)
        return CF_OK;
    copy = calloc(n + 1, sizeof *copy);
    if (copy == NULL)
        return CF_E_NOMEM;
    *out = copy;
    for (i = 0; i < n; i++) {
        if (copy_text(&copy[i], words[i] != NULL ? words[i] : "", bytes) != CF_OK)
            return CF_E_NOMEM;
    }
    return CF_OK;
}

static size_t count_words(const char *const *words)
{
    size_t n = 0;

    while (words != NULL && words[n] != NULL && n < 1024)
        n++;
    return n;
}

static int copy_accounts(step_t *t, const cf_step_t *s)
{
    uint32_t n = s->naccounts < INPUTS_MAX ? s->naccounts : INPUTS_MAX;
    cf_step_input_t *copy;

    if (s->accounts == NULL || n == 0)
        return CF_OK;
    copy = calloc(n, sizeof *copy);
    if (copy == NULL)
        return CF_E_NOMEM;
    t->s.accounts = copy;
    t->s.naccounts = n;
    for (uint32_t i = 0; i < n; i++) {
        const cf_step_input_t *from = &s->accounts[i];

        copy[i].account = from->account;
        t->bytes += 256;
        if (copy_text(&copy[i].name, from->name, &t->bytes) != CF_OK ||
            copy_text(&copy[i].reader, from->reader, &t->bytes) != CF_OK ||
            copy_text(&copy[i].begin, from->begin, &t->bytes) != CF_OK ||
            copy_text(&copy[i].end, from->end, &t->bytes) != CF_OK ||
            copy_words(&copy[i].providers, from->providers, count_words(from->providers),
                       &t->bytes) != CF_OK ||
            copy_words(&copy[i].dropped, from->dropped, count_words(from->dropped),
                       &t->bytes) != CF_OK)
            return CF_E_NOMEM;
    }
    return CF_OK;
}

static int step_copy(step_t *t, const cf_step_t *s)
{
    size_t ninputs = s->kept_inputs < INPUTS_MAX ? s->kept_inputs : INPUTS_MAX;

    memset(t, 0, sizeof *t);
    t->s = *s;
    t->s.command = t->s.version = t->s.reader = NULL;
    t->s.inputs = t->s.dropped = NULL;
    t->s.accounts = NULL;
    t->s.naccounts = 0;
    t->s.kept_inputs = s->inputs != NULL ? (uint32_t)ninputs : 0;
    if (t->s.ninputs < t->s.kept_inputs)
        t->s.ninputs = t->s.kept_inputs;
    t->bytes = 64;
    if (copy_text(&t->s.command, s->command, &t->bytes) != CF_OK ||
        copy_text(&t->s.version, s->version, &t->bytes) != CF_OK ||
        copy_text(&t->s.reader, s->reader, &t->bytes) != CF_OK ||
        copy_words(&t->s.inputs, s->inputs, t->s.kept_inputs, &t->bytes) != CF_OK ||
        copy_words(&t->s.dropped, s->dropped, count_words(s->dropped), &t->bytes) != CF_OK ||
        copy_accounts(t, s) != CF_OK) {
        step_fini(t);
        return CF_E_NOMEM;
    }
    return CF_OK;
}

/* Take out the middle step; the one that stands for those left out is kept at that place. */
static int shorten(cf_provenance_t *p)
{
    size_t at = p->count / 2, i;
    step_t *mark = NULL;
    cf_buf_t text;
    int rc;

    for (i = 0; i < p->count && mark == NULL; i++) {
        if (p->steps[i].left_out > 0)
            mark = &p->steps[i];
    }
    if (mark == NULL) {
        mark = &p->steps[at];
        p->bytes -= mark->bytes;
        step_fini(mark);
        memset(mark, 0, sizeof *mark);
        mark->left_out = 1;
    } else {
        at = (size_t)(mark - p->steps) + 1;
        if (at >= p->count)
            at = (size_t)(mark - p->steps) - 1;
        mark->left_out += p->steps[at].left_out > 0 ? p->steps[at].left_out : 1;
        p->bytes -= p->steps[at].bytes + mark->bytes;
        step_fini(&p->steps[at]);
        memmove(&p->steps[at], &p->steps[at + 1], (p->count - at - 1) * sizeof *p->steps);
        p->count--;
        if (mark > &p->steps[at])
            mark--;
    }
    cf_buf_init(&text, TEXT_MAX);
    rc = cf_buf_putf(&text, "(%llu steps left out)", (unsigned long long)mark->left_out);
    free((void *)(uintptr_t)mark->s.command);
    mark->s.command = rc == CF_OK ? strdup(text.data) : NULL;
    cf_buf_fini(&text);
    mark->bytes = 64 + 32;
    p->bytes += mark->bytes;
    return mark->s.command != NULL ? CF_OK : CF_E_NOMEM;
}

static int add_step(cf_provenance_t *p, const step_t *from)
{
    step_t *grown, *t;

    if (p->count == p->size) {
        size_t size = p->size > 0 ? p->size * 2 : 8;

        grown = realloc(p->steps, size * sizeof *grown);
        if (grown == NULL)
            return CF_E_NOMEM;
        p->steps = grown;
        p->size = size;
    }
    t = &p->steps[p->count];
    if (step_copy(t, &from->s) != CF_OK)
        return CF_E_NOMEM;
    t->left_out = from->left_out;
    p->count++;
    p->bytes += t->bytes;
    while (p->count > 3 && (p->count > STEPS_MAX || p->bytes > BYTES_MAX)) {
        if (shorten(p) != CF_OK)
            return CF_E_NOMEM;
    }
    return CF_OK;
}

int cf_provenance_add(cf_provenance_t *p, const cf_step_t *s)
{
    step_t t = { .s = *s };

    return add_step(p, &t);
}

int cf_provenance_merge(cf_provenance_t *p, const cf_provenance_t *from)
{
    size_t i;
    int rc = CF_OK;

    for (i = 0; i < from->count && rc == CF_OK; i++)
        rc = add_step(p, &from->steps[i]);
    return rc;
}

/* ---- JSON --------------------------------------------------------------------------------- */

/* Command lines and names may hold bytes that are no UTF-8; those become '?'. */
static json_t *text_json(const char *s)
{
    json_t *j = json_string(s);
    char *clean, *c;

    if (j != NULL || (clean = strdup(s)) == NULL)
        return j;
    for (c = clean; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    }
    j = json_string(clean);
    free(clean);
    return j;
}

static int set_text(json_t *o, const char *key, const char *text)
{
    return text == NULL || json_object_set_new(o, key, text_json(text)) == 0 ? CF_OK : CF_E_NOMEM;
}

static int set_number(json_t *o, const char *key, uint64_t v)
{
    return json_object_set_new(o, key, json_integer((json_int_t)(v & INT64_MAX))) == 0
        ? CF_OK : CF_E_NOMEM;
}

static int set_words(json_t *o, const char *key, const char *const *words)
{
    json_t *a;
    size_t i;

    if (words == NULL)
        return CF_OK;
    a = json_array();
    for (i = 0; words[i] != NULL; i++) {
        if (json_array_append_new(a, text_json(words[i])) != 0) {
            json_decref(a);
            return CF_E_NOMEM;
        }
    }
    return json_object_set_new(o, key, a) == 0 ? CF_OK : CF_E_NOMEM;
}

static int set_rows(json_t *o, uint64_t read, uint64_t kept, uint64_t rejected,
                    const uint64_t *by_reason)
{
    json_t *rows = json_object(), *reasons = json_object();
    int i, rc = CF_OK;

    if (set_number(rows, "read", read) != CF_OK || set_number(rows, "kept", kept) != CF_OK ||
        set_number(rows, "rejected", rejected) != CF_OK || json_object_set(o, "rows", rows) != 0)
        rc = CF_E_NOMEM;
    for (i = 0; i < CF_RECORD_ERR_COUNT && rc == CF_OK; i++) {
        if (by_reason[i] > 0)
            rc = set_number(reasons, cf_errname(CF_R_FIELDS - i), by_reason[i]);
    }
    if (rc == CF_OK && json_object_size(reasons) > 0 &&
        json_object_set(o, "rejected", reasons) != 0)
        rc = CF_E_NOMEM;
    json_decref(rows);
    json_decref(reasons);
    return rc;
}

static int set_time(json_t *o, const char *key, int64_t ns)
{
    char when[CF_TIME_TEXT + 1];

    when[cf_time_print(when, ns)] = '\0';
    return set_text(o, key, when);
}

/* Numbers that are usually 0 are left out then. */
static int set_some(json_t *o, const char *key, uint64_t v)
{
    return v > 0 ? set_number(o, key, v) : CF_OK;
}

static int set_account(json_t *o, const cf_step_input_t *s)
{
    const cf_account_t *a = &s->account;
    int rc = CF_OK;

    if (set_text(o, "name", s->name) != CF_OK || set_text(o, "reader", s->reader) != CF_OK ||
        set_text(o, "begin", s->begin) != CF_OK || set_text(o, "end", s->end) != CF_OK)
        return CF_E_NOMEM;
    if (s->reader == NULL)
        return CF_OK;
    if (a->tmin <= a->tmax && (set_time(o, "first", a->tmin) != CF_OK ||
                               set_time(o, "last", a->tmax) != CF_OK))
        return CF_E_NOMEM;
    if (s->providers != NULL && s->providers[0] != NULL)
        rc = set_words(o, "provider", s->providers);
    if (rc == CF_OK && s->dropped != NULL && s->dropped[0] != NULL)
        rc = set_words(o, "dropped", s->dropped);
    if (rc != CF_OK || set_number(o, "bytes", a->bytes) != CF_OK ||
        set_some(o, "nodata", a->nodata) != CF_OK ||
        set_some(o, "skipdata", a->skipdata) != CF_OK ||
        set_some(o, "headers", a->headers) != CF_OK || set_some(o, "others", a->others) != CF_OK)
        return CF_E_NOMEM;
    return set_rows(o, a->rows_read, a->rows_kept, cf_account_rejected(a), a->rejected);
}

static int set_accounts(json_t *o, const cf_step_t *s)
{
    json_t *list = json_array();
    int rc = CF_OK;

    for (uint32_t i = 0; i < s->naccounts && rc == CF_OK; i++) {
        json_t *one = json_object();

        rc = set_account(one, &s->accounts[i]);
        if (json_array_append_new(list, one) != 0)
            rc = CF_E_NOMEM;
    }
    if (json_object_set_new(o, "accounts", list) != 0)
        rc = CF_E_NOMEM;
    return rc;
}

static int step_json(json_t *o, const step_t *t)
{
    const cf_step_t *s = &t->s;
    int rc = s->time != 0 ? set_time(o, "time", s->time) : CF_OK;

    if (rc != CF_OK || set_text(o, "command", s->command) != CF_OK ||
        set_text(o, "version", s->version) != CF_OK ||
        set_text(o, "reader", s->reader) != CF_OK || set_words(o, "inputs", s->inputs) != CF_OK ||
        set_words(o, "dropped", s->dropped) != CF_OK)
        return CF_E_NOMEM;
    if (s->ninputs > 0 && set_number(o, "ninputs", s->ninputs) != CF_OK)
        return CF_E_NOMEM;
    if (t->left_out > 0 && set_number(o, "left-out", t->left_out) != CF_OK)
        return CF_E_NOMEM;
    if (s->naccounts > 0 && set_accounts(o, s) != CF_OK)
        return CF_E_NOMEM;
    return s->has_rows ? set_rows(o, s->rows_read, s->rows_kept, s->rows_rejected, s->rejected)
        : CF_OK;
}

int cf_provenance_to_json(const cf_provenance_t *p, cf_buf_t *out)
{
    json_t *steps = json_array(), *root = json_pack("{s:O}", "steps", steps);
    size_t i;
    int rc = root != NULL ? CF_OK : CF_E_NOMEM;

    for (i = 0; i < p->count && rc == CF_OK; i++) {
        json_t *o = json_object();

        rc = step_json(o, &p->steps[i]);
        if (json_array_append_new(steps, o) != 0)
            rc = CF_E_NOMEM;
    }
    if (rc == CF_OK)
        rc = cfi_json_put(root, JSON_COMPACT | JSON_SORT_KEYS, out);
    json_decref(root);
    json_decref(steps);
    return rc;
}

/* Words of a JSON array, borrowed texts; at most max, NULL-ended in out. */
static uint32_t get_words(const json_t *a, const char **out, uint32_t max)
{
    uint32_t n = 0;
    size_t i;

    for (i = 0; i < json_array_size(a) && n < max; i++) {
        const char *s = json_string_value(json_array_get(a, i));

        if (s != NULL)
            out[n++] = s;
    }
    out[n] = NULL;
    return n;
}

static uint64_t get_number(const json_t *o, const char *key)
{
    json_int_t v = json_integer_value(json_object_get(o, key));

    return v > 0 ? (uint64_t)v : 0;
}

static int64_t get_time(const json_t *o, const char *key, int64_t otherwise)
{
    const char *when = json_string_value(json_object_get(o, key));
    int64_t t;

    return when != NULL && cf_time_parse(when, strlen(when), &t) == CF_OK ? t : otherwise;
}

static void get_reasons(const json_t *o, uint64_t *out)
{
    for (int i = 0; i < CF_RECORD_ERR_COUNT; i++)
        out[i] = get_number(json_object_get(o, "rejected"), cf_errname(CF_R_FIELDS - i));
}

/* Words in memory of their own (the texts are borrowed), or NULL when there are none. */
static const char **list_words(const json_t *a, int *rc)
{
    size_t n = json_array_size(a) < 1024 ? json_array_size(a) : 1024;
    const char **words;

    if (n == 0)
        return NULL;
    words = calloc(n + 1, sizeof *words);
    if (words == NULL)
        *rc = CF_E_NOMEM;
    else
        (void)get_words(a, words, (uint32_t)n);
    return words;
}

static int read_accounts(const json_t *list, cf_step_input_t *out, uint32_t *n)
{
    int rc = CF_OK;

    for (size_t i = 0; i < json_array_size(list) && *n < INPUTS_MAX && rc == CF_OK; i++) {
        const json_t *o = json_array_get(list, i), *rows = json_object_get(o, "rows");
        cf_step_input_t *one = &out[(*n)++];
        cf_account_t *a = &one->account;

        memset(one, 0, sizeof *one);
        one->name = json_string_value(json_object_get(o, "name"));
        one->reader = json_string_value(json_object_get(o, "reader"));
        one->begin = json_string_value(json_object_get(o, "begin"));
        one->end = json_string_value(json_object_get(o, "end"));
        one->providers = list_words(json_object_get(o, "provider"), &rc);
        one->dropped = list_words(json_object_get(o, "dropped"), &rc);
        a->bytes = get_number(o, "bytes");
        a->rows_read = get_number(rows, "read");
        a->rows_kept = get_number(rows, "kept");
        get_reasons(o, a->rejected);
        a->nodata = get_number(o, "nodata");
        a->skipdata = get_number(o, "skipdata");
        a->headers = get_number(o, "headers");
        a->others = get_number(o, "others");
        a->tmin = get_time(o, "first", INT64_MAX);
        a->tmax = get_time(o, "last", INT64_MIN);
    }
    return rc;
}

static int read_step(cf_provenance_t *p, const json_t *o)
{
    const char *inputs[INPUTS_MAX + 1], **dropped;
    const json_t *rows = json_object_get(o, "rows");
    cf_step_input_t accounts[INPUTS_MAX];
    step_t t = { .s.ninputs = get_number(o, "ninputs"), .left_out = get_number(o, "left-out") };
    int rc;

    t.s.command = json_string_value(json_object_get(o, "command"));
    t.s.version = json_string_value(json_object_get(o, "version"));
    t.s.reader = json_string_value(json_object_get(o, "reader"));
    t.s.time = get_time(o, "time", 0);
    t.s.kept_inputs = get_words(json_object_get(o, "inputs"), inputs, INPUTS_MAX);
    t.s.inputs = t.s.kept_inputs > 0 ? inputs : NULL;
    dropped = calloc(1025, sizeof *dropped);
    if (dropped == NULL)
        return CF_E_NOMEM;
    if (get_words(json_object_get(o, "dropped"), dropped, 1024) > 0)
        t.s.dropped = dropped;
    t.s.has_rows = json_is_object(rows);
    t.s.rows_read = get_number(rows, "read");
    t.s.rows_kept = get_number(rows, "kept");
    t.s.rows_rejected = get_number(rows, "rejected");
    get_reasons(o, t.s.rejected);
    rc = read_accounts(json_object_get(o, "accounts"), accounts, &t.s.naccounts);
    t.s.accounts = accounts;
    if (rc == CF_OK)
        rc = add_step(p, &t);
    for (uint32_t i = 0; i < t.s.naccounts; i++) {
        free((void *)(uintptr_t)accounts[i].providers);
        free((void *)(uintptr_t)accounts[i].dropped);
    }
    free(dropped);
    return rc;
}

int cf_provenance_from_json(cf_provenance_t *p, const char *text, size_t n, cf_diag_t *d)
{
    json_error_t err;
    json_t *root = json_loadb(text, n, 0, &err), *steps;
    size_t i;
    int rc = CF_OK;

    if (root == NULL)
        return cf_diag_set(d, CF_E_FORMAT, "provenance: %s", err.text);
    steps = json_object_get(root, "steps");
    if (!json_is_array(steps))
        rc = cf_diag_set(d, CF_E_FORMAT, "provenance: no array of steps");
    for (i = 0; i < json_array_size(steps) && rc == CF_OK; i++) {
        if (read_step(p, json_array_get(steps, i)) != CF_OK)
            rc = cf_diag_set(d, CF_E_NOMEM, "no memory for the provenance");
    }
    json_decref(root);
    return rc;
}
