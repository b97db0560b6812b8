/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every command shares: one option table that feeds the parser, --help, completion and the
 * manual check; common options that mean the same everywhere; inputs and outputs; messages;
 * progress; exit status (0 done, 1 input or output failed, 2 usage, 3 rejects over the limit).
 */
#ifndef CF_CLI_H
#define CF_CLI_H

#include <stdio.h>

#include <cf/group.h>
#include <cf/print.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One option. Own ids start at 256; letter 0 = long only. arg NULL = takes none; "[WORD]" = only as
 * --name=WORD, may be left out. The argument's name tells completion what to offer: FILE, OUT and
 * PATH files, DIR folders, FIELDS and LIST field names, words joined by '|' themselves. An option
 * given twice is an error unless it has CF_OPT_REPEAT.
 */
enum { CF_OPT_REPEAT = 1 };    /* may be given more than once */
typedef struct cf_opt {
    const char *name;          /* NULL ends the table */
    char letter;
    const char *arg;           /* name of the argument in help: "LIST" */
    int id;
    uint32_t flags;
    const char *help;          /* one line, no final stop */
} cf_opt_t;

/*
 * Groups of common options a command takes. help, help-fields, version, quiet, verbose are always
 * there.
 */
enum {
    CF_COMMON_INPUT = 1,       /* --xargs[=FILE] --reader --set --max-rejects --allow-empty
                                  --site --plugin --plugin-path --threads --progress --stats */
    CF_COMMON_OUTPUT = 2,      /* -o/--output --force */
    CF_COMMON_LEVEL = 4,       /* --level=fast|balanced|small --no-provenance */
    CF_COMMON_TEXT = 8,        /* -F/--format=text|csv|ndjson --no-titles */
    CF_COMMON_MEMORY = 16,     /* --memory=SIZE --tmpdir=DIR */
    CF_COMMON_SITE = 32        /* --site --plugin --plugin-path alone (cfplugin) */
};

typedef struct cf_cmd {
    const char *name;
    const char *synopsis;      /* behind the name: "[OPTION…] 'EXPR' [FILE…]" */
    const char *summary;       /* one line */
    const cf_opt_t *opts;      /* own options */
    uint32_t common;           /* CF_COMMON_… */
    const char *notes;         /* printed below the options in --help, or NULL */
    uint64_t memory;           /* default of --memory in bytes; 0 = 1 GiB */
} cf_cmd_t;

/* State of one command run; filled by cf_cli_begin. Read-only for commands except where stated. */
typedef struct cf_cli {
    const cf_cmd_t *cmd;
    char **operands;           /* what is not an option, in order */
    int noperands;
    const char *output;        /* NULL = standard output */
    bool force;                /* also by CF_CLOBBER=1 */
    cf_level_t level;          /* 0 = by kind of output */
    bool provenance;           /* false with --no-provenance: cf_cli_provenance does nothing */
    cf_textform_t format;
    bool format_given;
    bool titles;
    unsigned threads;          /* --threads, CF_THREADS, else online processors, at most 64 */
    uint64_t memory;           /* bytes */
    const char *tmpdir;        /* --tmpdir, CF_TMPDIR, or NULL */
    const char *xargs;         /* names file or NULL */
    const char *reader;
    const char **settings;     /* NULL-ended */
    uint64_t max_rejects;      /* UINT64_MAX = no limit (default) */
    bool allow_empty;
    int stats;                 /* 0 no, 1 text, 2 json */
    int verbosity;             /* -1 quiet, 0, 1, … */
    bool progress;
    cf_site_t *site;           /* open when INPUT or SITE is taken */
    char *command_line;        /* for provenance, control characters escaped */
    int status;                /* worst so far */
    void *priv;
} cf_cli_t;

/*
 * Parse. Returns -1 to go on, or an exit status (help, version, completion, a usage error that was
 * printed). Own options then come from cf_cli_option in command line order.
 */
CF_API int cf_cli_begin(cf_cli_t *c, const cf_cmd_t *cmd, int argc, char **argv) CF_MUST_USE;
/* Next own option: its id and *value (NULL when it takes none), or -1. */
CF_API int cf_cli_option(cf_cli_t *c, const char **value);
/*
 * Message of an error on stderr ("cfcut: in.cf: block 12: …") and the exit status that belongs to
 * it, also kept as worst. An expression diag with a column prints the text with a caret when text
 * is given.
 */
CF_API int cf_cli_fail(cf_cli_t *c, const cf_diag_t *d);
CF_API int cf_cli_fail_text(cf_cli_t *c, const cf_diag_t *d, const char *text);
/* Usage error: two lines, the fault and the hint; returns 2. */
CF_API int cf_cli_usage(cf_cli_t *c, const char *fmt, ...) CF_PRINTF(2, 3);
CF_API void cf_cli_warn(cf_cli_t *c, const char *fmt, ...) CF_PRINTF(2, 3);
/* Only with --verbose. */
CF_API void cf_cli_info(cf_cli_t *c, const char *fmt, ...) CF_PRINTF(2, 3);

/*
 * Open a scan over the operands from first on (and --xargs) with all common input options; errors
 * keep_going, rejects shown, progress, stats wired.
 */
CF_API int cf_cli_scan(cf_cli_t *c, int first, cf_scan_t **s, cf_diag_t *d) CF_MUST_USE;
/* The same with changes: o is pre-filled by cf_cli_scan_options, may be adapted, then opened. */
CF_API void cf_cli_scan_options(cf_cli_t *c, int first, cf_scan_options_t *o);
CF_API int cf_cli_scan_open(cf_cli_t *c, const cf_scan_options_t *o, cf_scan_t **s,
                            cf_diag_t *d) CF_MUST_USE;
/* Writer for --output/--force/--level/--threads. */
CF_API int cf_cli_writer(cf_cli_t *c, cf_writer_t **w, cf_diag_t *d) CF_MUST_USE;
/*
 * --resume: inputs may be growing, and each is read from where the runs before came to, which the
 * file path tells (doc/man/cfimport.1). Before the scan's options and the writer; the output must be
 * a file. After the writer was closed well, commit. Without commit the state stays as it was.
 */
CF_API int cf_cli_resume(cf_cli_t *c, const char *path, cf_diag_t *d) CF_MUST_USE;
CF_API int cf_cli_resume_commit(cf_cli_t *c, cf_diag_t *d) CF_MUST_USE;
/*
 * A step of provenance for this command over a finished scan: merged history of the inputs plus
 * this command line and its accounting; given to the writer.
 */
CF_API int cf_cli_provenance(cf_cli_t *c, cf_scan_t *s, cf_writer_t *w, cf_diag_t *d) CF_MUST_USE;
/*
 * Note a number that --stats tells beside the account of the inputs ("counts" in JSON); the first
 * 64 are kept. name is borrowed until cf_cli_end.
 */
CF_API void cf_cli_count(cf_cli_t *c, const char *name, cf_sum_t n);

/*
 * Where batches of a command go: a .cf stream by --output and --level whose columns are the union
 * of what comes, or, when that would be a terminal, the lines that cfcut prints. New.
 */
typedef struct cf_flowsout cf_flowsout_t;
/* schema: columns expected, for an output that gets no rows and for what a terminal shows. */
CF_API int cf_flowsout_open(cf_flowsout_t **f, cf_cli_t *c, const cf_schema_t *schema,
                            cf_diag_t *d) CF_MUST_USE;
CF_API int cf_flowsout_put(cf_flowsout_t *f, const cf_batch_t *b, const uint64_t *sel,
                           cf_diag_t *d) CF_MUST_USE;
/* Provenance of the scan, then the end; frees either way. */
CF_API int cf_flowsout_close(cf_flowsout_t *f, cf_scan_t *s, cf_diag_t *d) CF_MUST_USE;
/* Give up and free; accepts NULL. */
CF_API void cf_flowsout_abort(cf_flowsout_t *f);

/*
 * Text output to --output or stdout: buffered, atomic for files. Ends in cf_cli_end. NULL with a
 * diag on failure.
 */
CF_API FILE *cf_cli_text(cf_cli_t *c, cf_diag_t *d);
/* Will flows go to a terminal (then print them as cfcut would)? */
CF_API bool cf_cli_to_terminal(const cf_cli_t *c);
/*
 * The end of every run, good or bad: print --stats, check --max-rejects (status 3), put the text
 * output in place (only when nothing failed), close and check standard output, close the scan
 * (takes s; NULL when there is none) and the site, free. The final exit status. After it nothing of
 * c may be used.
 */
CF_API int cf_cli_end(cf_cli_t *c, cf_scan_t *s);

#ifdef __cplusplus
}
#endif
#endif
