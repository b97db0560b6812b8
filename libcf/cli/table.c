/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared half of every command's option table. One row here is one meaning everywhere: parser,
 * --help, completion and the manual check all walk the same list (cfi_cli_opt).
 */
#include "cli/cli.h"

#define ALWAYS UINT32_C(0x80000000)
#define SITE (CF_COMMON_INPUT | CF_COMMON_SITE)

static const struct row {
    uint32_t groups;
    cf_opt_t opt;
} common[] = {
    { CF_COMMON_INPUT, { "xargs", 0, "[FILE]", CFI_OPT_XARGS, 0,
      "read names of inputs from FILE or standard input, one a line" } },
    { CF_COMMON_INPUT, { "reader", 0, "NAME", CFI_OPT_READER, 0,
      "raw logs are read by this plug-in; default: found by content" } },
    { CF_COMMON_INPUT, { "set", 0, "KEY=VALUE", CFI_OPT_SET, CF_OPT_REPEAT,
      "a setting of the reader" } },
    { CF_COMMON_INPUT, { "max-rejects", 0, "N", CFI_OPT_MAX_REJECTS, 0,
      "more rejected rows than N end in status 3; default: no limit" } },
    { CF_COMMON_INPUT, { "allow-empty", 0, NULL, CFI_OPT_ALLOW_EMPTY, 0,
      "an input without any byte is not an error" } },
    { CF_COMMON_INPUT, { "threads", 0, "N", CFI_OPT_THREADS, 0,
      "work with N threads; default: one for each processor" } },
    { CF_COMMON_MEMORY, { "memory", 0, "SIZE", CFI_OPT_MEMORY, 0,
      "memory for groups and the like; the manual has the default" } },
    { CF_COMMON_MEMORY, { "tmpdir", 0, "DIR", CFI_OPT_TMPDIR, 0,
      "folder for what does not fit; default: TMPDIR, else /var/tmp" } },
    { CF_COMMON_INPUT, { "stats", 0, "[json]", CFI_OPT_STATS, 0,
      "at the end, tell on standard error what was read, kept and rejected" } },
    { CF_COMMON_INPUT, { "progress", 0, "[auto|always|never]", CFI_OPT_PROGRESS, 0,
      "show progress on standard error; auto: on a terminal" } },
    { CF_COMMON_OUTPUT, { "output", 'o', "OUT", CFI_OPT_OUTPUT, 0,
      "write to file OUT; default: standard output" } },
    { CF_COMMON_OUTPUT, { "force", 0, NULL, CFI_OPT_FORCE, 0,
      "replace output files that exist" } },
    { CF_COMMON_LEVEL, { "level", 0, "fast|balanced|small", CFI_OPT_LEVEL, 0,
      "compression; default: fast on a pipe, balanced in a file" } },
    { CF_COMMON_LEVEL, { "no-provenance", 0, NULL, CFI_OPT_NO_PROVENANCE, 0,
      "leave command lines, names and times out of the output" } },
    { CF_COMMON_TEXT, { "format", 'F', "text|csv|ndjson", CFI_OPT_FORMAT, 0,
      "form of the output; default text" } },
    { CF_COMMON_TEXT, { "no-titles", 0, NULL, CFI_OPT_NO_TITLES, 0,
      "no line of column names" } },
    { SITE, { "site", 0, "FILE", CFI_OPT_SITE, 0, "site configuration" } },
    { SITE, { "plugin", 0, "NAME|PATH", CFI_OPT_PLUGIN, CF_OPT_REPEAT,
      "load this plug-in too" } },
    { SITE, { "plugin-path", 0, "DIRS", CFI_OPT_PLUGIN_PATH, 0,
      "folders of plug-ins, joined by ':'; an empty one is the built-in folder" } },
    { ALWAYS, { "quiet", 'q', NULL, CFI_OPT_QUIET, 0, "errors only" } },
    { ALWAYS, { "verbose", 'v', NULL, CFI_OPT_VERBOSE, CF_OPT_REPEAT,
      "say more; twice: also each step of loading plug-ins" } },
    { ALWAYS, { "help", 'h', NULL, CFI_OPT_HELP, CF_OPT_REPEAT, "this text" } },
    { ALWAYS, { "help-fields", 0, NULL, CFI_OPT_HELP_FIELDS, CF_OPT_REPEAT,
      "all fields with kind, unit, aliases and meaning" } },
    { ALWAYS, { "version", 'V', NULL, CFI_OPT_VERSION, CF_OPT_REPEAT,
      "version; twice: also of libraries, and where plug-ins are" } },
    { ALWAYS, { "completion", 0, NULL, CFI_OPT_COMPLETION, CF_OPT_REPEAT, NULL } },
};

size_t cfi_cli_own(const cf_cmd_t *cmd)
{
    size_t n = 0;

    while (cmd->opts != NULL && cmd->opts[n].name != NULL)
        n++;
    return n;
}

const cf_opt_t *cfi_cli_opt(const cf_cmd_t *cmd, size_t i)
{
    size_t own = cfi_cli_own(cmd);

    if (i < own)
        return &cmd->opts[i];
    i -= own;
    for (size_t k = 0; k < sizeof common / sizeof common[0]; k++) {
        if ((common[k].groups & (cmd->common | ALWAYS)) != 0 && i-- == 0)
            return &common[k].opt;
    }
    return NULL;
}

bool cfi_cli_opt_hidden(const cf_opt_t *o)
{
    return o->help == NULL;
}
