/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Through the JSON, token by token, with a scope for each container that matters. A record is an
 * object at the top, in an array at the top, or in an array "records" of such an object (blobs,
 * messages of Event Hub, batches of messages, a published sample with records in a record);
 * everything else is passed over. Keys come in any order. Behind broken JSON the next object that
 * begins like a record is looked for.
 *
 *     NSG    {…,"properties":{"flows":[{"rule":R,"flows":[{"mac":M,"flowTuples":[…]}]}]}}
 *     VNet   {…,"flowRecords":{"flows":[{"aclID":A,"flowGroups":[{"rule":R,"flowTuples":[…]}]}]}}
 */
#include "azure.h"

enum key {
    K_OTHER = 0, K_RULE, K_ACL, K_MAC, K_RESOURCE, K_TARGET, K_FLOWLOG,    /* texts, in their order */
    K_RECORDS, K_PART, K_PARTS, K_TUPLES
};

#define IS(word, meaning) \
    if (memcmp(s, word, sizeof word - 1) == 0) \
        return meaning

static enum key key_of(const char *s, size_t n)
{
    switch (n) {
    case 3: IS("mac", K_MAC); break;
    case 4: IS("rule", K_RULE); break;
    case 5: IS("flows", K_PARTS); IS("aclID", K_ACL); break;
    case 7: IS("records", K_RECORDS); break;
    case 10:
        IS("flowTuples", K_TUPLES);
        IS("flowGroups", K_PARTS);
        IS("macAddress", K_MAC);
        IS("properties", K_PART);
        IS("resourceId", K_RESOURCE);
        IS("resourceid", K_RESOURCE);
        IS("resourceID", K_RESOURCE);
        break;
    case 11: IS("flowRecords", K_PART); break;
    case 16: IS("targetResourceID", K_TARGET); IS("targetResourceId", K_TARGET); break;
    case 17: IS("flowLogResourceID", K_FLOWLOG); IS("flowLogResourceId", K_FLOWLOG); break;
    default: break;
    }
    return K_OTHER;
}

/* ---- scopes ------------------------------------------------------------------------------- */

static az_scope_t *push(az_t *st, az_role_t role, uint64_t offset)
{
    az_scope_t *s = &st->scope[st->depth++];

    memset(s, 0, sizeof *s);
    s->role = (uint8_t)role;
    s->offset = offset;
    s->first = az_row(st);
    s->arena = st->arena.len;
    return s;
}

/* The record that the innermost scopes belong to, or NULL. */
static az_scope_t *record(az_t *st)
{
    uint32_t i = st->depth;

    while (i > 0 && st->scope[i - 1].role != AZ_RECORD)
        i--;
    return i > 0 ? &st->scope[i - 1] : NULL;
}

static int pop(az_t *st, uint64_t end)
{
    az_scope_t *s = &st->scope[st->depth - 1];
    int rc = az_settle(st, s);
    uint64_t now = az_row(st);

    st->depth--;
    st->arena.len = s->arena;
    st->in_tuples = false;
    if (s->role == AZ_RECORD) {
        /* Rows of a record are not those of what is around it. */
        for (uint32_t i = 0; i < st->depth; i++)
            st->scope[i].first = now;
        st->env->account->others += !s->flows && !s->wrapper;
        if (!s->wrapper) {
            st->record_end = end;
            st->record_rows = 0;
        }
    }
    if (st->depth == 0) {
        st->value_end = end;
        st->values++;
    }
    return rc;
}

/* The role of a container that begins, 0 = none: it is passed over. */
static az_role_t role_of(const az_t *st, bool array)
{
    const az_scope_t *up = st->depth > 0 ? &st->scope[st->depth - 1] : NULL;

    if (up == NULL || up->role == AZ_RECORDS)
        return array ? AZ_RECORDS : AZ_RECORD;
    if (up->role == AZ_PARTS)
        return array ? AZ_PARTS : AZ_PART;
    if (up->role == AZ_TUPLES)
        return 0;
    if (array && up->key == K_RECORDS && up->role == AZ_RECORD)
        return AZ_RECORDS;
    if (array && up->key == K_TUPLES)
        return AZ_TUPLES;
    if (up->key == K_PARTS)
        return array ? AZ_PARTS : AZ_PART;
    return up->key == K_PART && !array ? AZ_PART : 0;
}

static int open_records(az_t *st, uint64_t offset)
{
    az_scope_t *up = st->depth > 0 ? &st->scope[st->depth - 1] : NULL;
    int rc = az_settle_all(st);

    if (up != NULL && up->role == AZ_RECORD) {
        up->wrapper = true;
        st->wrapper_depth = st->depth - 1;
    }
    /* Where a later run goes on: all that is open up to here says nothing of the rows. */
    st->nested = st->nested || st->record_end > st->value_at;
    st->array_at = offset + 1;
    st->record_end = 0;
    return rc;
}

static int open_container(az_t *st, const cf_json_token_t *t, cf_diag_t *d)
{
    bool array = t->type == CF_JSON_ARRAY;
    az_role_t role;
    az_scope_t *r;
    int rc = CF_OK;

    if (t->depth == 0) {
        st->value_at = t->offset;
        st->array_at = 0;
        st->record_end = 0;
        st->record_rows = 0;
        st->nested = false;
    }
    role = role_of(st, array);
    if (role == 0)
        return cf_json_skip(st->json, t, d);
    if (role == AZ_RECORDS)
        rc = open_records(st, t->offset);
    if (role == AZ_PARTS || role == AZ_TUPLES) {
        r = record(st);
        if (r != NULL)
            r->flows = true;
    }
    push(st, role, t->offset);
    if (role == AZ_RECORD) {
        st->record_depth = t->depth;
        st->seen_record = true;
        st->record_rows = 0;
    }
    st->in_tuples = role == AZ_TUPLES;
    return rc;
}

/* A text of the innermost object. */
static int keep_text(az_t *st, const cf_json_token_t *t)
{
    az_scope_t *s = &st->scope[st->depth - 1];
    unsigned i = s->key - (unsigned)K_RULE;

    if (s->text[i].set && t->len <= s->text[i].n) {
        memcpy(st->arena.data + s->text[i].at, t->text, t->len);
    } else {
        if (t->len > AZ_TEXT_MAX || st->arena.len + t->len > AZ_ARENA_MAX) {
            cf_rejects_add(st->env->rejects, CF_R_LONG, 0, t->offset, t->text,
                           t->len < 64 ? t->len : 64,
                           "a rule, identifier or path of %zu bytes; its rows stay without it",
                           t->len);
            return CF_OK;
        }
        s->text[i].at = st->arena.len;
        if (cf_buf_put(&st->arena, t->text, t->len) != CF_OK)
            return CF_E_NOMEM;
    }
    s->text[i].n = (uint32_t)t->len;
    s->text[i].set = true;
    return CF_OK;
}

/* ---- behind a fault ----------------------------------------------------------------------- */

/* Scopes as they must be around an object that was found in depth containers. */
static void land(az_t *st, uint32_t depth, uint64_t offset)
{
    while (st->depth < depth)
        push(st, AZ_RECORD, offset);
    st->depth = depth;
    for (uint32_t i = 0; i < depth; i++) {
        az_scope_t *s = &st->scope[i];

        /* Arrays and objects around records; the innermost is an array. */
        if (i + 1 == depth)
            s->role = AZ_RECORDS;
        else if (s->role != AZ_RECORDS)
            s->role = AZ_RECORD;
        s->wrapper = s->role == AZ_RECORD;
        s->first = az_row(st);
        memset(s->text, 0, sizeof s->text);
    }
    st->arena.len = depth > 0 ? st->scope[0].arena : 0;
    st->jumped = false;
}

static int broken(az_t *st, int code, cf_diag_t *d)
{
    uint32_t depth = st->record_depth, i;
    cf_json_anchor_t anchors[] = {
        { "records", st->wrapper_depth }, { "time", 0 }, { "systemId", 0 }, { "macAddress", 0 },
        { "category", 0 }, { "resourceId", 0 }, { "resourceid", 0 }, { "operationName", 0 },
        { "properties", 0 }, { "flowLogVersion", 0 }, { "flowLogGUID", 0 },
        { "flowLogResourceID", 0 }, { "targetResourceID", 0 }, { "flowRecords", 0 }, { NULL, 0 },
    };
    int rc;

    cf_rejects_add(st->env->rejects, code, 0, d->offset, NULL, 0, "%s", d->text);
    for (i = st->depth; !st->seen_record && i > 0; i--) {
        if (st->scope[i - 1].role == AZ_RECORDS) {
            depth = i;
            break;
        }
    }
    for (i = 1; anchors[i].key != NULL; i++)
        anchors[i].depth = depth;
    rc = az_settle_all(st);
    st->in_tuples = false;
    st->jumped = true;
    cf_diag_clear(d);
    if (rc == CF_OK)
        rc = cf_json_resync_object(st->json, anchors, NULL, d);
    st->record_end = cf_json_offset(st->json);
    st->record_rows = 0;
    if (rc == CF_EOF) {
        st->depth = 0;
        st->lost = st->array_at > 0;
        st->value_end = st->record_end;
    }
    return rc;
}

static int cut(az_t *st, cf_diag_t *d)
{
    const az_scope_t *r = record(st);

    if (r != NULL && !r->wrapper)
        return cf_diag_set(d, CF_E_TRUNC, "ends inside of the record that begins at byte %llu",
                           (unsigned long long)r->offset);
    return cf_diag_set(d, CF_E_TRUNC, "ends inside of the JSON around its records");
}

/* ---- tokens ------------------------------------------------------------------------------- */

static int token(az_t *st, cf_diag_t *d)
{
    cf_json_token_t t;
    int rc = cf_json_next(st->json, &t, d);

    if (rc != CF_OK)
        return rc;
    if (st->jumped)
        land(st, t.depth, t.offset);
    switch (t.type) {
    case CF_JSON_OBJECT:
    case CF_JSON_ARRAY:
        return open_container(st, &t, d);
    case CF_JSON_OBJECT_END:
    case CF_JSON_ARRAY_END:
        return pop(st, t.offset + 1);
    case CF_JSON_KEY:
        st->scope[st->depth - 1].key = (uint8_t)key_of(t.text, t.len);
        return CF_OK;
    case CF_JSON_STRING:
        if (st->depth > 0) {
            const az_scope_t *s = &st->scope[st->depth - 1];

            if ((s->role == AZ_RECORD || s->role == AZ_PART) && s->key >= K_RULE &&
                s->key <= K_FLOWLOG)
                return keep_text(st, &t);
        }
        break;
    default:
        break;
    }
    if (st->depth == 0) {
        st->value_end = cf_json_offset(st->json);
        st->values++;
    }
    return CF_OK;
}

/* Is all known that the texts of the open record can tell? Then its rows need not wait. */
static bool known(const az_t *st)
{
    bool have[AZ_TEXTS] = { false };

    for (uint32_t i = 0; i < st->depth; i++)
        for (int k = 0; k < AZ_TEXTS; k++)
            have[k] = have[k] || st->scope[i].text[k].set;
    return have[AZ_T_RULE] && have[AZ_T_MAC] &&
           (st->kind == AZ_VNET ? have[AZ_T_TARGET] && have[AZ_T_ACL] && have[AZ_T_FLOWLOG]
            : have[AZ_T_RESOURCE]);
}

static int another_batch(az_t *st, cf_diag_t *d)
{
    int rc = CF_OK;

    if (az_now(st) != NULL && (st->depth == 0 || known(st)))
        rc = az_settle_all(st);
    if (rc != CF_OK)
        return cf_diag_set(d, rc, "no memory for a batch of rows");
    return az_next_batch(st, d);
}

int az_walk(az_t *st, cf_diag_t *d)
{
    const az_batch_t *h = az_now(st);
    int rc = CF_OK;

    if (h == NULL || h->heavy || h->b->rows == CF_BATCH_ROWS) {
        rc = another_batch(st, d);
        if (rc == CF_OK && az_ready(st))
            return CF_OK;
    }
    while (rc == CF_OK) {
        if (st->in_tuples) {
            rc = az_run(st, d);
            h = az_now(st);
            if (rc == CF_OK)
                return CF_OK;
            if (rc == CF_EOF)
                rc = pop(st, cf_json_offset(st->json));
        } else {
            rc = token(st, d);
        }
        if (rc == CF_R_SYNTAX || rc == CF_R_LONG)
            rc = broken(st, rc, d);
        h = az_now(st);
        if (rc == CF_OK && (h->heavy || h->b->rows == CF_BATCH_ROWS))
            return CF_OK;
    }
    /* An input that fails itself (a cut .gz) has told so already. */
    if (rc == CF_E_TRUNC && cf_input_ended(st->in) == CF_EOF)
        rc = cut(st, d);
    if (rc == CF_E_NOMEM && d->code == 0)
        cf_diag_set(d, rc, "no memory for a batch of rows");
    return rc;
}
