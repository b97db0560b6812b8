/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DuckDB behind a few functions: find the library, open a database that may do nothing but read
 * one file, run a query piece by piece. Everything that could leave the process is switched off:
 * extensions, network, other files, temporary files, secrets; the configuration is then locked.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "duck.h"

#define LIBRARY "libduckdb.so"

static int bind_all(duck_t *k, void *library, const char *from, cf_diag_t *d)
{
    const struct {
        const char *name;
        void *place;
    } functions[] = {
        { "duckdb_create_config", &k->create_config }, { "duckdb_set_config", &k->set_config },
        { "duckdb_destroy_config", &k->destroy_config }, { "duckdb_open_ext", &k->open_ext },
        { "duckdb_close", &k->close }, { "duckdb_connect", &k->connect },
        { "duckdb_disconnect", &k->disconnect }, { "duckdb_query", &k->query },
        { "duckdb_prepare", &k->prepare }, { "duckdb_prepare_error", &k->prepare_error },
        { "duckdb_destroy_prepare", &k->destroy_prepare },
        { "duckdb_execute_prepared", &k->execute_prepared },
        { "duckdb_result_error", &k->result_error },
        { "duckdb_destroy_result", &k->destroy_result },
        { "duckdb_column_count", &k->column_count }, { "duckdb_column_name", &k->column_name },
        { "duckdb_column_type", &k->column_type }, { "duckdb_fetch_chunk", &k->fetch_chunk },
        { "duckdb_destroy_data_chunk", &k->destroy_data_chunk },
        { "duckdb_data_chunk_get_size", &k->data_chunk_get_size },
        { "duckdb_data_chunk_get_vector", &k->data_chunk_get_vector },
        { "duckdb_vector_get_data", &k->vector_get_data },
        { "duckdb_vector_get_validity", &k->vector_get_validity }, { "duckdb_free", &k->free },
    };
    void *streaming = dlsym(library, "duckdb_execute_prepared_streaming");

    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        void *f = dlsym(library, functions[i].name);

        if (f == NULL)
            return cf_diag_set(d, CF_E_PLUGIN, "%s lacks %s: another DuckDB is needed", from,
                               functions[i].name);
        memcpy(functions[i].place, &f, sizeof f);
    }
    memcpy(&k->execute_prepared_streaming, &streaming, sizeof streaming);
    return CF_OK;
}

int duck_load(duck_t *k, const char *path, cf_diag_t *d)
{
    const char *names[] = { path, CF_DUCKDB_LIBRARY, LIBRARY };
    const char *why;

    memset(k, 0, sizeof *k);
    for (size_t i = 0; i < 3; i++) {
        void *library;

        if (names[i] == NULL || names[i][0] == '\0')
            continue;
        /* It stays: a library of C++ with threads is not for unloading. */
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (library != NULL)
            return bind_all(k, library, names[i], d);
        if (i == 0)
            break;             /* who names one wants that one */
    }
    why = dlerror();
    return cf_diag_set(d, CF_E_PLUGIN, "Parquet is read by DuckDB's library, which is not here: %s "
                       "(aws-parquet(7) tells where to get it)", why != NULL ? why : LIBRARY);
}

/* The first line of DuckDB's sentence; the others point into our SQL. */
static int fail(cf_diag_t *d, int code, const char *what, const char *why)
{
    int n = why != NULL ? (int)strcspn(why, "\n") : 0;

    return cf_diag_set(d, code, "%s%s%.*s", what, n > 0 ? ": " : "", n < 400 ? n : 400,
                       why != NULL ? why : "");
}

static int configure(duck_t *k, void *config, unsigned megabytes)
{
    static const struct {
        const char *name, *value;
        bool must;             /* without it files or the network could be reached */
    } options[] = {
        { "autoinstall_known_extensions", "false", true },
        { "autoload_known_extensions", "false", true },
        { "allow_community_extensions", "false", false },
        { "allow_persistent_secrets", "false", false },
        { "temp_directory", "", true },
        { "threads", "1", true },
        { "enable_external_file_cache", "false", false },
    };
    char memory[32];

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (k->set_config(config, options[i].name, options[i].value) != 0 && options[i].must)
            return CF_E_PLUGIN;
    }
    snprintf(memory, sizeof memory, "%uMB", megabytes);
    return k->set_config(config, "memory_limit", memory) == 0 ? CF_OK : CF_E_PLUGIN;
}

/* One statement without rows. */
static int say(duck_t *k, const char *sql, cf_diag_t *d)
{
    duck_result_t r;
    int rc = CF_OK;

    memset(&r, 0, sizeof r);
    if (k->query(k->con, sql, &r) != 0)
        rc = fail(d, CF_E_PLUGIN, "DuckDB cannot be locked", k->result_error(&r));
    k->destroy_result(&r);
    return rc;
}

int duck_open(duck_t *k, int fd, unsigned megabytes, cf_diag_t *d)
{
    void *config = NULL;
    char *error = NULL, sql[96];
    int rc;

    if (k->create_config(&config) != 0)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for DuckDB");
    rc = configure(k, config, megabytes);
    if (rc != CF_OK)
        fail(d, rc, "DuckDB does not take its configuration: another version is needed", NULL);
    else if (k->open_ext(NULL, &k->db, config, &error) != 0)
        rc = fail(d, CF_E_PLUGIN, "DuckDB does not start", error);
    else if (k->connect(k->db, &k->con) != 0)
        rc = fail(d, CF_E_PLUGIN, "DuckDB does not start", NULL);
    if (error != NULL)
        k->free(error);
    k->destroy_config(&config);
    if (rc != CF_OK)
        return rc;
    snprintf(sql, sizeof sql, "SET allowed_paths = ['/proc/self/fd/%d']", fd);
    rc = say(k, sql, d);
    if (rc == CF_OK)
        rc = say(k, "SET enable_external_access = false", d);
    if (rc == CF_OK)
        rc = say(k, "SET lock_configuration = true", d);
    return rc;
}

static void finish(duck_t *k)
{
    if (k->running)
        k->destroy_result(&k->result);
    k->running = false;
    if (k->statement != NULL)
        k->destroy_prepare(&k->statement);
    k->statement = NULL;
}

int duck_run(duck_t *k, const char *sql, cf_diag_t *d)
{
    int bad;

    finish(k);
    if (k->prepare(k->con, sql, &k->statement) != 0)
        return fail(d, CF_E_FORMAT, "not readable as Parquet", k->prepare_error(k->statement));
    memset(&k->result, 0, sizeof k->result);
    k->running = true;
    bad = k->execute_prepared_streaming != NULL
              ? k->execute_prepared_streaming(k->statement, &k->result)
              : k->execute_prepared(k->statement, &k->result);
    return bad == 0 ? CF_OK : fail(d, CF_E_FORMAT, "not readable as Parquet",
                                   k->result_error(&k->result));
}

int duck_next(duck_t *k, void **chunk, cf_diag_t *d)
{
    const char *why;

    *chunk = k->fetch_chunk(k->result);
    if (*chunk != NULL)
        return CF_OK;
    why = k->result_error(&k->result);
    return why == NULL || why[0] == '\0' ? CF_EOF
                                         : fail(d, CF_E_FORMAT, "not readable as Parquet", why);
}

void duck_close(duck_t *k)
{
    finish(k);
    if (k->con != NULL)
        k->disconnect(&k->con);
    if (k->db != NULL)
        k->close(&k->db);
}
