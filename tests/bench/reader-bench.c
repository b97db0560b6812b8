/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast is a reader alone? Loads a log into memory, has the reader make batches of all its
 * columns some times, and prints the best: megabytes and rows a second of processor time. Nothing
 * is encoded or written.
 *
 *     reader-bench [-n ROUNDS] READER FILE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cf/plugin.h>
#include <cf/site.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool wanted(void *ctx, const cf_field_t *f, const char *name)
{
    (void)ctx;
    (void)f;
    (void)name;
    return true;
}

static char *load(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *bytes = NULL;
    long size;

    if (f == NULL)
        return NULL;
    if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
        *n = (size_t)size;
        bytes = malloc(*n + 1);
        if (bytes != NULL && fread(bytes, 1, *n, f) != *n) {
            free(bytes);
            bytes = NULL;
        }
    }
    fclose(f);
    return bytes;
}

/* One pass; the error that ended it, CF_EOF when all is well. */
static int pass(const cf_reader_ops_t *ops, const cf_setting_value_t *settings, const char *text,
                size_t n, cf_account_t *account, cf_diag_t *d)
{
    cf_schema_t *schema = cf_schema_create();
    cf_batch_t *batch = schema != NULL ? cf_batch_create(schema) : NULL;
    cf_rejects_t rejects;
    cf_reader_env_t env = { .name = "bench", .settings = settings, .rejects = &rejects,
                            .account = account, .wanted = wanted };
    cf_input_t *in = NULL;
    void *state = NULL;
    int rc = batch != NULL ? cf_input_open_memory(&in, "text", text, n, 0, d) : CF_E_NOMEM;

    cf_account_init(account);
    cf_rejects_init(&rejects, account);
    if (rc == CF_OK)
        rc = ops->open(&state, &env, d);
    while (rc == CF_OK)
        rc = ops->read(state, in, batch, d);
    if (state != NULL)
        ops->close(state);
    cf_input_close(in);
    cf_batch_destroy(batch);
    cf_schema_put(schema);
    return rc;
}

int main(int argc, char **argv)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_site_t *site = NULL;
    cf_module_t *module = NULL;
    cf_setting_value_t *settings = NULL;
    int rounds = 5, i = 1, r, rc;

    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        rounds = (int)strtol(argv[2], NULL, 10);
        i = 3;
    }
    if (i + 1 >= argc || cf_site_open(&site, NULL, &d) != CF_OK ||
        cf_site_module(site, argv[i], &module, &d) != CF_OK ||
        cf_module_settings(module, NULL, &settings, &d) != CF_OK) {
        fprintf(stderr, "usage: reader-bench [-n ROUNDS] READER FILE...\n%s\n", d.text);
        return 2;
    }
    for (i++; i < argc; i++) {
        cf_account_t account;
        size_t n = 0;
        char *text = load(argv[i], &n);
        double best = 0;

        rc = CF_E_IO;
        for (r = 0; text != NULL && r < rounds; r++) {
            double from = now(), took;

            rc = pass(cf_module_plugin(module)->ops, settings, text, n, &account, &d);
            took = now() - from;
            best = r == 0 || took < best ? took : best;
        }
        free(text);
        if (rc != CF_EOF) {
            fprintf(stderr, "reader-bench: %s: error %d: %s\n", argv[i], rc, d.text);
            return 1;
        }
        printf("%s: %.1f MB, %llu rows, %llu rejected: %.0f MB/s, %.2f M rows/s\n", argv[i],
               (double)n / 1e6, (unsigned long long)account.rows_kept,
               (unsigned long long)cf_account_rejected(&account), (double)n / 1e6 / best,
               (double)account.rows_kept / 1e6 / best);
    }
    cf_settings_free(settings);
    cf_site_close(site);
    return 0;
}
