/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the options to a scan, and from a scan to messages: inputs, rejected rows, and the step of
 * provenance that the output gets.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

static void on_error(void *ctx, const cf_diag_t *d)
{
    cf_cli_fail(ctx, d);
}

/* The first bad rows with their place, then how many there were. */
static void show_rejects(cf_cli_t *c, const char *name, const cf_account_t *a,
                         const cf_rejects_t *r)
{
    uint64_t rejected = cf_account_rejected(a);
    char reasons[256];

    for (uint32_t i = 0; i < r->shown; i++) {
        const cf_reject_t *j = &r->first[i];
        char place[48] = "";

        if (j->line > 0)
            snprintf(place, sizeof place, "line %" PRIu64 ": ", j->line);
        else if (j->offset > 0)
            snprintf(place, sizeof place, "byte %" PRIu64 ": ", j->offset);
        cfi_cli_say(c, "%s: %s%s%s%s%s", name, place,
                    j->reason[0] != '\0' ? j->reason : cf_strerror(j->code),
                    j->excerpt[0] != '\0' ? ": \"" : "", j->excerpt,
                    j->excerpt[0] != '\0' ? "\"" : "");
    }
    if (rejected > 0) {
        cfi_stats_reasons(a, reasons, sizeof reasons);
        cfi_cli_say(c, "%s: %" PRIu64 " of %" PRIu64 " rows rejected: %s", name, rejected,
                    a->rows_read, reasons);
    }
}

static void on_input(void *ctx, const cf_scan_input_t *i)
{
    cf_cli_t *c = ctx;

    if (c->verbosity >= 0)
        show_rejects(c, i->name, i->account, i->rejects);
    if (cfi_stats_note(c, i) != CF_OK)
        cf_cli_warn(c, "out of memory: statistics of %s are left out", i->name);
    if (cfi_cli_priv(c)->resume != NULL)
        cfi_resume_note(c, i);
}

/* What the site drops is dropped in every command that reads a raw log, not at import alone. */
static bool kept_by_site(void *ctx, const cf_field_t *f, const char *name)
{
    const char *const *drop = ctx;

    for (; *drop != NULL; drop++) {
        if (strcmp(*drop, f != NULL ? f->name : name) == 0)
            return false;
    }
    return true;
}

void cf_cli_scan_options(cf_cli_t *c, int first, cf_scan_options_t *o)
{
    memset(o, 0, sizeof *o);
    first = first > c->noperands ? c->noperands : first;
    o->inputs = (const char *const *)(c->operands + first);
    o->ninputs = (size_t)(c->noperands - first);
    o->names = c->xargs;
    o->site = c->site;
    o->reader = c->reader;
    o->settings = c->settings;
    o->threads = c->threads;
    o->allow_empty = c->allow_empty;
    o->keep_going = true;
    if (cfi_cli_priv(c)->resume != NULL) {
        o->growing = true;
        o->known = cfi_resume_known;
        o->known_ctx = c;
    }
    if (c->site != NULL && cf_site_drop(c->site)[0] != NULL) {
        o->wanted = kept_by_site;
        o->wanted_ctx = (void *)(uintptr_t)cf_site_drop(c->site);
    }
    o->on_error = on_error;
    o->on_input = on_input;
    o->ctx = c;
}

/* Waiting for somebody to type a flow log is never what was meant. */
static int refuse_terminal(const cf_scan_options_t *o, cf_diag_t *d)
{
    bool wanted = o->ninputs == 0 && o->names == NULL;

    for (size_t i = 0; i < o->ninputs; i++)
        wanted |= strcmp(o->inputs[i], "-") == 0;
    wanted |= o->names != NULL && strcmp(o->names, "-") == 0;
    if (wanted && isatty(STDIN_FILENO) == 1) {
        cf_diag_source(d, "stdin");
        return cf_diag_set(d, CF_E_USAGE, "is a terminal; name input files, or use a pipe");
    }
    return CF_OK;
}

int cf_cli_scan_open(cf_cli_t *c, const cf_scan_options_t *o, cf_scan_t **s, cf_diag_t *d)
{
    int rc = refuse_terminal(o, d);

    if (rc == CF_OK)
        rc = cf_scan_open(s, o, d);
    if (rc == CF_OK && c->progress) {
        rc = cfi_progress_start(c, *s);
        if (rc != CF_OK) {
            cf_scan_close(*s);
            *s = NULL;
            cf_diag_set(d, rc, "no thread for progress");
        }
    }
    return rc;
}

int cf_cli_scan(cf_cli_t *c, int first, cf_scan_t **s, cf_diag_t *d)
{
    cf_scan_options_t o;

    cf_cli_scan_options(c, first, &o);
    return cf_cli_scan_open(c, &o, s, d);
}

int cf_cli_writer(cf_cli_t *c, cf_writer_t **w, cf_diag_t *d)
{
    cf_writer_options_t o = { .path = c->output, .force = c->force, .level = c->level,
                              .threads = c->threads };

    if (cfi_cli_priv(c)->resume != NULL) {
        o.ready = cfi_resume_ready;
        o.ready_ctx = c;
    }

    return cf_writer_open(w, &o, d);
}

#define STEP_INPUTS 16u
#define STEP_DROPPED 64u

/* What became of the first inputs, for the step. */
static uint32_t step_accounts(const cfi_cli_t *p, cf_step_input_t *out)
{
    uint32_t n = 0;

    for (; n < STEP_INPUTS && n < p->naccounts; n++) {
        const cfi_input_account_t *i = &p->accounts[n];

        out[n] = (cf_step_input_t){ .name = i->name, .reader = i->reader, .account = i->account,
                                    .begin = cfi_begin_name(i->begin), .end = cfi_end_name(i->end),
                                    .providers = (const char *const *)i->words,
                                    .dropped = (const char *const *)i->words + i->nproviders + 1 };
    }
    return n;
}

static int add_step(cf_cli_t *c, cf_scan_t *s, cf_writer_t *w, cf_provenance_t *to)
{
    const cfi_cli_t *p = cfi_cli_priv(c);
    const char *inputs[STEP_INPUTS], *dropped[STEP_DROPPED + 1];
    cf_step_input_t accounts[STEP_INPUTS];
    const cf_schema_t *schema = cf_scan_schema(s);
    cf_step_t step = { .command = c->command_line, .version = cf_version(), .has_rows = true };
    cf_writer_totals_t out;
    cf_scan_totals_t in;
    struct timespec now;
    uint32_t n = 0;

    clock_gettime(CLOCK_REALTIME, &now);
    step.time = (int64_t)now.tv_sec * CF_NS_PER_SEC;
    for (; n < STEP_INPUTS && n < p->naccounts; n++) {
        inputs[n] = p->accounts[n].name;
        if (step.reader == NULL)
            step.reader = p->accounts[n].reader;
    }
    step.inputs = inputs;
    step.kept_inputs = n;
    step.accounts = accounts;
    step.naccounts = step_accounts(p, accounts);
    cf_scan_totals(s, &in);
    cf_writer_totals(w, &out);
    step.ninputs = in.inputs;
    step.rows_rejected = cf_account_rejected(&in.account);
    step.rows_read = in.rows + step.rows_rejected;
    step.rows_kept = out.rows;
    memcpy(step.rejected, in.account.rejected, sizeof step.rejected);
    for (n = 0; n < STEP_DROPPED && schema != NULL; n++) {
        if ((dropped[n] = cf_schema_dropped_at(schema, n)) == NULL)
            break;
    }
    dropped[n] = NULL;
    step.dropped = n > 0 ? dropped : NULL;
    return cf_provenance_add(to, &step);
}

int cf_cli_provenance(cf_cli_t *c, cf_scan_t *s, cf_writer_t *w, cf_diag_t *d)
{
    cf_provenance_t *to;
    int rc;

    if (!c->provenance)
        return CF_OK;
    to = cf_provenance_create();
    if (to == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
    rc = cf_provenance_merge(to, cf_scan_provenance(s));
    if (rc == CF_OK)
        rc = add_step(c, s, w, to);
    if (rc == CF_OK)
        rc = cf_writer_provenance(w, to, d);
    else
        cf_diag_set(d, rc, "provenance: %s", cf_strerror(rc));
    cf_provenance_destroy(to);
    return rc;
}
