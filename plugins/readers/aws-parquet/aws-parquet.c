/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of AWS VPC Flow Logs in Parquet, as AWS delivers them to S3 and as others write them. The
 * format is left to DuckDB's library (duck.h); this file is the module's face: descriptor,
 * settings, life of its state. pq.h tells the way of a row, the manual is aws-parquet.7.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pq.h"

enum { SET_LIBRARY, SET_MEMORY, SET_TMPDIR, SET_UNKNOWN };

static const cf_setting_t settings[] = {
    { "library", CF_SETTING_STRING, NULL, 1, 4095, NULL,
      "file of DuckDB's library, absolute; without it the one configured, else libduckdb.so" },
    { "memory", CF_SETTING_UINT, "64", 16, 65536, NULL, "megabytes that DuckDB may use for a file" },
    { "tmpdir", CF_SETTING_STRING, NULL, 1, 4000, NULL,
      "folder for files that come through a pipe or compressed; without it TMPDIR, else /var/tmp" },
    { "unknown", CF_SETTING_ENUM, "keep", 0, 0, "keep drop",
      "columns whose names are not known: keep them as text, or drop" },
    { NULL, 0, NULL, 0, 0, NULL, NULL }
};

/* A name without a folder would be looked for in folders that others may choose. */
static int check(const cf_setting_value_t *v, cf_diag_t *d)
{
    if (v[SET_LIBRARY].set && v[SET_LIBRARY].text[0] != '/')
        return cf_diag_set(d, CF_E_USAGE, "library must be an absolute path");
    return CF_OK;
}

static int probe(const cf_probe_t *p)
{
    /* Whose Parquet it is, its end tells; the reader refuses what is not AWS's. */
    return p->len >= 4 && memcmp(p->bytes, "PAR1", 4) == 0 ? 50 : 0;
}

static void reader_close(void *state)
{
    pq_t *st = state;

    if (st == NULL)
        return;
    if (st->chunk != NULL)
        st->duck.destroy_data_chunk(&st->chunk);
    duck_close(&st->duck);
    pq_forget(st);
    if (st->fd >= 0)
        close(st->fd);
    free(st);
}

static int reader_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    const cf_setting_value_t *v = env->settings;
    pq_t *st = calloc(1, sizeof *st);

    *state = NULL;
    if (st == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
    st->env = env;
    st->fd = -1;
    st->library = v[SET_LIBRARY].set ? v[SET_LIBRARY].text : NULL;
    st->megabytes = (unsigned)v[SET_MEMORY].number;
    st->tmpdir = v[SET_TMPDIR].set ? v[SET_TMPDIR].text : NULL;
    st->keep_unknown = v[SET_UNKNOWN].number == 0;
    st->skip = env->skip;
    *state = st;
    return CF_OK;
}

static int start(pq_t *st, cf_input_t *in, cf_diag_t *d)
{
    int rc = pq_file(in, st->tmpdir, &st->fd, &st->spooled, d);

    if (rc == CF_OK)
        rc = duck_load(&st->duck, st->library, d);
    if (rc == CF_OK)
        rc = duck_open(&st->duck, st->fd, st->megabytes, d);
    if (rc == CF_OK)
        rc = pq_describe(st, d);
    return rc;
}

static int fill(pq_t *st, cf_input_t *in, cf_diag_t *d)
{
    int rc = CF_OK;

    if (!st->described) {
        st->described = true;
        rc = start(st, in, d);
        if (rc == CF_OK && cf_batch_reset(st->batch, st->schema) != CF_OK)
            rc = cf_diag_set(d, CF_E_NOMEM, "no memory for the columns of the log");
        return rc;             /* no rows, as CF_READER_WHOLE promises */
    }
    if (!st->selected) {
        st->selected = true;
        rc = pq_select(st, d);
    }
    if (rc == CF_OK)
        rc = pq_rows(st, d);
    /* The rows came past the input: what it holds counts as read now. */
    if (rc == CF_EOF && !st->spooled && pq_drain(in, d) != CF_OK)
        rc = CF_E_IO;
    if (rc == CF_EOF)
        st->end = cf_input_offset(in);
    return rc;
}

static int reader_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    pq_t *st = state;

    if (st->error == CF_OK) {
        st->batch = batch;
        cf_diag_clear(&st->diag);
        st->error = fill(st, in, &st->diag);
        st->env->account->bytes = cf_input_offset(in);
        if (batch->rows > 0)
            return CF_OK;      /* these first; st->error comes with the next call */
    }
    if (st->error < 0 && d != NULL)
        *d = st->diag;
    return st->error;
}

/* A file is written at once: what comes behind it would be something else, and is not Parquet. */
static int reader_cursor(void *state, cf_cursor_t *c, cf_diag_t *d)
{
    const pq_t *st = state;

    if (st->end == 0)
        return cf_diag_set(d, CF_E_USAGE, "Parquet that was read in part cannot be continued");
    c->offset = st->end;
    return CF_OK;
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = probe,
    .open = reader_open,
    .read = reader_read,
    .close = reader_close,
    .cursor = reader_cursor,
    .map = aws_map,
    .flags = CF_READER_WHOLE,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(aws_parquet);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(aws_parquet) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "aws-parquet",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "AWS VPC and Transit Gateway flow logs in Parquet, by DuckDB's library",
    .settings = settings,
    .check = check,
    .ops = &ops,
};
