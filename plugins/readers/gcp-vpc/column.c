/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns of the batch under construction. A column is prepared when its first value of a batch
 * comes: all rows null. Values are checked whether anybody wants the column or not.
 */
#include <stdlib.h>

#include "cell.h"

int gcp_begin(gcp_t *g, gcp_column_t *c)
{
    cf_vec_t *v = &c->v;
    int rc;

    if (!c->wanted) {
        g->schema_old = g->schema_old || !c->left_out;
        c->left_out = true;
        return CF_EOF;
    }
    rc = cf_vec_reserve(v, v->kind == CF_KIND_ADDR ? 4 : c->field->width);
    if (rc != CF_OK)
        return rc;
    memset(v->data, 0, (size_t)CF_BATCH_ROWS * v->width);
    memset(v->null, 0xff, CF_BATCH_WORDS * sizeof *v->null);
    v->nulls = CF_BATCH_ROWS;
    v->absent = false;
    cf_dict_reset(&v->dict);
    c->begun = true;
    if (!c->shown) {
        c->shown = true;
        g->schema_old = true;
    }
    return CF_OK;
}

static int set_addr(gcp_t *g, gcp_column_t *c, const cf_jsonval_t *v)
{
    cf_addr_t a;
    uint32_t v4;
    int rc;

    if (v->type != CF_JSON_STRING)
        return CF_R_ADDR;
    if (cf_v4_parse(v->text, v->len, &v4) == CF_OK)
        a = cf_addr_v4(v4);
    else if (cf_addr_parse(v->text, v->len, &a) != CF_OK)
        return CF_R_ADDR;
    rc = gcp_take(g, c);
    if (rc != CF_OK)
        return rc == CF_EOF ? CF_OK : rc;
    if (c->v.width == 4) {
        if (cf_addr_is_v4(a)) {
            ((uint32_t *)c->v.data)[g->rows] = (uint32_t)a.lo;
            return CF_OK;
        }
        if (cf_vec_widen(&c->v, g->rows) != CF_OK)
            return CF_E_NOMEM;
        memset((cf_addr_t *)c->v.data + g->rows, 0,
               (CF_BATCH_ROWS - g->rows) * sizeof(cf_addr_t));
    }
    ((cf_addr_t *)c->v.data)[g->rows] = a;
    return CF_OK;
}

/* ---- strings ------------------------------------------------------------------------------ */

int gcp_unique(gcp_t *g, gcp_column_t *c, const char *s, size_t n)
{
    int rc = cf_dict_append(&c->v.dict, s, n);

    if (rc != CF_OK)
        return rc;
    g->text += n;
    ((uint32_t *)c->v.data)[g->rows] = c->v.dict.count - 1;
    return CF_OK;
}

int gcp_new_text(gcp_t *g, gcp_column_t *c, const char *s, size_t n, gcp_memo_t *m)
{
    uint32_t before = c->v.dict.count;
    int rc = cf_dict_code(&c->v.dict, s, n, &m->code);

    m->generation = rc == CF_OK ? g->generation : 0;
    m->n = (uint16_t)n;
    g->text += c->v.dict.count > before ? n + 16 : 0;
    return rc;
}

/* "64500 64501|64502" of [{"as_details":[{"asn":64500},…]},…]. */
static int set_path(gcp_t *g, gcp_column_t *c, const cf_jsonval_t *v)
{
    char out[4096];
    size_t at = 0;
    const char *p = v->text, *end = p + v->len;
    bool gap = false;

    while (p < end && at < sizeof out - 24) {
        if ((size_t)(end - p) > 5 && memcmp(p, "\"asn\"", 5) == 0) {
            p += 5;
            while (p < end && (*p == ' ' || *p == ':' || *p == '"'))
                p++;
            if (at > 0)
                out[at++] = gap ? '|' : ' ';
            gap = false;
            while (p < end && *p >= '0' && *p <= '9' && at < sizeof out - 2)
                out[at++] = *p++;
        } else {
            gap = gap || *p == ']';
            p++;
        }
    }
    return at > 0 ? gcp_text(g, c, out, at) : CF_OK;
}

/* ---- times and words ---------------------------------------------------------------------- */

static inline bool eight_digits(const char *s, uint64_t *out)
{
    uint64_t x = gcp_load8(s) - UINT64_C(0x3030303030303030);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(gcp_load8(s)) - UINT64_C(0x3030303030303030);
#endif
    if (((x + UINT64_C(0x7676767676767676)) | x) & UINT64_C(0x8080808080808080))
        return false;
    x = x * 10 + (x >> 8);
    x = ((x & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
         ((x >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >> 32;
    *out = x & 0xffffffff;
    return true;
}

/*
 * Most are 2026-03-07T14:03:00.123456789Z, of a minute that was parsed before: sixteen bytes are
 * compared, the rest is digits.
 */
static int parse_time(gcp_t *g, const cf_jsonval_t *v, int64_t *ns)
{
    const char *s = v->text;
    unsigned tens, ones;
    uint64_t frac;
    size_t at;
    cf_jsonval_t minute = { s, 16, CF_JSON_STRING };

    if (v->type != CF_JSON_STRING || v->len < 20 || v->len > 30 || s[16] != ':' ||
        s[v->len - 1] != 'Z')
        return cf_jsonval_time(v, ns);
    /* hours and minutes tell most minutes apart */
    at = (size_t)(gcp_load8(s + 8) * UINT64_C(0x9e3779b97f4a7c15) >> 60) % GCP_MINUTES;
    if (memcmp(s, g->minute[at].text, 16) != 0) {
        if (cf_jsonval_time(&minute, ns) != CF_OK)
            return cf_jsonval_time(v, ns);
        g->minute[at].ns = *ns;
        memcpy(g->minute[at].text, s, 16);
    }
    tens = (unsigned)(unsigned char)s[17] - '0';
    ones = (unsigned)(unsigned char)s[18] - '0';
    if (tens > 5 || ones > 9)
        return cf_jsonval_time(v, ns);
    *ns = g->minute[at].ns + (int64_t)(tens * 10 + ones) * CF_NS_PER_SEC;
    if (v->len == 20)
        return CF_OK;
    if (v->len == 30 && s[19] == '.' && eight_digits(s + 20, &frac) && s[28] >= '0' &&
        s[28] <= '9') {
        *ns += (int64_t)(frac * 10 + (uint64_t)(s[28] - '0'));
        return CF_OK;
    }
    return cf_jsonval_time(v, ns);
}

/* SRC_GATEWAY is src-gateway; ALLOWED and DENIED are what others call accept and reject. */
static int word_code(const cf_field_t *f, const cf_jsonval_t *v, uint8_t *code)
{
    static const struct { const char *theirs; uint8_t code; } verdicts[] = {
        { "ALLOWED", CF_ACTION_ACCEPT }, { "DENIED", CF_ACTION_REJECT },
        { "ALLOW", CF_ACTION_ACCEPT }, { "DENY", CF_ACTION_REJECT },
    };
    char text[32];

    if (v->type != CF_JSON_STRING || v->len >= sizeof text)
        return CF_R_ENUM;
    for (uint32_t i = 0; i < v->len; i++)
        text[i] = v->text[i] == '_' ? '-' : v->text[i];
    for (size_t i = 0; strcmp(f->name, "action") == 0 && i < 4; i++) {
        if (strlen(verdicts[i].theirs) == v->len &&
            memcmp(verdicts[i].theirs, text, v->len) == 0) {
            *code = verdicts[i].code;
            return CF_OK;
        }
    }
    return cf_field_enum_parse(f, text, v->len, code);
}

static int set_word(gcp_t *g, uint16_t col, const cf_jsonval_t *v)
{
    gcp_column_t *c = &g->cols[col];
    uint8_t code;
    uint64_t a, b, mid;
    gcp_memo_t *m = c->memo;
    int rc;

    if (m == NULL)
        c->memo = m = calloc((size_t)1 << GCP_MEMO_BITS, sizeof *m);
    if (m == NULL)
        return CF_E_NOMEM;
    /* few words, told apart by first bytes and length; a string of more than 16 is none */
    gcp_ends(v->text, v->len, &a, &b, &mid);
    m += v->len % 16;
    if (v->type != CF_JSON_STRING || v->len > 16 || m->a != a || m->b != b || m->n != v->len) {
        rc = word_code(c->field, v, &code);
        if (rc != CF_OK)
            return rc;
        *m = (gcp_memo_t){ a, b, 0, code, (uint16_t)v->len, 0 };
    }
    if (col == g->c_reporter)
        g->reporter = (uint8_t)m->code;
    return gcp_number(g, c, m->code);
}

int gcp_set(gcp_t *g, uint16_t col, const cf_jsonval_t *v)
{
    gcp_column_t *c = &g->cols[col];
    uint64_t u;
    int64_t ns = 0;
    int rc;

    switch ((gcp_op_t)c->op) {
    case GCP_UINT:
        rc = cf_jsonval_uint(v, c->max, &u);
        return rc == CF_OK ? gcp_number(g, c, u) : rc;
    case GCP_TIME:
        rc = parse_time(g, v, &ns);
        if (col == g->c_stime)
            g->stime = ns;
        else if (col == g->c_etime)
            g->etime = ns;
        else if (col == g->c_logtime)
            g->logtime = ns;
        return rc == CF_OK ? gcp_number(g, c, (uint64_t)ns) : rc;
    case GCP_MILLIS:
        rc = cf_jsonval_scaled(v, 6, &ns);
        if (rc == CF_OK && ns < 0)
            rc = CF_R_RANGE;
        return rc == CF_OK ? gcp_number(g, c, (uint64_t)ns) : rc;
    case GCP_ADDR:
        return set_addr(g, c, v);
    case GCP_WORD:
        return set_word(g, col, v);
    case GCP_PATH:
        return set_path(g, c, v);
    default:
        c->text = v;
        return gcp_text(g, c, v->text, v->len);
    }
}

void gcp_undo(gcp_t *g)
{
    for (uint32_t i = 0; i < g->ncols; i++) {
        gcp_column_t *c = &g->cols[i];

        if (c->row != g->number)
            continue;
        c->row = 0;
        if (!c->begun)
            continue;
        memset((char *)c->v.data + (size_t)g->rows * c->v.width, 0, c->v.width);
        c->v.null[g->rows >> 6] |= UINT64_C(1) << (g->rows & 63);
    }
}

/* ---- batches ------------------------------------------------------------------------------ */

static int make_schema(gcp_t *g)
{
    cf_schema_t *s = cf_schema_create();

    if (s == NULL)
        return CF_E_NOMEM;
    for (uint32_t i = 0; i < g->ncols; i++) {
        const gcp_column_t *c = &g->cols[i];
        int rc = CF_OK;

        if (c->shown)
            rc = cf_schema_add(s, c->field);
        else if (c->left_out)
            rc = cf_schema_drop(s, c->field->name);
        if (rc < 0) {
            cf_schema_put(s);
            return rc;
        }
    }
    for (uint32_t i = 0; i < g->outs; i++) {
        int rc = cf_schema_drop(s, g->out[i]);

        if (rc < 0) {
            cf_schema_put(s);
            return rc;
        }
    }
    cf_schema_put(g->schema);
    g->schema = s;
    g->schema_old = false;
    return CF_OK;
}

/* Our vector for the batch's, whose memory serves the next one. */
static void swap(cf_vec_t *a, cf_vec_t *b)
{
    cf_vec_t t = *a;

    *a = *b;
    *b = t;
}

/* A number that every flow has, and no event; with both, in every row. */
static int constant(gcp_t *g, uint16_t col, uint8_t flow, bool event, uint8_t other)
{
    gcp_column_t *c = &g->cols[col];
    uint8_t *data;
    int rc = c->wanted ? gcp_begin(g, c) : CF_EOF;

    if (rc != CF_OK)
        return rc == CF_EOF ? CF_OK : rc;
    data = c->v.data;
    for (uint32_t i = 0; i < g->rows; i++) {
        if (g->event[i] && !event)
            continue;
        data[i] = g->event[i] ? other : flow;
        c->v.null[i >> 6] &= ~(UINT64_C(1) << (i & 63));
    }
    return CF_OK;
}

static int constants(gcp_t *g)
{
    gcp_column_t *c = &g->cols[g->c_provider];
    int rc = c->wanted ? gcp_begin(g, c) : CF_OK;

    if (rc == CF_OK && c->wanted) {
        rc = cf_dict_append(&c->v.dict, "gcp", 3);
        memset(c->v.null, 0, CF_BATCH_WORDS * sizeof *c->v.null);
    }
    if (rc == CF_OK)
        rc = constant(g, g->c_shape, CF_SHAPE_UNI, true, CF_SHAPE_EVENT);
    if (rc == CF_OK)
        rc = constant(g, g->c_counts, CF_COUNTS_ESTIMATE, false, 0);
    if (rc == CF_OK)
        rc = constant(g, g->c_bytekind, CF_BYTEKIND_PAYLOAD, false, 0);
    return rc;
}

int gcp_columns_end(gcp_t *g, cf_batch_t *batch)
{
    uint32_t at = 0;
    int rc = constants(g);

    if (rc == CF_OK && g->schema_old)
        rc = make_schema(g);
    if (rc == CF_OK)
        rc = cf_batch_reset(batch, g->schema);
    for (uint32_t i = 0; i < g->ncols && rc == CF_OK; i++) {
        gcp_column_t *c = &g->cols[i];
        cf_vec_t *v;

        if (!c->shown)
            continue;
        v = &batch->cols[at++];
        if (c->begun) {
            swap(v, &c->v);
            v->nulls = cf_bits_count(v->null, g->rows);
            c->begun = false;
        } else {
            rc = cf_vec_set_all_null(v, g->rows, false);
        }
    }
    batch->rows = rc == CF_OK ? g->rows : 0;
    g->rows = 0;
    g->text = 0;
    if (++g->generation == 0) {
        g->generation = 1;
        memset(g->side, 0, sizeof g->side);
        for (uint32_t i = 0; i < g->ncols; i++) {
            if (g->cols[i].memo != NULL)
                memset(g->cols[i].memo, 0, sizeof *g->cols[i].memo << GCP_MEMO_BITS);
        }
    }
    return rc;
}

void gcp_columns_close(gcp_t *g)
{
    for (uint32_t i = 0; i < g->ncols; i++) {
        cf_vec_fini(&g->cols[i].v);
        free(g->cols[i].memo);
    }
    cf_schema_put(g->schema);
}
