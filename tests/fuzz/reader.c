/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers through the contract of modules: any bytes, unpacked as a file would be, give batches
 * that keep their promises, every row met is kept or rejected with a reason, and where a reader
 * can be continued, its cursor lies within the input and rows already read are left out. FUZZ_READERS
 * names the readers of one target.
 */
#include <cf/plugin.h>
#include <cf/site.h>

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
         uint64_t *kept)
{
    const cf_reader_ops_t *ops = cf_module_plugin(module[which])->ops;
    cf_diag_t d = CF_DIAG_INIT;
    cf_schema_t *schema = cf_schema_create();
    cf_batch_t *batch = schema != NULL ? cf_batch_create(schema) : NULL;
    cf_input_t *in = NULL;
    cf_rejects_t rejects;
    cf_reader_env_t env = { .name = "fuzz", .rejects = &rejects, .account = account,
                            .wanted = wanted, .settings = settings[which], .skip = skip };
    cf_cursor_t cursor;
    void *state = NULL;
    int err = CF_E_NOMEM;

    *kept = 0;
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
        ops->cursor(state, &cursor, &d) == CF_OK) {
        FUZZ_CHECK(cursor.head_len <= CF_CURSOR_HEAD_MAX);
        FUZZ_CHECK(cursor.head + cursor.head_len <= cursor.offset || cursor.head_len == 0);
        FUZZ_CHECK(cursor.offset <= cf_input_offset(in));
    }
done:
    if (state != NULL)
        ops->close(state);
    cf_input_close(in);
    cf_batch_destroy(batch);
    cf_schema_put(schema);
    return err;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cf_probe_t probe = { .name = "fuzz", .bytes = (const char *)bytes, .len = n, .whole = true };

    begin();
    for (int i = 0; i < READERS; i++) {
        const cf_reader_ops_t *ops = cf_module_plugin(module[i])->ops;
        cf_account_t all, rest;
        uint64_t kept, left;
        int sure = ops->probe(&probe);

        FUZZ_CHECK(sure >= 0 && sure <= 100);
        if (read_all(i, bytes, n, 0, &all, &kept) == CF_EOF && ops->cursor != NULL && kept > 1 &&
            cf_account_rejected(&all) == 0) {
            FUZZ_CHECK(read_all(i, bytes, n, kept / 2, &rest, &left) == CF_EOF);
            FUZZ_CHECK(left == kept - kept / 2 && rest.rows_read == left);
        }
    }
    return 0;
}
