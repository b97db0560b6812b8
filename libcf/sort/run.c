/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sorted rows in the temporary file: blocks of encoded columns (the light encodings of .cf), whose
 * places are kept in memory. The file has no name and nobody but this process reads it, so there
 * are no checksums. When it cannot be written the error is CF_E_LIMIT: it is no fault of an input.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sort/sort.h"

int cfi_runfile_open(cfi_runfile_t *f, cf_diag_t *d)
{
    const char *dir = f->tmpdir;
    char path[4096];
    int n;

    if (f->fd >= 0)
        return CF_OK;
    if (dir == NULL || *dir == '\0')
        dir = getenv("TMPDIR");
    if (dir == NULL || *dir == '\0')
        dir = "/var/tmp";
    n = snprintf(path, sizeof path, "%s/cftools-XXXXXX", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return cf_diag_set(d, CF_E_LIMIT, "the name of the folder for temporary files is too long");
    f->fd = mkostemp(path, O_CLOEXEC);
    if (f->fd < 0)
        return cf_diag_errno(d, CF_E_LIMIT, errno, "cannot make a temporary file in %s", dir);
    unlink(path);
    return CF_OK;
}

void cfi_runfile_fini(cfi_runfile_t *f)
{
    if (f->fd >= 0)
        close(f->fd);
    free(f->tmpdir);
    f->fd = -1;
    f->tmpdir = NULL;
}

static int write_all(int fd, const uint8_t *p, size_t n, uint64_t offset, cf_diag_t *d)
{
    while (n > 0) {
        ssize_t done = pwrite(fd, p, n, (off_t)offset);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return cf_diag_errno(d, CF_E_LIMIT, errno, "cannot write the temporary file");
        p += done;
        n -= (size_t)done;
        offset += (uint64_t)done;
    }
    return CF_OK;
}

static int read_all(int fd, uint8_t *p, size_t n, uint64_t offset, cf_diag_t *d)
{
    while (n > 0) {
        ssize_t done = pread(fd, p, n, (off_t)offset);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return cf_diag_errno(d, CF_E_LIMIT, errno, "cannot read the temporary file");
        if (done == 0)
            return cf_diag_set(d, CF_E_LIMIT, "the temporary file has become shorter");
        p += done;
        n -= (size_t)done;
        offset += (uint64_t)done;
    }
    return CF_OK;
}

int cfi_run_write(cfi_runfile_t *f, cfi_encoder_t *e, const cf_batch_t *batch, cfi_runblock_t *b,
                  cf_diag_t *d)
{
    cfi_encoded_t enc;
    int rc = cfi_encoder_run(e, batch, &enc, d);

    if (rc != CF_OK)
        return rc;
    b->rows = enc.rows;
    b->bytes = enc.start[enc.ncols];
    b->offset = __atomic_fetch_add(&f->size, b->bytes, __ATOMIC_RELAXED);
    b->start = malloc((enc.ncols + 1) * sizeof *b->start);
    b->nulls = malloc((enc.ncols + 1) * sizeof *b->nulls);
    if (b->start == NULL || b->nulls == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the places of temporary rows");
    memcpy(b->start, enc.start, (enc.ncols + 1) * sizeof *b->start);
    for (uint32_t i = 0; i < enc.ncols; i++)
        b->nulls[i] = enc.stat[i].nulls;
    return write_all(f->fd, enc.bytes, b->bytes, b->offset, d);
}

void cfi_run_fini(cfi_sortrun_t *r)
{
    for (uint32_t i = 0; i < r->nblocks; i++) {
        free(r->blocks[i].start);
        free(r->blocks[i].nulls);
    }
    free(r->blocks);
    cf_schema_put(r->schema);
    memset(r, 0, sizeof *r);
}

/* ---- reading ------------------------------------------------------------------------------- */

int cfi_runreader_open(cfi_runreader_t *r, const cfi_runfile_t *f, const cfi_sortrun_t *run,
                       cf_diag_t *d)
{
    memset(r, 0, sizeof *r);
    r->file = f;
    r->run = run;
    r->dec = cfi_decoder_create();
    r->batch = cf_batch_create(run->schema);
    if (r->dec == NULL || r->batch == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory to read temporary rows");
    return CF_OK;
}

void cfi_runreader_close(cfi_runreader_t *r)
{
    cfi_decoder_destroy(r->dec);
    cf_batch_destroy(r->batch);
    free(r->buffer);
    memset(r, 0, sizeof *r);
}

static int chunk(void *ctx, uint32_t col, const uint8_t **bytes, size_t *n, uint32_t *nulls,
                 cf_diag_t *d)
{
    const cfi_runreader_t *r = ctx;
    const cfi_runblock_t *b = r->block;

    (void)d;
    *bytes = r->buffer + b->start[col];
    *n = b->start[col + 1] - b->start[col];
    *nulls = b->nulls[col];
    return CF_OK;
}

/* A column that is null in all rows has no chunk. */
static int column(cfi_runreader_t *r, uint32_t i, cf_diag_t *d)
{
    const cfi_runblock_t *b = r->block;
    cf_vec_t *v = &r->batch->cols[i];

    if (b->start[i + 1] > b->start[i])
        return cfi_decoder_column(r->dec, i, v, d);
    if (cf_vec_set_all_null(v, b->rows, false) != CF_OK)
        return cf_diag_set(d, CF_E_NOMEM, "no memory to read temporary rows");
    return CF_OK;
}

int cfi_runreader_next(cfi_runreader_t *r, cf_diag_t *d)
{
    int rc = CF_OK;

    if (r->next == r->run->nblocks)
        return CF_EOF;
    r->block = &r->run->blocks[r->next++];
    if (r->block->bytes + CFI_CHUNK_SLACK > r->size) {
        free(r->buffer);
        r->size = r->block->bytes + r->block->bytes / 8 + CFI_CHUNK_SLACK;
        r->buffer = calloc(1, r->size);
        if (r->buffer == NULL) {
            r->size = 0;
            return cf_diag_set(d, CF_E_NOMEM, "no memory to read temporary rows");
        }
    }
    rc = read_all(r->file->fd, r->buffer, r->block->bytes, r->block->offset, d);
    if (rc == CF_OK && cf_batch_reset(r->batch, r->run->schema) != CF_OK)
        rc = cf_diag_set(d, CF_E_NOMEM, "no memory to read temporary rows");
    if (rc != CF_OK)
        return rc;
    cfi_decoder_begin(r->dec, r->run->schema, r->block->rows, chunk, r);
    for (uint32_t i = 0; i < r->batch->ncols && rc == CF_OK; i++)
        rc = column(r, i, d);
    r->batch->rows = r->block->rows;
    return rc;
}
