/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records inside JSON, whatever the wrapping: CloudWatch API events, subscription envelopes (also
 * base64 and gzip in a Lambda or Kinesis event), Firehose objects one behind the other, shipper
 * exports, JSON in a JSON string, and objects with one key per field. No wrapping is named by the
 * user: every object is walked; the record is the text below one of a few keys, or the object
 * itself when its keys are names of fields. An object gives one record, for shippers keep the same
 * record in several forms. "Using subscription filters" (CloudWatch Logs guide) has the envelope.
 */
#include <stdlib.h>

#include "unwrap.h"

#define FRAMES_MAX 6               /* JSON in JSON in base64 … */
#define PAIRS_MAX 512u
#define ARENA_MAX (2u << 20)
#define PAYLOAD_MAX (64u << 20)    /* bytes of one payload after decompression */

typedef enum role { ROLE_NONE = 0, ROLE_EVENT, ROLE_PAYLOAD, ROLE_RECORDS } role_t;

typedef struct scope {
    bool array;
    uint8_t role;                  /* role_t: key that led here */
    bool taken;                    /* this event's record was given out */
    bool some;                     /* something inside gave a record */
    bool control;                  /* control message of a subscription */
    uint32_t pairs;                /* pairs of the containers around */
    size_t arena;
} scope_t;

typedef struct frame {
    cf_input_t *in;
    bool own;
    char *memory;                  /* bytes of in, when ours */
    cf_json_t *json;               /* NULL = lines */
    uint32_t depth;
    scope_t scope[CF_JSON_DEPTH_MAX + 1];
    char key[64];                  /* last key; "" when too long */
} frame_t;

typedef struct pair {
    size_t name, value;            /* in the arena */
    uint32_t name_len, value_len;
    bool raw;                      /* text that was not taken for a record at once */
} pair_t;

struct aws_unwrap {
    frame_t frame[FRAMES_MAX];
    unsigned frames;
    cf_buf_t arena;
    pair_t pair[PAIRS_MAX];
    uint32_t pairs;
    aws_span_t names[PAIRS_MAX], values[PAIRS_MAX];
    uint64_t offset;               /* of the outermost token */
    cf_cursor_t place;             /* see aws_unwrap_place */
    uint64_t value;                /* where the value of the top level begins */
    uint32_t elements;             /* depth of the array whose elements are places, 0 = none */
    bool given;                    /* the value gave a record */
    char broken[160];
};

static void pop_frame(aws_unwrap_t *u)
{
    frame_t *f = &u->frame[--u->frames];

    cf_json_close(f->json);
    if (f->own)
        cf_input_close(f->in);
    free(f->memory);
    u->pairs = f->scope[0].pairs;
    u->arena.len = f->scope[0].arena;
    memset(f, 0, sizeof *f);
}

aws_unwrap_t *aws_unwrap_create(cf_input_t *in)
{
    aws_unwrap_t *u = calloc(1, sizeof *u);

    if (u == NULL)
        return NULL;
    cf_buf_init(&u->arena, ARENA_MAX);
    u->frame[0].in = in;
    u->frames = 1;
    if (cf_json_open(&u->frame[0].json, in, NULL) != CF_OK) {
        free(u);
        return NULL;
    }
    return u;
}

void aws_unwrap_destroy(aws_unwrap_t *u)
{
    if (u == NULL)
        return;
    while (u->frames > 0)
        pop_frame(u);
    cf_buf_fini(&u->arena);
    free(u);
}

static int broken(aws_unwrap_t *u, aws_item_t *item, const char *why, const char *more)
{
    memset(item, 0, sizeof *item);
    item->type = AWS_ITEM_BROKEN;
    item->offset = u->offset;
    item->n = 0;
    cf_buf_t text;

    cf_buf_init(&text, sizeof u->broken - 1);
    if (cf_buf_putf(&text, "%s%s%.100s", why, more[0] != '\0' ? ": " : "", more) == CF_OK)
        memcpy(u->broken, text.data, text.len + 1);
    else
        u->broken[0] = '\0';
    cf_buf_fini(&text);
    item->text.s = u->broken;
    item->text.n = strlen(u->broken);
    return CF_OK;
}

/* Go on inside of bytes of ours (takes memory). CF_EOF = pushed. */
static int push_frame(aws_unwrap_t *u, char *memory, size_t n, bool packed, aws_item_t *item)
{
    frame_t *f = &u->frame[u->frames];
    size_t have, i = 0;
    const char *p;

    if (u->frames == FRAMES_MAX) {
        free(memory);
        return broken(u, item, "wrapped too many times", "");
    }
    memset(f, 0, sizeof *f);
    if (cf_input_open_memory(&f->in, "record", memory, n, packed ? 0 : CF_INPUT_RAW,
                             NULL) != CF_OK) {
        free(memory);
        return CF_E_NOMEM;
    }
    f->own = true;
    f->memory = memory;
    f->scope[0].pairs = u->pairs;
    f->scope[0].arena = u->arena.len;
    u->frames++;
    if (cf_input_fill(f->in, 64, &p, &have, NULL) == CF_OK) {
        while (i < have && (p[i] == ' ' || p[i] == '\n' || p[i] == '\r' || p[i] == '\t'))
            i++;
        if (i < have && (p[i] == '{' || p[i] == '[') && cf_json_open(&f->json, f->in,
                NULL) != CF_OK)
            return CF_E_NOMEM;
    }
    return CF_EOF;
}

static int push_text(aws_unwrap_t *u, const char *s, size_t n, aws_item_t *item)
{
    char *memory = malloc(n + 1);

    if (memory == NULL)
        return CF_E_NOMEM;
    memcpy(memory, s, n);
    return push_frame(u, memory, n, false, item);
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

static int push_payload(aws_unwrap_t *u, const char *s, size_t n, aws_item_t *item)
{
    char *out = malloc(n / 4 * 3 + 4);
    uint32_t bits = 0;
    size_t len = 0, i;

    if (out == NULL)
        return CF_E_NOMEM;
    while (n > 0 && s[n - 1] == '=')
        n--;
    for (i = 0; i < n; i++) {
        int digit = base64_digit(s[i]);

        if (digit < 0) {
            free(out);
            return broken(u, item, "data is not base64", "");
        }
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 == 3) {
            out[len++] = (char)(bits >> 16);
            out[len++] = (char)(bits >> 8);
            out[len++] = (char)bits;
        }
    }
    if (n % 4 == 1) {
        free(out);
        return broken(u, item, "data is not base64", "");
    }
    if (n % 4 >= 2)
        out[len++] = (char)(n % 4 == 2 ? bits >> 4 : bits >> 10);
    if (n % 4 == 3)
        out[len++] = (char)(bits >> 2);
    return push_frame(u, out, len, true, item);
}

/* ---- what is a record --------------------------------------------------------------------- */

static bool starts_with(const char *s, size_t n, const char *word)
{
    size_t len = strlen(word);

    return n >= len && memcmp(s, word, len) == 0;
}

static uint32_t count_bytes(const char *s, size_t n, char byte)
{
    uint32_t count = 0;
    size_t i;

    for (i = 0; i < n; i++)
        count += s[i] == byte;
    return count;
}

/*
 * Could be a record line, a header, or JSON: taken at once. Anything else waits for something
 * better in its object.
 */
static bool plausible(const char *s, size_t n, uint32_t values, char sep)
{
    aws_span_t t[AWS_VALUES_MAX];
    size_t prefix;
    int count, i;
    char other;

    while (n > 0 && (*s == ' ' || *s == '\n'))
        s++, n--;
    if (n == 0 || n > AWS_LINE_MAX || s[0] == '{' || s[0] == '[')
        return n > 0;
    if (values > 0 && count_bytes(s, n, sep) + 1 == values)
        return true;
    prefix = aws_export_prefix(s, n);
    s += prefix;
    n -= prefix;
    if (memchr(s, '\n', n) != NULL)
        n = (size_t)((const char *)memchr(s, '\n', n) - s);
    if (aws_is_header(s, n, &other))
        return true;
    count = aws_split(s, n, values > 0 ? sep : ' ', t, AWS_VALUES_MAX);
    if (values > 0 && count == (int)values)
        return true;
    for (i = 0; i < count; i++) {
        if (starts_with(t[i].s, t[i].n, "eni-") || starts_with(t[i].s, t[i].n, "tgw-") ||
            starts_with(t[i].s, t[i].n, "NODATA") || starts_with(t[i].s, t[i].n, "SKIPDATA"))
            return true;
    }
    return false;
}

/* Text of a record, perhaps several lines or JSON again. CF_EOF = go on. */
static int give_text(aws_unwrap_t *u, const char *s, size_t n, aws_item_t *item)
{
    while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r'))
        n--;
    while (n > 0 && (*s == ' ' || *s == '\n' || *s == '\r'))
        s++, n--;
    if (n == 0)
        return CF_EOF;
    if (s[0] == '{' || s[0] == '[' || memchr(s, '\n', n) != NULL)
        return push_text(u, s, n, item);
    memset(item, 0, sizeof *item);
    item->type = AWS_ITEM_TEXT;
    item->text.s = s;
    item->text.n = n;
    item->offset = u->offset;
    return CF_OK;
}

static void taken(frame_t *f)
{
    f->scope[f->depth].taken = true;
    f->scope[f->depth].some = true;
}

static bool is_key(const frame_t *f, const char *word)
{
    return strcmp(f->key, word) == 0;
}

static bool raw_key(const frame_t *f)
{
    return is_key(f, "message") || is_key(f, "_raw") || is_key(f, "body") || is_key(f,
            "event.original") ||
           (is_key(f, "original") && f->scope[f->depth].role == ROLE_EVENT);
}

static bool payload_key(const frame_t *f)
{
    const scope_t *s = &f->scope[f->depth];

    return is_key(f, "data") && (s->role == ROLE_PAYLOAD || (f->depth > 0 && s[-1].array &&
                                                             s[-1].role == ROLE_RECORDS));
}

static int keep_pair(aws_unwrap_t *u, frame_t *f, const cf_json_token_t *t, bool raw)
{
    pair_t *p = &u->pair[u->pairs];
    size_t len = strlen(f->key);

    if (u->pairs == PAIRS_MAX || len == 0 || t->len > AWS_LINE_MAX ||
        u->arena.len + len + t->len > ARENA_MAX)
        return CF_EOF;
    p->name = u->arena.len;
    p->name_len = (uint32_t)len;
    p->value = u->arena.len + len;
    p->value_len = (uint32_t)t->len;
    p->raw = raw;
    if (cf_buf_put(&u->arena, f->key, len) != CF_OK || cf_buf_put(&u->arena, t->text,
            t->len) != CF_OK)
        return CF_E_NOMEM;
    u->pairs++;
    return CF_EOF;
}

static int scalar(aws_unwrap_t *u, frame_t *f, const cf_json_token_t *t, uint32_t values, char sep,
                  aws_item_t *item)
{
    scope_t *s = &f->scope[f->depth];
    bool string = t->type == CF_JSON_STRING;

    if (f->depth == 0)
        return CF_EOF;
    if (s->array) {
        /* A list of lines, and nothing around it. */
        if (!string || f->depth != 1 || !plausible(t->text, t->len, values, sep))
            return CF_EOF;
        s->some = true;
        return give_text(u, t->text, t->len, item);
    }
    if (s->taken || t->type == CF_JSON_NULL)
        return CF_EOF;
    if (string && is_key(f, "messageType") && t->len == 15 && memcmp(t->text, "CONTROL_MESSAGE",
            15) == 0) {
        s->control = true;
        return CF_EOF;
    }
    if (string && payload_key(f)) {
        taken(f);
        return push_payload(u, t->text, t->len, item);
    }
    if (string && raw_key(f)) {
        if (starts_with(t->text, t->len, "CWL CONTROL MESSAGE")) {
            taken(f);
            return CF_EOF;
        }
        if (plausible(t->text, t->len, values, sep)) {
            taken(f);
            return give_text(u, t->text, t->len, item);
        }
        return keep_pair(u, f, t, true);
    }
    return keep_pair(u, f, t, false);
}

/* ---- walking ------------------------------------------------------------------------------ */

static role_t role_of(const frame_t *f)
{
    if (f->depth > 0 && f->scope[f->depth].array)
        return ROLE_NONE;
    if (is_key(f, "event"))
        return ROLE_EVENT;
    if (is_key(f, "awslogs") || is_key(f, "kinesis"))
        return ROLE_PAYLOAD;
    return is_key(f, "records") || is_key(f, "Records") ? ROLE_RECORDS : ROLE_NONE;
}

static void enter(aws_unwrap_t *u, frame_t *f, bool array)
{
    scope_t *up = &f->scope[f->depth], *s = up + 1;
    role_t role = role_of(f);

    memset(s, 0, sizeof *s);
    s->array = array;
    s->role = (uint8_t)role;
    s->taken = !array && f->depth > 0 && !up->array && up->taken;
    s->pairs = u->pairs;
    s->arena = u->arena.len;
    f->depth++;
}

/* Do the pairs make a row? At least three fields, one of them telling whose traffic it is. */
static bool is_row(aws_unwrap_t *u, uint32_t from)
{
    uint32_t i, known = 0;
    bool who = false;

    for (i = from; i < u->pairs; i++) {
        const char *ours = aws_known(u->arena.data + u->pair[i].name, u->pair[i].name_len, NULL);

        if (ours == NULL)
            continue;
        known++;
        who = who || strcmp(ours, "sip") == 0 || strcmp(ours, "pktsip") == 0 || strcmp(ours,
                "iface") == 0;
    }
    return known >= 3 && who;
}

static int give_object(aws_unwrap_t *u, uint32_t from, aws_item_t *item)
{
    uint32_t i;

    memset(item, 0, sizeof *item);
    item->type = AWS_ITEM_OBJECT;
    item->offset = u->offset;
    for (i = from; i < u->pairs; i++) {
        const pair_t *p = &u->pair[i];

        u->names[item->n].s = u->arena.data + p->name;
        u->names[item->n].n = p->name_len;
        u->values[item->n].s = u->arena.data + p->value;
        u->values[item->n++].n = p->value_len;
    }
    item->names = u->names;
    item->values = u->values;
    return CF_OK;
}

/* The end of a container: the object may be a row, or hold text that nothing better came after. */
static int leave(aws_unwrap_t *u, frame_t *f, aws_item_t *item)
{
    scope_t *s = &f->scope[f->depth], *up = s - 1;
    uint32_t i, from = s->pairs;
    int rc = CF_EOF;

    f->depth--;
    if (!s->array && !s->taken && is_row(u, from)) {
        s->taken = s->some = true;
        rc = give_object(u, from, item);
    } else if (!s->array && !s->taken && !s->some) {
        for (i = from; i < u->pairs && rc == CF_EOF; i++) {
            const pair_t *p = &u->pair[i];

            if (!p->raw)
                continue;
            s->some = true;
            rc = give_text(u, u->arena.data + p->value, p->value_len, item);
        }
    }
    u->pairs = from;
    u->arena.len = s->arena;       /* the bytes stay until the next call */
    up->some = up->some || s->some;
    up->taken = up->taken || (!s->array && !up->array && s->taken && f->depth > 0);
    return rc;
}

void aws_unwrap_place(const aws_unwrap_t *u, cf_cursor_t *c)
{
    *c = u->place;
}

/* A value begins in the outermost JSON: can a later run begin with it? */
static void note_value(aws_unwrap_t *u, const frame_t *f, const cf_json_token_t *t)
{
    if (f->depth == 0) {
        u->value = t->offset;
        u->elements = 0;
        u->given = false;
        u->place = (cf_cursor_t){ .offset = t->offset };
    } else if (u->elements > 0 && f->depth == u->elements && f->scope[f->depth].array) {
        u->place.offset = t->offset;
    }
}

/*
 * An array was entered. The first that gives records has places, unless it lies in another one; all
 * before it is needed to understand it.
 */
static void note_array(aws_unwrap_t *u, const frame_t *f, uint64_t offset)
{
    if (u->given || offset + 1 - u->value > CF_CURSOR_HEAD_MAX)
        return;
    for (uint32_t i = 1; i < f->depth; i++) {
        if (f->scope[i].array)
            return;
    }
    u->elements = f->depth;
    u->place.head = u->value;
    u->place.head_len = (uint32_t)(offset + 1 - u->value);
    u->place.offset = offset + 1;
}

/* One token of the innermost JSON. CF_OK: item; CF_EOF: go on. */
static int step(aws_unwrap_t *u, frame_t *f, uint32_t values, char sep, aws_item_t *item,
                cf_diag_t *d)
{
    cf_json_token_t t;
    int rc = cf_json_next(f->json, &t, d);

    if (rc != CF_OK)
        return rc == CF_EOF ? CF_E_INTERNAL : rc;  /* told apart by the caller */
    if (u->frames == 1) {
        u->offset = t.offset;
        if (t.type != CF_JSON_KEY && t.type != CF_JSON_OBJECT_END && t.type != CF_JSON_ARRAY_END)
            note_value(u, f, &t);
    }
    switch (t.type) {
    case CF_JSON_KEY:
        f->key[0] = '\0';
        if (t.len < sizeof f->key && memchr(t.text, '\0', t.len) == NULL) {
            memcpy(f->key, t.text, t.len);
            f->key[t.len] = '\0';
        }
        if (f->scope[f->depth].control && is_key(f, "logEvents")) {
            rc = cf_json_skip(f->json, &t, d);
            return rc == CF_OK ? CF_EOF : rc;
        }
        return CF_EOF;
    case CF_JSON_OBJECT:
    case CF_JSON_ARRAY:
        enter(u, f, t.type == CF_JSON_ARRAY);
        if (u->frames == 1 && t.type == CF_JSON_ARRAY)
            note_array(u, f, t.offset);
        return CF_EOF;
    case CF_JSON_OBJECT_END:
    case CF_JSON_ARRAY_END:
        return leave(u, f, item);
    default:
        return scalar(u, f, &t, values, sep, item);
    }
}

/*
 * A broken or finished frame. CF_OK: item; CF_EOF: go on; else a stream error, or the end by *done.
 */
static int frame_over(aws_unwrap_t *u, frame_t *f, int rc, bool *done, aws_item_t *item,
                      cf_diag_t *d)
{
    cf_diag_t again = CF_DIAG_INIT;
    uint64_t skipped;

    if (u->frames > 1) {
        pop_frame(u);
        return rc == CF_E_NOMEM ? rc : rc == CF_EOF ? CF_EOF : broken(u, item,
                "payload is damaged", d->text);
    }
    if (rc == CF_EOF) {
        *done = true;
        return CF_EOF;
    }
    if (!CF_IS_RECORD_ERR(rc))
        return rc;
    f->depth = 0;
    u->pairs = 0;
    u->arena.len = 0;
    memset(&f->scope[0], 0, sizeof f->scope[0]);
    u->offset = d->offset;
    rc = cf_json_resync(f->json, &skipped, &again);
    if (rc == CF_EOF)
        return d->code = CF_E_FORMAT;      /* what was lost cannot be counted */
    if (rc != CF_OK) {
        *d = again;
        return rc;
    }
    return broken(u, item, d->text, "");
}

static int line_step(frame_t *f, uint64_t offset, aws_item_t *item, cf_diag_t *d)
{
    const char *s;
    size_t n;
    int rc;

    if (cf_input_offset(f->in) > PAYLOAD_MAX)
        return cf_diag_set(d, CF_E_LIMIT, "more than %u bytes", PAYLOAD_MAX);
    rc = cf_input_line(f->in, 2 * AWS_LINE_MAX, &s, &n, d);
    if (rc != CF_OK)
        return rc;
    memset(item, 0, sizeof *item);
    item->type = AWS_ITEM_TEXT;
    item->text.s = s;
    item->text.n = n;
    item->offset = offset;
    return CF_OK;
}

int aws_unwrap_next(aws_unwrap_t *u, uint32_t values, char sep, aws_item_t *item, cf_diag_t *d)
{
    cf_diag_t own = CF_DIAG_INIT;
    bool done = false;
    int rc;

    for (;;) {
        frame_t *f = &u->frame[u->frames - 1];

        if (f->json != NULL) {
            rc = step(u, f, values, sep, item, &own);
            if (rc == CF_EOF)
                continue;
            if (rc == CF_E_INTERNAL)
                rc = CF_EOF;
        } else {
            rc = line_step(f, u->offset, item, &own);
        }
        if (rc == CF_OK) {
            u->given = true;
            return CF_OK;
        }
        rc = frame_over(u, f, rc, &done, item, &own);
        if (rc == CF_OK || done) {
            u->given = u->given || rc == CF_OK;
            return rc;
        }
        if (rc != CF_EOF) {
            if (rc == CF_E_NOMEM && own.code == 0)
                cf_diag_set(&own, rc, "no memory for reading JSON");
            if (d != NULL)
                *d = own;
            return rc;
        }
    }
}
