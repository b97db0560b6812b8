/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches. Numbers of a tuple are written at once; the texts of its group and record are put beside
 * whole ranges of rows when the group or record ends, for a writer may put them before the tuples
 * or behind. So a batch may be full before its rows have their texts: then it waits, and the next
 * one is begun. When all that a record tells is known already (it mostly stands first) nothing
 * waits. A batch is given out by swapping its vectors with the host's.
 */
#include <stdlib.h>

#include "azure.h"

static const char *const names[AZ_COLUMNS] = {
    [AZ_STIME] = "stime", [AZ_SIP] = "sip", [AZ_DIP] = "dip", [AZ_SPORT] = "sport",
    [AZ_DPORT] = "dport", [AZ_PROTO] = "proto", [AZ_PACKETS] = "packets", [AZ_BYTES] = "bytes",
    [AZ_RPACKETS] = "rpackets", [AZ_RBYTES] = "rbytes", [AZ_ACTION] = "action",
    [AZ_STATE] = "state", [AZ_DIRECTION] = "direction", [AZ_ENCRYPTION] = "encryption_state",
    [AZ_REASON] = "reason", [AZ_RULE] = "rule", [AZ_ACL] = "acl", [AZ_IFACE] = "iface",
    [AZ_RESOURCE] = "resource", [AZ_ACCOUNT] = "account", [AZ_REGION] = "region",
    [AZ_VPC] = "vpc", [AZ_SUBNET] = "subnet", [AZ_PROVIDER] = "provider", [AZ_SHAPE] = "shape",
    [AZ_COUNTS] = "counts", [AZ_BYTEKIND] = "bytekind",
};

static bool vnet_only(int c)
{
    return c == AZ_ENCRYPTION || c == AZ_REASON || c == AZ_REGION || c == AZ_VPC || c == AZ_SUBNET;
}

/* ---- layouts ------------------------------------------------------------------------------ */

int az_layouts(az_t *st, cf_diag_t *d)
{
    for (int k = 0; k < 2; k++) {
        az_layout_t *l = &st->layout[k];

        l->schema = cf_schema_create();
        if (l->schema == NULL)
            return cf_diag_set(d, CF_E_NOMEM, "no memory for a schema");
        for (int c = 0; c < AZ_COLUMNS; c++) {
            const cf_field_t *f = cf_field_find(names[c]);

            l->col[c] = -1;
            if (k == AZ_LAYOUT_NSG && vnet_only(c))
                continue;
            if (f == NULL)
                return cf_diag_set(d, CF_E_FIELD, "there is no field '%s'", names[c]);
            if (!st->env->wanted(st->env->ctx, f, f->name))
                continue;
            l->col[c] = cf_schema_add(l->schema, f);
            if (l->col[c] < 0)
                return cf_diag_set(d, l->col[c], "no memory for a schema");
        }
    }
    for (int c = 0; c < AZ_NUMBERS; c++)
        cf_vec_init(&st->hidden[c], cf_field_find(names[c]));
    return CF_OK;
}

void az_rows_close(az_t *st)
{
    for (uint32_t i = 0; i <= AZ_HELD_MAX; i++)
        cf_batch_destroy(st->held[i].b);
    for (int c = 0; c < AZ_NUMBERS; c++)
        cf_vec_fini(&st->hidden[c]);
    cf_schema_put(st->layout[0].schema);
    cf_schema_put(st->layout[1].schema);
}

/* ---- batches ------------------------------------------------------------------------------ */

/* Numbers have no nulls until one is set; texts are null until they are known. */
static int prepare(cf_vec_t *v, bool text)
{
    int rc = cf_vec_reserve(v, v->kind == CF_KIND_ADDR ? 4 : v->width);

    if (rc != CF_OK)
        return rc;
    memset(v->null, text ? 0xff : 0, CF_BATCH_WORDS * sizeof *v->null);
    if (text)
        memset(v->data, 0, (size_t)CF_BATCH_ROWS * v->width);
    cf_dict_reset(&v->dict);
    return CF_OK;
}

static int begin(az_t *st, az_batch_t *h)
{
    const az_layout_t *l = &st->layout[st->use];
    int rc = CF_OK;

    if (h->b == NULL)
        h->b = cf_batch_create(l->schema);
    if (h->b == NULL || cf_batch_reset(h->b, l->schema) != CF_OK)
        return CF_E_NOMEM;
    h->layout = st->use;
    h->serial = ++st->serial;
    h->heavy = false;
    for (int c = 0; c < AZ_COLUMNS && rc == CF_OK; c++) {
        h->v[c] = l->col[c] >= 0 ? &h->b->cols[l->col[c]] : NULL;
        if (h->v[c] == NULL && c < AZ_NUMBERS)
            h->v[c] = &st->hidden[c];
        if (h->v[c] != NULL)
            rc = prepare(h->v[c], c >= AZ_NUMBERS && c < AZ_PROVIDER);
    }
    for (int i = 0; i < AZ_WORDS; i++)
        h->word[i] = UINT32_MAX;
    return rc;
}

int az_next_batch(az_t *st, cf_diag_t *d)
{
    const az_scope_t *s = st->depth > 0 ? &st->scope[st->depth - 1] : NULL;
    uint64_t first = az_row(st);
    int rc;

    if (st->nheld > AZ_HELD_MAX) {
        while (s != NULL && s > st->scope && s->role != AZ_RECORD)
            s--;
        return cf_diag_set(d, CF_E_LIMIT, "the record at byte %llu has too many tuples (%llu) "
                           "before what tells their interface, resource or rule",
                           (unsigned long long)(s != NULL ? s->offset : 0),
                           (unsigned long long)(first - (s != NULL ? s->first : 0)));
    }
    if (st->nheld > 0 && az_now(st)->b->rows == 0)
        st->nheld--;
    rc = begin(st, &st->held[st->nheld]);
    if (rc != CF_OK)
        return cf_diag_set(d, rc, "no memory for a batch of rows");
    st->held[st->nheld++].first = first;
    return CF_OK;
}

static int constant(az_batch_t *h, int c, uint8_t value)
{
    if (h->v[c] == NULL)
        return CF_OK;
    if (c != AZ_PROVIDER) {
        memset(h->v[c]->data, value, h->b->rows);
        return CF_OK;
    }
    memset(h->v[c]->data, 0, (size_t)h->b->rows * sizeof(uint32_t));
    return cf_dict_append(&h->v[c]->dict, "azure", 5);     /* the only entry has code 0 */
}

bool az_ready(const az_t *st)
{
    uint64_t end = UINT64_MAX;
    uint32_t i = st->depth;

    if (st->nheld == 0)
        return false;
    if (st->ended != CF_OK)
        return true;
    /* Scopes around the innermost record have no rows without texts. */
    while (i > 0 && st->scope[i - 1].role != AZ_RECORD)
        i--;
    if (i > 0)
        end = st->scope[i - 1].first;
    return st->nheld > 1 && end >= st->held[0].first + st->held[0].b->rows;
}

int az_give(az_t *st, cf_batch_t *host)
{
    az_batch_t h = st->held[0];
    cf_batch_t kept = *host;
    int rc;

    rc = constant(&h, AZ_PROVIDER, 0);
    if (rc != CF_OK)
        return rc;
    (void)constant(&h, AZ_SHAPE, CF_SHAPE_EVENT);
    (void)constant(&h, AZ_COUNTS, CF_COUNTS_DELTA);
    (void)constant(&h, AZ_BYTEKIND, CF_BYTEKIND_PACKET);
    for (uint32_t i = 0; i < h.b->ncols; i++)
        h.b->cols[i].nulls = cf_bits_count(h.b->cols[i].null, h.b->rows);
    host->schema = h.b->schema;
    host->rows = h.b->rows;
    host->ncols = h.b->ncols;
    host->cols = h.b->cols;
    h.b->schema = kept.schema;
    h.b->rows = 0;
    h.b->ncols = kept.ncols;
    h.b->cols = kept.cols;
    memmove(&st->held[0], &st->held[1], AZ_HELD_MAX * sizeof h);
    st->nheld--;
    st->held[AZ_HELD_MAX] = h;
    return CF_OK;
}

/* ---- rows --------------------------------------------------------------------------------- */

static inline void null_bit(cf_vec_t *v, uint32_t row)
{
    v->null[row >> 6] |= UINT64_C(1) << (row & 63);
}

static int put_addr(cf_vec_t *v, uint32_t row, cf_addr_t a)
{
    if (v->width == 4 && !cf_addr_is_v4(a) && cf_vec_widen(v, row) != CF_OK)
        return CF_E_NOMEM;
    if (v->width == 4)
        ((uint32_t *)v->data)[row] = (uint32_t)a.lo;
    else
        ((cf_addr_t *)v->data)[row] = a;
    return CF_OK;
}

/* A column with many bytes of texts ends its batch early. */
static void weigh(az_batch_t *h, const cf_vec_t *v)
{
    if (v->dict.offset[v->dict.count] > AZ_HEAVY)
        h->heavy = true;
}

static int put_text(az_batch_t *h, int c, uint32_t row, const char *s, uint32_t n)
{
    cf_vec_t *v = h->v[c];
    int rc;

    if (v == NULL)
        return CF_OK;
    rc = cf_dict_code(&v->dict, s, n, (uint32_t *)v->data + row);
    if (rc == CF_OK) {
        v->null[row >> 6] &= ~(UINT64_C(1) << (row & 63));
        weigh(h, v);
    }
    return rc;
}

/* A known word is in the dictionary: the fast way needs its code. */
static void learn(az_batch_t *h, const az_tuple_t *t, uint32_t code)
{
    for (int i = 0; i < AZ_WORDS; i++)
        if (az_word[i].n == t->encryption_len &&
            memcmp(az_word[i].s, t->encryption, t->encryption_len) == 0)
            h->word[i] = code;
}

int az_put(az_t *st, const az_tuple_t *t)
{
    static const uint8_t to[4] = { AZ_PACKETS, AZ_BYTES, AZ_RPACKETS, AZ_RBYTES };
    az_batch_t *h = az_now(st);
    uint32_t row = h->b->rows;
    int rc, i;

    rc = put_addr(h->v[AZ_SIP], row, t->sip);
    if (rc == CF_OK)
        rc = put_addr(h->v[AZ_DIP], row, t->dip);
    if (rc == CF_OK && t->encryption != NULL) {
        rc = put_text(h, AZ_ENCRYPTION, row, t->encryption, t->encryption_len);
        if (rc == CF_OK && h->v[AZ_ENCRYPTION] != NULL)
            learn(h, t, ((const uint32_t *)h->v[AZ_ENCRYPTION]->data)[row]);
    }
    if (rc == CF_OK && t->dropped)
        rc = put_text(h, AZ_REASON, row, t->encryption, t->encryption_len);
    if (rc != CF_OK)
        return rc;
    ((int64_t *)h->v[AZ_STIME]->data)[row] = t->ns;
    ((uint16_t *)h->v[AZ_SPORT]->data)[row] = t->sport;
    ((uint16_t *)h->v[AZ_DPORT]->data)[row] = t->dport;
    ((uint8_t *)h->v[AZ_PROTO]->data)[row] = t->proto;
    ((uint8_t *)h->v[AZ_DIRECTION]->data)[row] = t->direction;
    ((uint8_t *)h->v[AZ_ACTION]->data)[row] = t->action;
    ((uint8_t *)h->v[AZ_STATE]->data)[row] = t->has_state ? t->state : 0;
    if (!t->has_state)
        null_bit(h->v[AZ_STATE], row);
    for (i = 0; i < 4; i++) {
        ((uint64_t *)h->v[to[i]]->data)[row] = t->count[i].value;
        if (!t->count[i].set)
            null_bit(h->v[to[i]], row);
    }
    h->b->rows++;
    return CF_OK;
}

/* ---- texts of ranges ---------------------------------------------------------------------- */

/* Rows from .. to that are null get the code. */
static void fill(cf_vec_t *v, uint32_t from, uint32_t to, uint32_t code)
{
    uint32_t *data = v->data;

    while (from < to) {
        uint32_t word = from >> 6, end = (word + 1) << 6;
        uint64_t mask = UINT64_MAX << (from & 63), bits;

        if (end > to) {
            end = to;
            mask &= UINT64_MAX >> (64 - ((to - 1) & 63) - 1);
        }
        bits = v->null[word] & mask;
        if (bits == mask) {
            for (; from < end; from++)
                data[from] = code;
        } else {
            for (uint64_t rest = bits; rest != 0; rest &= rest - 1)
                data[(word << 6) + (uint32_t)__builtin_ctzll(rest)] = code;
        }
        v->null[word] &= ~bits;
        from = end;
    }
}

/* A text for the null rows of a column from first on, in all batches that have some of them. */
static int range(az_t *st, int c, uint64_t first, const char *s, size_t n)
{
    uint32_t i = st->nheld, from, code;
    int rc = CF_OK;

    if (n == 0)
        return CF_OK;
    while (i > 0 && rc == CF_OK) {
        az_batch_t *h = &st->held[--i];
        cf_vec_t *v = h->v[c];

        if (h->first + h->b->rows <= first)
            break;
        if (v == NULL)
            continue;
        from = h->first >= first ? 0 : (uint32_t)(first - h->first);
        rc = cf_dict_code(&v->dict, s, n, &code);
        if (rc == CF_OK) {
            fill(v, from, h->b->rows, code);
            weigh(h, v);
        }
        if (rc == CF_OK && i + 1 == st->nheld) {
            st->noting->col[st->noting->count] = (uint8_t)c;
            st->noting->code[st->noting->count++] = code;
        }
    }
    return rc;
}

/* A subscription: GUIDs are compared without case, so they are small letters here. */
static int account(az_t *st, uint64_t first, az_span_t path)
{
    az_span_t id = az_segment(path.s, path.n, "subscriptions");
    char small[64];

    if (id.n > sizeof small)
        return range(st, AZ_ACCOUNT, first, id.s, id.n);
    for (size_t i = 0; i < id.n; i++)
        small[i] = (char)(id.s[i] >= 'A' && id.s[i] <= 'Z' ? id.s[i] | 0x20 : id.s[i]);
    return range(st, AZ_ACCOUNT, first, small, id.n);
}

/* What one text of a scope says. */
static int tell(az_t *st, const az_scope_t *s, enum az_text which, az_span_t t)
{
    az_span_t part;
    int rc = CF_OK;

    switch (which) {
    case AZ_T_RULE: return range(st, AZ_RULE, s->first, t.s, t.n);
    case AZ_T_ACL: return range(st, AZ_ACL, s->first, t.s, t.n);
    case AZ_T_MAC: return range(st, AZ_IFACE, s->first, t.s, t.n);
    case AZ_T_RESOURCE:
        /* The group whose log it is, so its rules are of it. */
        rc = range(st, AZ_RESOURCE, s->first, t.s, t.n);
        if (rc == CF_OK)
            rc = range(st, AZ_ACL, s->first, t.s, t.n);
        return rc == CF_OK ? account(st, s->first, t) : rc;
    case AZ_T_TARGET:
        rc = range(st, AZ_RESOURCE, s->first, t.s, t.n);
        if (rc == CF_OK)
            rc = account(st, s->first, t);
        part = az_segment(t.s, t.n, "virtualNetworks");
        if (rc == CF_OK)
            rc = range(st, AZ_VPC, s->first, part.s, part.n);
        part = az_segment(t.s, t.n, "subnets");
        return rc == CF_OK ? range(st, AZ_SUBNET, s->first, part.s, part.n) : rc;
    default:
        part = az_region(t.s, t.n);
        if (part.n > 0 && part.n <= 64) {
            char small[64];

            for (size_t i = 0; i < part.n; i++)
                small[i] = (char)(part.s[i] >= 'A' && part.s[i] <= 'Z' ? part.s[i] | 0x20
                    : part.s[i]);
            rc = range(st, AZ_REGION, s->first, small, part.n);
        }
        return rc == CF_OK ? account(st, s->first, t) : rc;
    }
}

/* The same, as it was last time when the text is the same. */
static int tell_again(az_t *st, const az_scope_t *s, enum az_text which)
{
    const az_span_t t = { st->arena.data + s->text[which].at, s->text[which].n };
    az_memo_t *m = &st->memo[which];
    az_batch_t *h = az_now(st);
    int rc;

    if (m->batch == h->serial && m->n == t.n && s->first >= h->first &&
        memcmp(m->text, t.s, t.n) == 0) {
        for (uint32_t i = 0; i < m->count; i++)
            fill(h->v[m->col[i]], (uint32_t)(s->first - h->first), h->b->rows, m->code[i]);
        return CF_OK;
    }
    m->batch = 0;
    m->count = 0;
    st->noting = m;
    rc = tell(st, s, which, t);
    if (rc == CF_OK && t.n <= sizeof m->text) {
        m->batch = h->serial;
        m->n = (uint32_t)t.n;
        memcpy(m->text, t.s, t.n);
    }
    return rc;
}

int az_settle(az_t *st, az_scope_t *s)
{
    uint64_t now = az_row(st);
    int rc = CF_OK;

    for (int i = 0; s->first < now && i < AZ_TEXTS && rc == CF_OK; i++)
        if (s->text[i].set)
            rc = tell_again(st, s, (enum az_text)i);
    s->first = now;
    return rc;
}

int az_settle_all(az_t *st)
{
    int rc = CF_OK;

    for (uint32_t i = st->depth; i > 0 && rc == CF_OK; i--)
        rc = az_settle(st, &st->scope[i - 1]);
    return rc;
}
