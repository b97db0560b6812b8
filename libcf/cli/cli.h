/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of the command-line room: the table of common options, what one run keeps between calls,
 * and the few functions its files share. Public contract: cf/cli.h.
 */
#ifndef CFI_CLI_H
#define CFI_CLI_H

#include <pthread.h>

#include <cf/cli.h>

/* Common options; own ids start at 256. */
enum {
    CFI_OPT_XARGS = 1,
    CFI_OPT_READER,
    CFI_OPT_SET,
    CFI_OPT_MAX_REJECTS,
    CFI_OPT_ALLOW_EMPTY,
    CFI_OPT_SITE,
    CFI_OPT_PLUGIN,
    CFI_OPT_PLUGIN_PATH,
    CFI_OPT_THREADS,
    CFI_OPT_MEMORY,
    CFI_OPT_TMPDIR,
    CFI_OPT_PROGRESS,
    CFI_OPT_STATS,
    CFI_OPT_OUTPUT,
    CFI_OPT_FORCE,
    CFI_OPT_LEVEL,
    CFI_OPT_NO_PROVENANCE,
    CFI_OPT_FORMAT,
    CFI_OPT_NO_TITLES,
    CFI_OPT_QUIET,
    CFI_OPT_VERBOSE,
    CFI_OPT_HELP,
    CFI_OPT_HELP_FIELDS,
    CFI_OPT_VERSION,
    CFI_OPT_COMPLETION,        /* not in help */
    CFI_OPT_COUNT
};

/* The i-th option of a command: own, then the common ones it takes; NULL behind the last. */
const cf_opt_t *cfi_cli_opt(const cf_cmd_t *cmd, size_t i);
bool cfi_cli_opt_hidden(const cf_opt_t *o);
size_t cfi_cli_own(const cf_cmd_t *cmd);

typedef struct cfi_given {
    int id;
    const char *value;
} cfi_given_t;

typedef struct cfi_input_account {
    char *name;
    const char *reader;        /* module's name, borrowed from the site; NULL = no rows were read */
    cf_account_t account;
    char **words;              /* providers, NULL, columns left out, NULL: one allocation */
    size_t nproviders;
    cf_scan_begin_t begin;
    cf_scan_end_t end;
} cfi_input_account_t;

typedef struct cfi_count {
    const char *name;
    cf_sum_t n;
} cfi_count_t;

#define CFI_COUNTS_MAX 64u

/* Accounts of inputs beyond this many are only added up. */
#define CFI_ACCOUNTS_MAX 10000u

struct cfi_progress;
struct cfi_textout;

typedef struct cfi_cli {
    cfi_given_t *given;        /* own options in order */
    size_t ngiven, next;
    const char **plugins;      /* --plugin, in order, NULL-ended */
    size_t nplugins;
    size_t nsettings;
    const char *site_path, *plugin_path;
    const char *progress_when;
    bool memory_given;
    unsigned helps;            /* CFI_WANT_… */
    unsigned versions;
    int64_t begun;             /* monotonic ns */
    pthread_mutex_t lock;      /* stderr lines against the progress line */
    struct cfi_progress *progress;
    void (*wipe)(cf_cli_t *c); /* with the lock held: take the progress line off the terminal */
    struct cfi_textout *text;
    cfi_input_account_t *accounts;
    size_t naccounts, accounts_size;
    uint64_t inputs_seen;
    struct cfi_resume *resume; /* NULL without it */
    cfi_count_t counts[CFI_COUNTS_MAX];
    size_t ncounts;
} cfi_cli_t;

enum { CFI_WANT_HELP = 1, CFI_WANT_FIELDS = 2, CFI_WANT_COMPLETION = 4 };

/* common.c */
int cfi_cli_common(cf_cli_t *c, const cf_opt_t *o, const char *value);
int cfi_cli_environment(cf_cli_t *c);

/* open.c */
int cfi_cli_open_site(cf_cli_t *c);
void cfi_cli_free(cf_cli_t *c);

/* message.c: one line on stderr, control characters made visible, progress line out of the way. */
void cfi_cli_line(cf_cli_t *c, const char *text);
/* "cfcut: " before it. */
void cfi_cli_say(cf_cli_t *c, const char *fmt, ...) CF_PRINTF(2, 3);
int cfi_cli_worse(cf_cli_t *c, int status);
int cfi_cli_status_of(int code);

/* Printing to stdout: all return an exit status after closing it with its check. */
int cfi_cli_help(cf_cli_t *c);
int cfi_cli_help_fields(cf_cli_t *c);
int cfi_cli_version(cf_cli_t *c);
int cfi_cli_completion(cf_cli_t *c);
int cfi_cli_close_stdout(cf_cli_t *c);

/* progress.c */
int cfi_progress_start(cf_cli_t *c, cf_scan_t *s);
void cfi_progress_stop(cf_cli_t *c);
/* Output comes on the same terminal: no progress from now on. */
void cfi_cli_hush(cf_cli_t *c);

/* textout.c: finish (keep = the output is good) and free. */
int cfi_textout_close(cf_cli_t *c, bool keep, cf_diag_t *d);

/* resume.c */
int cfi_resume_known(void *ctx, const char *name, cf_scan_place_t *p, cf_diag_t *d);
void cfi_resume_note(cf_cli_t *c, const cf_scan_input_t *i);
int cfi_resume_ready(void *ctx, const char *temp, cf_diag_t *d);
void cfi_resume_free(cf_cli_t *c);

/* stats.c */
int cfi_stats_note(cf_cli_t *c, const cf_scan_input_t *i);
/* Words for provenance and statistics: "continued", "cut"; NULL for what is usual. */
const char *cfi_begin_name(cf_scan_begin_t begin);
const char *cfi_end_name(cf_scan_end_t end);
void cfi_stats_print(cf_cli_t *c, cf_scan_t *s);
/* "addr 9, range 3" of an account. */
void cfi_stats_reasons(const cf_account_t *a, char *out, size_t size);

/* counts.c: what the command counted, as lines and as a new object (NULL without memory). */
void cfi_counts_text(cf_cli_t *c);
struct json_t *cfi_counts_json(const cf_cli_t *c);

/* Monotonic clock in ns. */
int64_t cfi_cli_now(void);

static inline cfi_cli_t *cfi_cli_priv(const cf_cli_t *c)
{
    return c->priv;
}

#endif
