/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers through the contract of modules: any bytes, unpacked as a file would be, give batches
 * that keep their promises, every row met is kept or rejected with a reason, and where a reader
 * can be continued, its cursor lies within the input, rows already read are left out, and from
 * the cursor on there is none. FUZZ_READERS names the readers of one target.
 */
#include <cf/plugin.h>
#include <cf/site.h>

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#ifndef FUZZ_READERS
#define FUZZ_READERS "aws-vpc"
#endif

static const char *const readers[] = { FUZZ_READERS };
enum { READERS = sizeof readers / sizeof readers[0] };
/* Settings that all of a target's readers have. */
#ifdef FUZZ_SETTINGS
static const char *const given[] = { FUZZ_SETTINGS, NULL };
#else
static const char *const *const given = NULL;
#endif
static cf_site_t *site;
static cf_module_t *module[READERS];
static cf_setting_value_t *settings[READERS];

static bool
wanted(void *ctx, const cf_field_t *f, const char *name)
{
    (void)ctx;
    (void)f;
    (void)name;
    return true;
}

/* Loaded once: the loader is not what is tried here. */
static void
begin(void)
{
    cf_diag_t d = CF_DIAG_INIT;

    if (site != NULL)
        return;
    if (cf_site_open(&site, NULL, &d) != CF_OK) {
        fprintf(stderr, "%s\n", d.text);
        exit(99);
    }
    for (int i = 0; i < READERS; i++) {
        if (cf_site_module(site, readers[i], &module[i], &d) != CF_OK ||
            cf_module_settings(module[i], given, &settings[i], &d) != CF_OK) {
            fprintf(stderr, "%s\n", d.text);
            exit(99);
        }
    }
}

static void
look_at(const cf_batch_t *b)
{
    uint32_t col, row, len;

    FUZZ_CHECK(b->rows <= CF_BATCH_ROWS && b->ncols == cf_schema_count(b->schema));
    for (col = 0; col < b->ncols && b->rows > 0; col++) {
        const cf_vec_t *v = &b->cols[col];
        uint32_t nulls = 0;

        for (row = 0; row < b->rows; row++) {
            nulls += cf_vec_is_null(v, row);
            if (v->kind == CF_KIND_STRING && !cf_vec_is_null(v, row)) {
                FUZZ_CHECK(((const uint32_t *)v->data)[row] < v->dict.count);
                (void)cf_vec_string(v, row, &len);
            }
        }
        FUZZ_CHECK(nulls == v->nulls);
    }
}

/* One reading with rows to leave out; kept rows in *kept. How it ended. */
static int
read_all(int which, const uint8_t *bytes, size_t n, uint64_t skip, cf_account_t *account,
         uint64_t *kept, cf_cursor_t *cursor)
{
    const cf_reader_ops_t *ops = cf_module_plugin(module[which])->ops;
    cf_diag_t d = CF_DIAG_INIT;
    cf_schema_t *schema = cf_schema_create();
    cf_batch_t *batch = schema != NULL ? cf_batch_create(schema) : NULL;
    cf_input_t *in = NULL;
    cf_rejects_t rejects;
    cf_reader_env_t env = { .name = "fuzz", .rejects = &rejects, .account = account,
                            .wanted = wanted, .settings = settings[which], .skip = skip };
    cf_cursor_t c;
    void *state = NULL;
    int err = CF_E_NOMEM;

    *kept = 0;
    if (cursor != NULL)
        cursor->offset = UINT64_MAX;
    cf_account_init(account);
    cf_rejects_init(&rejects, account);
    if (batch == NULL || cf_input_open_memory(&in, "fuzz", bytes, n, 0, &d) != CF_OK)
        goto done;
    err = ops->open(&state, &env, &d);
    while (err == CF_OK) {
        err = ops->read(state, in, batch, &d);
        if (err == CF_OK)
            look_at(batch);
        *kept += err == CF_OK ? batch->rows : 0;
    }
    FUZZ_CHECK(err == CF_EOF || d.text[0] != '\0');
    if (err == CF_EOF) {
        FUZZ_CHECK(account->rows_kept == *kept);
        FUZZ_CHECK(account->rows_read == *kept + cf_account_rejected(account));
    }
    if (ops->cursor != NULL && (err == CF_EOF || err == CF_E_TRUNC) &&
        ops->cursor(state, &c, &d) == CF_OK) {
        FUZZ_CHECK(c.head_len <= CF_CURSOR_HEAD_MAX);
        FUZZ_CHECK(c.head + c.head_len <= c.offset || c.head_len == 0);
        FUZZ_CHECK(c.offset <= cf_input_offset(in));
        if (cursor != NULL && strcmp(cf_input_packing(in), "plain") == 0)
            *cursor = c;
    }
done:
    if (state != NULL)
        ops->close(state);
    cf_input_close(in);
    cf_batch_destroy(batch);
    cf_schema_put(schema);
    return err;
}

/* What a later run would see of an input that has not grown: the head, then nothing new. */
static void
go_on(int which, const uint8_t *bytes, size_t n, const cf_cursor_t *c)
{
    cf_account_t account;
    uint64_t kept;
    size_t at = (size_t)c->offset, len;
    uint8_t *rest;

    if (c->comma) {
        while (at < n && bytes[at] != '\0' && strchr(" \t\r\n", bytes[at]) != NULL)
            at++;
        at = at < n && bytes[at] == ',' ? at + 1 : (size_t)c->offset;
    }
    len = c->head_len + (n - at);
    rest = malloc(len + 1);
    if (rest == NULL)
        return;
    memcpy(rest, bytes + c->head, c->head_len);
    memcpy(rest + c->head_len, bytes + at, n - at);
    if (read_all(which, rest, len, c->skip, &account, &kept, NULL) == CF_EOF)
        FUZZ_CHECK(kept == 0);
    free(rest);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cf_probe_t probe = { .name = "fuzz", .bytes = (const char *)bytes, .len = n, .whole = true };

    begin();
    for (int i = 0; i < READERS; i++) {
        const cf_reader_ops_t *ops = cf_module_plugin(module[i])->ops;
        cf_account_t all, rest;
        cf_cursor_t cursor;
        uint64_t kept, left;
        int sure = ops->probe(&probe);

        FUZZ_CHECK(sure >= 0 && sure <= 100);
        if (read_all(i, bytes, n, 0, &all, &kept, &cursor) != CF_EOF || ops->cursor == NULL)
            continue;
        if (kept > 1 && cf_account_rejected(&all) == 0) {
            FUZZ_CHECK(read_all(i, bytes, n, kept / 2, &rest, &left, NULL) == CF_EOF);
            FUZZ_CHECK(left == kept - kept / 2 && rest.rows_read == left);
        }
        if (cursor.offset != UINT64_MAX)
            go_on(i, bytes, n, &cursor);
    }
    return 0;
}
