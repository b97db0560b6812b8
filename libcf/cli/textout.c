/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text output as a FILE over an atomic output file: it appears under its name only when the run was
 * good. The FILE's own write function keeps the first errno, which stdio would lose, and takes the
 * progress line off a terminal that gets the output too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "stream/outfile.h"

#define BUFFER (256u << 10)

struct cfi_textout {
    cf_cli_t *cli;
    cfi_outfile_t out;
    FILE *file;
    char *buffer;
    cf_diag_t why;             /* first failure; code 0 = none */
    bool terminal;
};

static ssize_t write_text(void *cookie, const char *bytes, size_t n)
{
    struct cfi_textout *t = cookie;

    if (t->why.code != 0)
        return 0;
    if (t->terminal)
        cfi_cli_hush(t->cli);
    return cfi_outfile_write(&t->out, bytes, n, &t->why) == CF_OK ? (ssize_t)n : 0;
}

bool cf_cli_to_terminal(const cf_cli_t *c)
{
    return c->output == NULL && isatty(STDOUT_FILENO) == 1;
}

FILE *cf_cli_text(cf_cli_t *c, cf_diag_t *d)
{
    cookie_io_functions_t functions = { .write = write_text };
    cfi_cli_t *p = cfi_cli_priv(c);
    struct cfi_textout *t = p->text;

    if (t != NULL)
        return t->file;
    t = calloc(1, sizeof *t);
    if (t == NULL || (t->buffer = malloc(BUFFER)) == NULL) {
        free(t);
        cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
        return NULL;
    }
    t->cli = c;
    t->terminal = cf_cli_to_terminal(c);
    if (cfi_outfile_open(&t->out, c->output, c->force, d) != CF_OK) {
        free(t->buffer);
        free(t);
        return NULL;
    }
    t->file = fopencookie(t, "w", functions);
    if (t->file == NULL) {
        cfi_outfile_abort(&t->out);
        free(t->buffer);
        free(t);
        cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
        return NULL;
    }
    setvbuf(t->file, t->buffer, _IOFBF, BUFFER);
    p->text = t;
    return t->file;
}

int cfi_textout_close(cf_cli_t *c, bool keep, cf_diag_t *d)
{
    cfi_cli_t *p = cfi_cli_priv(c);
    struct cfi_textout *t = p->text;
    int rc = CF_OK;
    bool bad;

    if (t == NULL)
        return CF_OK;
    p->text = NULL;
    bad = ferror(t->file) != 0;
    bad = fclose(t->file) != 0 || bad;
    if (bad) {
        if (t->why.code == 0) {
            cf_diag_source(&t->why, t->out.name);
            cf_diag_set(&t->why, CF_E_IO, "cannot be written");
        }
    }
    if (t->why.code != 0) {
        rc = t->why.code;
        *d = t->why;
    }
    if (rc == CF_OK && keep)
        rc = cfi_outfile_commit(&t->out, d);
    else
        cfi_outfile_abort(&t->out);
    free(t->buffer);
    free(t);
    return rc;
}
