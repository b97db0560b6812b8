/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a scan: collect the names of the inputs, look at the first, keep what commands set before
 * the run.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scan.h"

#define NAMES_MAX (64u << 20)      /* bytes of names from --xargs */
#define NAME_MAX_LEN 4096u

static int add_name(cf_scan_t *s, const char *name, size_t *size)
{
    if (s->nnames == *size) {
        size_t larger = *size == 0 ? 64 : *size * 2;
        const char **names = realloc(s->names, larger * sizeof *names);

        if (names == NULL)
            return CF_E_NOMEM;
        s->names = names;
        *size = larger;
    }
    s->names[s->nnames++] = name;
    return CF_OK;
}

/* Lines of the names file into one buffer, each ended by NUL; empty lines are passed over. */
static int read_names(cf_scan_t *s, cf_diag_t *d)
{
    cf_input_t *in = NULL;
    const char *line;
    size_t n;
    int rc = cf_input_open(&in, s->o.names, 0, d);

    while (rc == CF_OK) {
        rc = cf_input_line(in, NAME_MAX_LEN, &line, &n, d);
        if (rc == CF_R_LONG)
            rc = cf_diag_set(d, CF_E_LIMIT, "a name is longer than %u bytes", NAME_MAX_LEN);
        if (rc != CF_OK || n == 0)
            continue;
        if (memchr(line, '\0', n) != NULL)
            rc = cf_diag_set(d, CF_E_FORMAT, "a name holds a NUL byte");
        else if (cf_buf_put(&s->name_bytes, line, n) != CF_OK || cf_buf_put(&s->name_bytes, "", 1) != CF_OK)
            rc = cf_diag_set(d, CF_E_LIMIT, "names take more than %u MiB", NAMES_MAX >> 20);
    }
    if (in != NULL)
        cf_input_close(in);
    if (rc != CF_EOF)
        cf_diag_source(d, strcmp(s->o.names, "-") == 0 ? "stdin" : s->o.names);
    return rc == CF_EOF ? CF_OK : rc;
}

static int collect_names(cf_scan_t *s, cf_diag_t *d)
{
    size_t size = 0;
    int rc = CF_OK;

    for (size_t i = 0; rc == CF_OK && i < s->o.ninputs; i++)
        rc = add_name(s, s->o.inputs[i], &size);
    if (rc == CF_OK && s->o.names != NULL) {
        rc = read_names(s, d);
        if (rc != CF_OK)
            return rc;
        for (size_t at = 0; rc == CF_OK && at < s->name_bytes.len; at += strlen(s->name_bytes.data + at) + 1)
            rc = add_name(s, s->name_bytes.data + at, &size);
    } else if (rc == CF_OK && s->nnames == 0) {
        rc = add_name(s, "-", &size);
    }
    return rc == CF_OK ? CF_OK : cf_diag_set(d, rc, "out of memory");
}

/* Sum of the sizes for progress; 0 when one is not a regular file. */
static uint64_t total_size(const cf_scan_t *s)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < s->nnames; i++) {
        struct stat st;

        if (strcmp(s->names[i], "-") == 0 || stat(s->names[i], &st) != 0 || !S_ISREG(st.st_mode))
            return 0;
        sum += (uint64_t)st.st_size;
    }
    return sum;
}

int cf_scan_open(cf_scan_t **out, const cf_scan_options_t *o, cf_diag_t *d)
{
    cf_scan_t *s = calloc(1, sizeof *s);
    int rc;

    *out = NULL;
    if (s == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    pthread_mutex_init(&s->lock, NULL);
    s->o = *o;
    if (s->o.threads == 0)
        s->o.threads = 1;
    if (s->o.threads > 64)
        s->o.threads = 64;
    cf_buf_init(&s->name_bytes, NAMES_MAX);
    cf_account_init(&s->totals.account);
    s->slots = s->o.threads == 1 ? 1 : (s->o.threads + 2 < 2 * CFI_SCAN_LANES ? 2 * CFI_SCAN_LANES : s->o.threads + 2);
    s->schema = cf_schema_create();
    s->provenance = cf_provenance_create();
    rc = s->schema != NULL && s->provenance != NULL ? CF_OK : cf_diag_set(d, CF_E_NOMEM, "out of memory");
    if (rc == CF_OK)
        rc = collect_names(s, d);
    if (rc == CF_OK) {
        s->size = total_size(s);
        s->totals.bytes_size = s->size;
        rc = cfi_peek_next(s);
        if (rc == CF_EOF)
            rc = CF_OK;
        else if (rc != CF_OK)
            cf_diag_set(d, rc, "out of memory");
    }
    /*
     * A single bad input, or one that must not be passed over, is known now: say it before the
     * command does more.
     */
    if (rc == CF_OK && s->first_rc != CF_OK && (!s->o.keep_going || s->nnames == 1)) {
        if (d != NULL)
            *d = s->first_diag;
        rc = s->first_rc;
    }
    if (rc != CF_OK) {
        cf_scan_close(s);
        return rc;
    }
    *out = s;
    return CF_OK;
}

void cf_scan_close(cf_scan_t *s)
{
    if (s == NULL)
        return;
    if (s->first_open)
        cfi_source_close(&s->first);
    cf_schema_put(s->schema);
    cf_provenance_destroy(s->provenance);
    free(s->need);
    free(s->names);
    cf_buf_fini(&s->name_bytes);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void cf_scan_window(cf_scan_t *s, int64_t from, int64_t to)
{
    s->has_window = true;
    s->from = from;
    s->to = to;
    if (s->first_open && s->first.stream != NULL)
        cf_stream_window(s->first.stream, from, to);
}

static int need_field(cf_scan_t *s, const cf_field_t *f, size_t *size, unsigned depth)
{
    if (s->nneed == *size) {
        size_t larger = *size == 0 ? 16 : *size * 2;
        const cf_field_t **need = realloc(s->need, larger * sizeof *need);

        if (need == NULL)
            return CF_E_NOMEM;
        s->need = need;
        *size = larger;
    }
    s->need[s->nneed++] = f;
    for (size_t i = 0; depth < 4 && f->inputs != NULL && f->inputs[i] != NULL; i++) {
        const cf_field_t *input = cf_field_find(f->inputs[i]);
        int rc = input != NULL ? need_field(s, input, size, depth + 1) : CF_OK;

        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

int cf_scan_need(cf_scan_t *s, const cf_field_t *const *fields, size_t n)
{
    size_t size = 16;

    free(s->need);
    s->nneed = 0;
    s->need = calloc(size, sizeof *s->need);
    if (s->need == NULL)
        return CF_E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        int rc = need_field(s, fields[i], &size, 0);

        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

unsigned cf_scan_slots(const cf_scan_t *s)
{
    return s->slots;
}

const cf_provenance_t *cf_scan_provenance(const cf_scan_t *s)
{
    return s->provenance;
}

void cf_scan_totals(const cf_scan_t *cs, cf_scan_totals_t *t)
{
    cf_scan_t *s = (cf_scan_t *)cs;         /* only the lock changes */

    pthread_mutex_lock(&s->lock);
    *t = s->totals;
    t->bytes_done = s->bytes_finished;
    for (unsigned i = 0; i < CFI_SCAN_LANES; i++)
        t->bytes_done += s->lane_done[i];
    pthread_mutex_unlock(&s->lock);
}
