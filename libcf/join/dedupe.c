/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that tell the same traffic twice. Each row is compared with those before it, by digest, by
 * identifier and by tuple. Most rows can go on at once; one that would have to give way to a better
 * side waits (held.c) until that side came or its time is over. What was let out early is kept, and
 * the better side is marked then: nothing is ever counted twice for want of memory, nor lost.
 */
#include <stdlib.h>
#include <string.h>

#include "join/dedupe.h"

#define MEMORY_MIN (UINT64_C(1) << 20)

struct cf_dedupe {
    cf_dedupe_options_t o;
    cfi_cols_t cols;
    cfi_keys_t keys;
    cfi_digest_t *digest;
    cfi_seen_t exact, uid;
    cfi_pairs_t pairs;
    cfi_queue_t queue;
    cf_schema_t *in, *out;     /* out = in with the column dup behind all others */
    cf_batch_t view;           /* the batch at hand in the schema out; vectors borrowed */
    cf_vec_t dup;              /* its column */
    uint64_t *sel;             /* rows to give out */
    uint8_t *provider_kind;    /* by code of the provider's dictionary */
    uint32_t providers;
    uint64_t rows;             /* before the batch at hand */
    uint64_t open;             /* rows of the batch at hand whose fate is open, their latest end */
    int64_t latest;
    int64_t clock;             /* latest end met */
    cf_dedupe_summary_t sum;
};

static const char *const rule_names[] = { "exact", "uid", "reporter", "interface" };
enum { EXACT, UID, REPORTER, INTERFACE };

const char *cf_dedupe_rule_name(unsigned i)
{
    return i < CF_DEDUPE_RULES ? rule_names[i] : NULL;
}

int cf_dedupe_create(cf_dedupe_t **out, const cf_dedupe_options_t *o, cf_diag_t *d)
{
    cf_dedupe_t *e = calloc(1, sizeof *e);
    const cf_field_t *dup = cf_field_find("dup");
    uint32_t rules = o->rules != 0 ? o->rules : UINT32_MAX;
    int rc = e != NULL ? CF_OK : CF_E_NOMEM;

    *out = NULL;
    if (rc == CF_OK) {
        e->o = *o;
        if (e->o.memory < MEMORY_MIN)
            e->o.memory = MEMORY_MIN;
        e->clock = INT64_MIN;
        e->sum.span = INT64_MAX;
        cfi_cols_init(&e->cols);
        cf_vec_init(&e->dup, dup);
        e->sel = malloc(CF_BATCH_WORDS * sizeof *e->sel);
        if (e->sel == NULL || cf_vec_reserve(&e->dup, 1) != CF_OK)
            rc = CF_E_NOMEM;
    }
    /* a quarter is for rows that wait; the rest is to remember rows */
    if (rc == CF_OK && (rules & CF_DEDUPE_EXACT) != 0) {
        e->digest = cfi_digest_create();
        rc = e->digest != NULL ? cfi_seen_init(&e->exact, e->o.memory / 4) : CF_E_NOMEM;
    }
    if (rc == CF_OK && (rules & CF_DEDUPE_UID) != 0)
        rc = cfi_seen_init(&e->uid, e->o.memory / 8);
    if (rc == CF_OK && (rules & (CF_DEDUPE_REPORTER | CF_DEDUPE_INTERFACE)) != 0)
        rc = cfi_pairs_init(&e->pairs, e->o.memory / 8 * 3);
    if (rc != CF_OK) {
        cf_dedupe_destroy(e);
        return cf_diag_set(d, rc, "no memory to compare rows in");
    }
    *out = e;
    return CF_OK;
}

void cf_dedupe_destroy(cf_dedupe_t *e)
{
    if (e == NULL)
        return;
    cfi_cols_fini(&e->cols);
    cfi_digest_destroy(e->digest);
    cfi_seen_fini(&e->exact);
    cfi_seen_fini(&e->uid);
    cfi_pairs_fini(&e->pairs);
    cfi_queue_fini(&e->queue);
    cf_schema_put(e->in);
    cf_schema_put(e->out);
    free(e->view.cols);
    cf_vec_fini(&e->dup);
    free(e->sel);
    free(e->provider_kind);
    free(e);
}

void cf_dedupe_summary(const cf_dedupe_t *e, cf_dedupe_summary_t *s)
{
    *s = e->sum;
    s->compared = e->pairs.limit;
    if (e->exact.slots[0] != NULL && (s->compared == 0 || e->exact.limit < s->compared))
        s->compared = e->exact.limit;
    if (e->uid.slots[0] != NULL && (s->compared == 0 || e->uid.limit < s->compared))
        s->compared = e->uid.limit;
}

/* ---- which rules a row has ------------------------------------------------------------------- */

/* Partnership that logs of a provider have: both reporters at Google, both interfaces elsewhere. */
static uint8_t kind_of(const char *s, uint32_t len)
{
    static const char *const two[] = { "aws", "azure", "oci", "ibm", "alibaba" };

    if ((len == 3 && memcmp(s, "gcp", 3) == 0) || (len == 6 && memcmp(s, "google", 6) == 0))
        return CFI_PAIR_REPORTER;
    for (unsigned i = 0; i < sizeof two / sizeof two[0]; i++)
        if (strlen(two[i]) == len && memcmp(two[i], s, len) == 0)
            return CFI_PAIR_INTERFACE;
    return CFI_PAIR_NONE;
}

static int learn_providers(cf_dedupe_t *e)
{
    const cf_vec_t *v = e->cols.v[CFI_PROVIDER];

    if (v == NULL || e->o.rules != 0)
        return CF_OK;
    if (e->providers < v->dict.count) {
        free(e->provider_kind);
        e->provider_kind = malloc(v->dict.count);
        e->providers = e->provider_kind != NULL ? v->dict.count : 0;
        if (e->provider_kind == NULL)
            return CF_E_NOMEM;
    }
    for (uint32_t i = 0; i < v->dict.count; i++) {
        uint32_t len;
        const char *s = cf_dict_text(&v->dict, i, &len);

        e->provider_kind[i] = kind_of(s, len);
    }
    return CF_OK;
}

/* By what the row has: a reporter, or an interface; and by what its provider or the user says. */
static unsigned pair_kind(const cf_dedupe_t *e, uint32_t row, uint32_t i)
{
    const cf_vec_t *v = e->cols.v[CFI_PROVIDER];
    bool reporter = CFI_WORD_GET(e->keys.tuple[i].word, REPORTER, 3) != 7;
    unsigned kind = reporter ? CFI_PAIR_REPORTER
        : e->keys.point[i] != 0 ? CFI_PAIR_INTERFACE : CFI_PAIR_NONE;

    if (e->o.rules != 0) {
        uint32_t rule = kind == CFI_PAIR_REPORTER ? CF_DEDUPE_REPORTER : CF_DEDUPE_INTERFACE;

        return kind != CFI_PAIR_NONE && (e->o.rules & rule) != 0 ? kind : CFI_PAIR_NONE;
    }
    if (v == NULL || cf_vec_is_null(v, row))
        return kind;
    return e->provider_kind[((const uint32_t *)v->data)[row]] == kind ? kind : CFI_PAIR_NONE;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Mark a row that is not out yet; false when it is. Its fate is not open any more. */
static bool mark(cf_dedupe_t *e, uint64_t row, bool was_open)
{
    cfi_held_t *h;

    if (row >= e->rows) {
        ((uint8_t *)e->dup.data)[row - e->rows] = 1;
        e->open -= was_open;
        return true;
    }
    h = cfi_queue_find(&e->queue, row);
    if (h == NULL)
        return false;
    h->dup[row - h->first] = 1;
    h->open -= was_open;
    return true;
}

/* The row that is kept needs to wait no longer. */
static void settle(cf_dedupe_t *e, cfi_pair_t *g)
{
    cfi_held_t *h;

    if (!g->open)
        return;
    g->open = false;
    if (g->row >= e->rows)
        e->open--;
    else if ((h = cfi_queue_find(&e->queue, g->row)) != NULL)
        h->open--;
}

static void leave_open(cf_dedupe_t *e, int64_t etime)
{
    e->open++;
    if (etime > e->latest)
        e->latest = etime;
}

/* A row joins another one; which of them is kept? */
static void join(cf_dedupe_t *e, cfi_pair_t *g, const cfi_pair_t *row, unsigned kind)
{
    bool better = row->role < g->role;
    unsigned best = 0;

    e->sum.found[kind == CFI_PAIR_REPORTER ? REPORTER : INTERFACE]++;
    g->roles |= row->roles;
    g->full = kind == CFI_PAIR_INTERFACE;
    if (better && mark(e, g->row, g->open)) {
        g->row = row->row;
        g->role = row->role;
        g->open = !g->full && g->role > best;
        if (g->open)
            leave_open(e, row->etime);
        return;
    }
    e->sum.other_side += better;
    mark(e, row->row, false);
    if (g->full)
        settle(e, g);
}

static void forget(cf_dedupe_t *e, const cfi_pair_t *old, uint32_t n)
{
    e->sum.forgotten += n;
    for (uint32_t i = 0; i < n; i++) {
        int64_t span;

        if (__builtin_sub_overflow(e->clock, old[i].etime, &span))
            continue;
        if (span < e->sum.span)
            e->sum.span = span;
    }
}

static void look_for_partner(cf_dedupe_t *e, uint32_t i, uint32_t row, uint64_t hash, unsigned kind)
{
    const cfi_keys_t *k = &e->keys;
    cfi_pair_t r = { .tuple = k->tuple[i], .stime = k->stime[i], .etime = k->etime[i],
                     .clock = e->clock, .point = k->point[i], .row = e->rows + row }, *g;
    const cfi_pair_t *old;
    uint32_t n;
    unsigned direction = CFI_WORD_GET(k->tuple[i].word, DIRECTION, 2);

    if (kind == CFI_PAIR_REPORTER)
        r.role = (uint8_t)CFI_WORD_GET(k->tuple[i].word, REPORTER, 3);
    else
        r.role = direction == CF_DIRECTION_EGRESS ? 0 : direction == CF_DIRECTION_INGRESS ? 1 : 2;
    r.roles = (uint8_t)(1u << r.role);
    /* direction and reporter tell the partners apart, they are not what they have in common */
    r.tuple.word &= (UINT64_C(1) << CFI_WORD_DIRECTION) - 1;
    r.tuple.word |= (uint64_t)kind << CFI_WORD_FREE;
    g = cfi_pairs_find(&e->pairs, hash, &r, e->o.tolerance);
    if (g != NULL) {
        join(e, g, &r, kind);
        return;
    }
    r.open = r.role > 0 && !(kind == CFI_PAIR_INTERFACE && r.role == 2);
    if (r.open)
        leave_open(e, r.etime);
    if (cfi_pairs_add(&e->pairs, hash, &r, &old, &n))
        forget(e, old, n);
}

/* Hash of what partners have in common. */
static uint64_t pair_hash(const cf_dedupe_t *e, uint32_t i)
{
    cfi_tuple_t t = e->keys.tuple[i];

    t.word &= (UINT64_C(1) << CFI_WORD_DIRECTION) - 1;
    return cfi_tuple_hash(&t, e->pairs.seed);
}

static bool same_uid(cf_dedupe_t *e, uint32_t row, uint32_t i)
{
    uint64_t uid = cfi_text(&e->cols, CFI_UID, row), a, b;

    if (uid == 0)
        return false;
    a = cfi_tuple_hash(&e->keys.tuple[i], uid);
    b = cfi_mix((uint64_t)e->keys.stime[i] ^ uid, (uint64_t)e->keys.etime[i] ^ cfi_join_seed());
    return cfi_seen_before(&e->uid, a, b);
}

static void chunk(cf_dedupe_t *e, uint32_t from, uint32_t n, const uint64_t *digest)
{
    uint64_t hash[CFI_CHUNK_ROWS];
    uint8_t *dup = e->dup.data;
    cfi_keys_t *k = &e->keys;

    cfi_cols_keys(&e->cols, from, n, k);
    for (uint32_t i = 0; i < n; i++) {
        hash[i] = pair_hash(e, i);
        if (e->pairs.limit > 0)
            cfi_pairs_prefetch(&e->pairs, hash[i]);
        if (digest != NULL)
            cfi_seen_prefetch(&e->exact, digest[from + i]);
    }
    for (uint32_t i = 0; i < n && e->pairs.limit > 0; i++)
        cfi_pairs_prefetch_row(&e->pairs, hash[i]);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = from + i;
        unsigned kind;

        e->sum.status += k->status[i];
        if (k->status[i] || dup[row] != 0)
            continue;
        if (k->etime[i] > e->clock)
            e->clock = k->etime[i];
        if (digest != NULL && cfi_seen_before(&e->exact, digest[row], hash[i])) {
            dup[row] = 1;
            e->sum.found[EXACT]++;
        } else if (k->usable[i] && e->uid.slots[0] != NULL && same_uid(e, row, i)) {
            dup[row] = 1;
            e->sum.found[UID]++;
        } else if (k->usable[i] && e->pairs.limit > 0 &&
                   (kind = pair_kind(e, row, i)) != CFI_PAIR_NONE) {
            look_for_partner(e, i, row, hash[i], kind);
        }
    }
}

/* ---- batches --------------------------------------------------------------------------------- */

/* The batch at hand, with the column dup last; its values are those of the input, or 0. */
static int make_view(cf_dedupe_t *e, const cf_batch_t *b)
{
    const cf_field_t *dup = e->cols.field[CFI_DUP];
    uint8_t *data = e->dup.data;
    uint32_t n = 0;

    if (e->in == NULL || (e->in != b->schema && !cf_schema_equal(e->in, b->schema))) {
        cf_schema_t *out = cf_schema_create();
        cf_vec_t *cols = calloc(b->ncols + 1, sizeof *cols);
        const char *name;
        int rc = out != NULL && cols != NULL ? 0 : CF_E_NOMEM;

        for (uint32_t i = 0; i < b->ncols && rc >= 0; i++)
            if (cf_schema_field(b->schema, i) != dup)
                rc = cf_schema_add(out, cf_schema_field(b->schema, i));
        if (rc >= 0)
            rc = cf_schema_add(out, dup);
        for (uint32_t i = 0; rc >= 0 && (name = cf_schema_dropped_at(b->schema, i)) != NULL; i++)
            if (strcmp(name, dup->name) != 0)
                rc = cf_schema_drop(out, name);
        if (rc < 0) {
            cf_schema_put(out);
            free(cols);
            return rc;
        }
        cf_schema_put(e->in);
        cf_schema_put(e->out);
        free(e->view.cols);
        e->in = cf_schema_get(b->schema);
        e->out = out;
        e->view.cols = cols;
    }
    for (uint32_t i = 0; i < b->ncols; i++)
        if (cf_schema_field(b->schema, i) != dup)
            e->view.cols[n++] = b->cols[i];
    memset(data, 0, b->rows);
    for (uint32_t i = 0; e->cols.v[CFI_DUP] != NULL && i < b->rows; i++) {
        data[i] = cfi_uint(&e->cols, CFI_DUP, i, 0) == 1;
        e->sum.before += data[i];
    }
    e->view.ncols = n + 1;
    e->view.schema = e->out;
    e->view.rows = b->rows;
    e->view.source = b->source;
    e->view.first_row = b->first_row;
    return CF_OK;
}

/* Rows that are no flows have no dup. */
static void null_status(cf_dedupe_t *e)
{
    uint32_t n = e->view.rows, nulls = 0;

    if (e->cols.v[CFI_LOGSTATUS] != NULL) {
        memset(e->dup.null, 0, CF_BATCH_WORDS * sizeof *e->dup.null);
        for (uint32_t i = 0; i < n; i++)
            if (cfi_uint(&e->cols, CFI_LOGSTATUS, i, CF_LOGSTATUS_OK) != CF_LOGSTATUS_OK) {
                e->dup.null[i >> 6] |= UINT64_C(1) << (i & 63);
                ((uint8_t *)e->dup.data)[i] = 0;
                nulls++;
            }
    }
    e->dup.nulls = nulls;
    e->view.cols[e->view.ncols - 1] = e->dup;
}

static int give(cf_dedupe_t *e, const cf_batch_t *b, const uint8_t *dup, cf_diag_t *d)
{
    if (!e->o.remove)
        return e->o.sink(e->o.ctx, b, NULL, d);
    memset(e->sel, 0, CF_BATCH_WORDS * sizeof *e->sel);
    for (uint32_t i = 0; i < b->rows; i++)
        e->sel[i >> 6] |= (uint64_t)(dup[i] == 0) << (i & 63);
    return e->o.sink(e->o.ctx, b, e->sel, d);
}

/* Give out what need not wait, or may not for want of memory. */
static int release(cf_dedupe_t *e, bool all, cf_diag_t *d)
{
    cfi_held_t *h;
    int rc = CF_OK;

    while (rc == CF_OK && (h = e->queue.head) != NULL) {
        bool over = h->open == 0 || all || (h->latest < e->clock &&
            (uint64_t)e->clock - (uint64_t)h->latest > (uint64_t)e->o.wait);

        if (!over && e->queue.bytes <= e->o.memory / 4)
            break;
        if (!over)
            e->sum.early += h->open;
        rc = give(e, h->batch, h->dup, d);
        cfi_queue_drop_head(&e->queue);
    }
    return rc;
}

int cf_dedupe_put(cf_dedupe_t *e, const cf_batch_t *b, cf_diag_t *d)
{
    const uint64_t *digest = NULL;
    int rc = cfi_cols_batch(&e->cols, b);

    if (rc == CF_OK)
        rc = learn_providers(e);
    if (rc == CF_OK)
        rc = make_view(e, b);
    if (rc == CF_OK && e->digest != NULL && (digest = cfi_digest_batch(e->digest, b)) == NULL)
        rc = CF_E_NOMEM;
    if (rc != CF_OK)
        return cf_diag_set(d, rc, "no memory to compare rows in");
    e->open = 0;
    e->latest = INT64_MIN;
    for (uint32_t row = 0; row < b->rows; row += CFI_CHUNK_ROWS)
        chunk(e, row, b->rows - row < CFI_CHUNK_ROWS ? b->rows - row : CFI_CHUNK_ROWS, digest);
    null_status(e);
    rc = release(e, false, d);
    if (rc == CF_OK && e->queue.head == NULL && e->open == 0) {
        rc = give(e, &e->view, e->dup.data, d);
    } else if (rc == CF_OK) {
        if (cfi_queue_put(&e->queue, &e->view, e->rows, e->open, e->latest) != CF_OK)
            return cf_diag_set(d, CF_E_NOMEM, "no memory for rows that wait");
        rc = release(e, false, d);
    }
    e->rows += b->rows;
    e->sum.rows = e->rows;
    return rc;
}

int cf_dedupe_finish(cf_dedupe_t *e, cf_diag_t *d)
{
    return release(e, true, d);
}
