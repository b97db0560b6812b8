/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of DuckDB's C interface that the reader uses, declared here from its public
 * documentation ("C API", duckdb.org) because the library comes without its header. The library is
 * loaded when the first Parquet file is opened and not before: it has 70 MB, and no other log pays
 * for it. One database in memory for each input, locked to that one file.
 */
#ifndef DUCK_H
#define DUCK_H

#include <cf/base.h>

/* Numbers of duckdb_type that matter here. */
typedef enum duck_type {
    DUCK_BOOLEAN = 1, DUCK_TINYINT = 2, DUCK_SMALLINT = 3, DUCK_INTEGER = 4, DUCK_BIGINT = 5,
    DUCK_UTINYINT = 6, DUCK_USMALLINT = 7, DUCK_UINTEGER = 8, DUCK_UBIGINT = 9, DUCK_FLOAT = 10,
    DUCK_DOUBLE = 11, DUCK_TIMESTAMP = 12, DUCK_VARCHAR = 17, DUCK_BLOB = 18,
    DUCK_TIMESTAMP_S = 20, DUCK_TIMESTAMP_MS = 21, DUCK_TIMESTAMP_NS = 22, DUCK_LIST = 24,
    DUCK_STRUCT = 25, DUCK_MAP = 26, DUCK_UNION = 28, DUCK_TIMESTAMP_TZ = 31, DUCK_ARRAY = 33
} duck_type_t;

/* duckdb_result; handed to some functions by value. */
typedef struct duck_result {
    uint64_t old_columns, old_rows, old_changed;
    void *old_column;
    char *old_error;
    void *inside;
} duck_result_t;

/* duckdb_string_t: short texts lie in it, others where ptr says. */
typedef struct duck_string {
    uint32_t length;
    char start[4];
    union {
        char rest[8];
        const char *ptr;
    } u;
} duck_string_t;
#define DUCK_INLINE 12u

static inline const char *duck_text(const duck_string_t *s)
{
    return s->length <= DUCK_INLINE ? s->start : s->u.ptr;
}

/* Handles (duckdb_database, …) are pointers to what we do not know. */
typedef struct duck {
    int (*create_config)(void **config);
    int (*set_config)(void *config, const char *name, const char *value);
    void (*destroy_config)(void **config);
    int (*open_ext)(const char *path, void **db, void *config, char **error);
    void (*close)(void **db);
    int (*connect)(void *db, void **con);
    void (*disconnect)(void **con);
    int (*query)(void *con, const char *sql, duck_result_t *r);
    int (*prepare)(void *con, const char *sql, void **statement);
    const char *(*prepare_error)(void *statement);
    void (*destroy_prepare)(void **statement);
    int (*execute_prepared)(void *statement, duck_result_t *r);
    /* may be missing in a later version: then the result is built as a whole, within memory_limit */
    int (*execute_prepared_streaming)(void *statement, duck_result_t *r);
    const char *(*result_error)(duck_result_t *r);
    void (*destroy_result)(duck_result_t *r);
    uint64_t (*column_count)(duck_result_t *r);
    const char *(*column_name)(duck_result_t *r, uint64_t i);
    int (*column_type)(duck_result_t *r, uint64_t i);
    void *(*fetch_chunk)(duck_result_t r);
    void (*destroy_data_chunk)(void **chunk);
    uint64_t (*data_chunk_get_size)(void *chunk);
    void *(*data_chunk_get_vector)(void *chunk, uint64_t i);
    void *(*vector_get_data)(void *vector);
    uint64_t *(*vector_get_validity)(void *vector);
    void (*free)(void *p);
    void *db, *con, *statement;
    duck_result_t result;
    bool running;              /* result is a query's */
} duck_t;

/* Load the library: from path, else where configure found it, else where the system looks. */
int duck_load(duck_t *k, const char *path, cf_diag_t *d);
/* A database that can read the file of descriptor fd and do nothing else. */
int duck_open(duck_t *k, int fd, unsigned megabytes, cf_diag_t *d);
/* Run sql; rows come by duck_next. CF_E_FORMAT with DuckDB's sentence when it fails. */
int duck_run(duck_t *k, const char *sql, cf_diag_t *d);
/* Next piece of the result, to be given back by destroy_data_chunk; CF_EOF behind the last. */
int duck_next(duck_t *k, void **chunk, cf_diag_t *d);
void duck_close(duck_t *k);

#endif
