/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables that passed the memory limit, in one temporary file without a name. A run is the entries
 * of one part of one table; at the end the runs of a part are read back together, so 64 times the
 * limit can be grouped. The entries are words of this process: nothing but the process that wrote
 * the file ever sees it. When the file fails, the error is the memory limit's, CF_E_LIMIT: it is no
 * fault of an input.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "group/group.h"

#define BUFFER_WORDS 32768u

int cfi_spill_init(cfi_spill_t *s)
{
    s->fd = -1;
    return pthread_mutex_init(&s->lock, NULL) == 0 ? CF_OK : CF_E_NOMEM;
}

void cfi_spill_fini(cfi_spill_t *s)
{
    if (s->fd >= 0)
        close(s->fd);
    free(s->runs);
    pthread_mutex_destroy(&s->lock);
}

static int open_file(cfi_spill_t *s, cf_diag_t *d)
{
    const char *dir = s->tmpdir;
    char path[4096];
    int n;

    if (s->fd >= 0)
        return CF_OK;
    if (dir == NULL || *dir == '\0')
        dir = getenv("TMPDIR");
    if (dir == NULL || *dir == '\0')
        dir = "/var/tmp";
    n = snprintf(path, sizeof path, "%s/cftools-XXXXXX", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return cf_diag_set(d, CF_E_LIMIT, "the name of the folder for temporary files is too long");
    s->fd = mkostemp(path, O_CLOEXEC);
    if (s->fd < 0)
        return cf_diag_errno(d, CF_E_LIMIT, errno, "cannot make a temporary file in %s", dir);
    unlink(path);
    return CF_OK;
}

static int write_all(int fd, const void *bytes, size_t n, uint64_t offset, cf_diag_t *d)
{
    const char *p = bytes;

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

static int add_run(cfi_spill_t *s, const cfi_run_t *run, cf_diag_t *d)
{
    if (s->nruns == s->runs_size) {
        size_t size = s->runs_size == 0 ? 256 : 2 * s->runs_size;
        cfi_run_t *runs = realloc(s->runs, size * sizeof *runs);

        if (runs == NULL)
            return cf_diag_set(d, CF_E_NOMEM, "no memory for the list of temporary tables");
        s->runs = runs;
        s->runs_size = size;
    }
    s->runs[s->nruns++] = *run;
    return CF_OK;
}

/* Place for bytes at the end of the file. */
static int take_room(cfi_spill_t *s, cfi_run_t *run, uint64_t bytes, cf_diag_t *d)
{
    int rc;

    pthread_mutex_lock(&s->lock);
    rc = open_file(s, d);
    run->offset = s->size;
    if (rc == CF_OK)
        rc = add_run(s, run, d);
    if (rc == CF_OK)
        s->size += bytes;
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static int write_part(cf_group_t *g, const cfi_table_t *t, uint32_t part, cfi_run_t *run, uint64_t *buffer,
                      cf_diag_t *d)
{
    const cfi_part_t *p = &t->part[part];
    uint64_t offset;
    const uint64_t *e;
    uint32_t at = 0;
    size_t n = 0;
    int rc;

    if (p->count == 0)
        return CF_OK;
    run->part = (uint8_t)part;
    run->entries = p->count;
    rc = take_room(&g->spill, run, (uint64_t)p->count * t->stride * sizeof *e, d);
    offset = run->offset;
    while (rc == CF_OK && (e = cfi_part_next(t, p, &at)) != NULL) {
        memcpy(buffer + n, e, t->stride * sizeof *e);
        n += t->stride;
        if (n + t->stride > BUFFER_WORDS) {
            rc = write_all(g->spill.fd, buffer, n * sizeof *e, offset, d);
            offset += n * sizeof *e;
            n = 0;
        }
    }
    return rc == CF_OK ? write_all(g->spill.fd, buffer, n * sizeof *e, offset, d) : rc;
}

int cfi_spill_target(cf_group_t *g, cfi_worker_t *w, uint32_t target, cf_diag_t *d)
{
    uint64_t *buffer = malloc(BUFFER_WORDS * sizeof *buffer);
    int rc = buffer != NULL ? CF_OK : cf_diag_set(d, CF_E_NOMEM, "no memory to write a temporary file");

    for (unsigned form = 0; form < 2 && rc == CF_OK; form++) {
        cfi_table_t *t = &w->table[target][form];
        cfi_run_t run = { (uint8_t)target, (uint8_t)form, 0, (uint8_t)w->sum_words, 0, 0 };
        bool zero = t->has_zero;

        if (t->bytes == 0)
            continue;
        if (cfi_table_split(t) != CF_OK)
            rc = cf_diag_set(d, CF_E_NOMEM, "no memory to write a temporary file");
        for (uint32_t p = 0; p < CFI_PARTS && rc == CF_OK; p++) {
            rc = write_part(g, t, p, &run, buffer, d);
            cfi_part_free(t, &t->part[p]);
        }
        t->has_zero = zero;
    }
    free(buffer);
    cfi_worker_charge(g, w);
    return rc;
}

int cfi_spill_worker(cf_group_t *g, cfi_worker_t *w, cf_diag_t *d)
{
    int rc = CF_OK;

    for (uint32_t t = 0; t < g->ntargets && rc == CF_OK; t++)
        rc = cfi_spill_target(g, w, t, d);
    return rc;
}

bool cfi_spill_has(const cfi_spill_t *s, uint32_t target, unsigned key_form)
{
    for (size_t i = 0; i < s->nruns; i++)
        if (s->runs[i].target == target && s->runs[i].form == key_form)
            return true;
    return false;
}

static int read_all(int fd, void *bytes, size_t n, uint64_t offset, cf_diag_t *d)
{
    char *p = bytes;

    while (n > 0) {
        ssize_t done = pread(fd, p, n, (off_t)offset);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return cf_diag_errno(d, CF_E_LIMIT, errno, "cannot read the temporary file");
        if (done == 0)
            return cf_diag_set(d, CF_E_LIMIT, "the temporary file is shorter than what was written");
        p += done;
        n -= (size_t)done;
        offset += (uint64_t)done;
    }
    return CF_OK;
}

static int read_run(cf_group_t *g, const cfi_run_t *run, const cfi_form_t *f, uint64_t *buffer, cf_diag_t *d)
{
    uint64_t left = run->entries, offset = run->offset;
    const uint64_t *entries[CFI_CHUNK];
    int rc = CF_OK;

    while (left > 0 && rc == CF_OK) {
        uint32_t n = left < CFI_CHUNK ? (uint32_t)left : CFI_CHUNK;
        size_t bytes = (size_t)n * f->stride * sizeof *buffer;

        rc = read_all(g->spill.fd, buffer, bytes, offset, d);
        for (uint32_t i = 0; i < n; i++)
            entries[i] = buffer + (size_t)i * f->stride;
        if (rc == CF_OK && cfi_merge_entries(g, &g->worker[0], run->target, run->form, f, entries, n) != CF_OK)
            rc = cf_diag_set(d, CF_E_NOMEM, "no memory for the groups of a temporary table");
        left -= n;
        offset += bytes;
    }
    return rc;
}

int cfi_spill_read(cf_group_t *g, uint32_t target, unsigned key_form, uint32_t part, cf_diag_t *d)
{
    uint64_t *buffer = NULL;
    cfi_form_t f;
    int rc = CF_OK;

    for (size_t i = 0; i < g->spill.nruns && rc == CF_OK; i++) {
        const cfi_run_t *run = &g->spill.runs[i];

        if (run->target != target || run->form != key_form || run->part != part)
            continue;
        if (target == 0)
            cfi_form_of(g, key_form, run->sum_words, &f);
        else
            f.stride = g->worker[0].table[target][key_form].stride;
        free(buffer);
        buffer = malloc((size_t)CFI_CHUNK * f.stride * sizeof *buffer);
        if (buffer == NULL)
            return cf_diag_set(d, CF_E_NOMEM, "no memory to read a temporary file");
        rc = read_run(g, run, &f, buffer, d);
        if (rc == CF_OK && g->worker[0].table[target][key_form].part[part].size > 0) {
            cfi_worker_charge(g, &g->worker[0]);
            if (g->used > g->memory)
                rc = cf_diag_set(d, CF_E_LIMIT, "there are more groups than 64 times --memory can hold");
        }
    }
    free(buffer);
    return rc;
}
