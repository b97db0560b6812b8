/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --help, --help-fields and --version: texts made from the tables, on standard output, closed with
 * its check like any other output.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <lz4.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>
#ifdef HAVE_ISAL
#include <isa-l.h>
#endif

#include <cf/plugin.h>

#include "cli/cli.h"
#include "plugin/where.h"

#define HELP_COLUMN 30

static void option_line(const cf_opt_t *o)
{
    char left[128];
    int n;

    n = snprintf(left, sizeof left, "  %c%c%s --%s", o->letter != 0 ? '-' : ' ',
                 o->letter != 0 ? o->letter : ' ', o->letter != 0 ? "," : " ", o->name);
    if (o->arg != NULL && o->arg[0] == '[')
        snprintf(left + n, sizeof left - (size_t)n, "[=%s", o->arg + 1);
    else if (o->arg != NULL)
        snprintf(left + n, sizeof left - (size_t)n, "=%s", o->arg);
    if (strlen(left) + 2 > HELP_COLUMN)
        fprintf(stdout, "%s\n%*s%s\n", left, HELP_COLUMN, "", o->help);
    else
        fprintf(stdout, "%-*s%s\n", HELP_COLUMN, left, o->help);
}

int cfi_cli_help(cf_cli_t *c)
{
    size_t own = cfi_cli_own(c->cmd), i;
    const cf_opt_t *o;

    fprintf(stdout, "usage: %s %s\n%s.\n", c->cmd->name, c->cmd->synopsis, c->cmd->summary);
    if (own > 0) {
        fputs("\nOptions:\n", stdout);
        for (i = 0; i < own; i++)
            option_line(&c->cmd->opts[i]);
    }
    fputs("\nCommon options:\n", stdout);
    for (i = own; (o = cfi_cli_opt(c->cmd, i)) != NULL; i++) {
        if (!cfi_cli_opt_hidden(o))
            option_line(o);
    }
    if (c->cmd->notes != NULL)
        fprintf(stdout, "\n%s\n", c->cmd->notes);
    return cfi_cli_close_stdout(c);
}

static const char *unit_name(uint8_t unit)
{
    static const char *const names[] = { NULL, "packets", "bytes", "ns", "port", "protocol" };

    return unit < sizeof names / sizeof names[0] ? names[unit] : NULL;
}

int cfi_cli_help_fields(cf_cli_t *c)
{
    cf_print_options_t o = { .format = c->format, .titles = c->titles,
                             .terminal = isatty(STDOUT_FILENO) == 1 };
    static const char *const columns[] = { "name", "kind", "unit", "aliases", "meaning" };
    cf_table_t *t = cf_table_create(&o);
    cf_diag_t d = CF_DIAG_INIT;
    const cf_field_t *f;
    cf_buf_t text;
    int rc;

    if (t == NULL) {
        d.code = CF_E_NOMEM;
        return cf_cli_fail(c, &d);
    }
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        cf_table_column(t, columns[i], false);
    for (size_t i = 0; (f = cf_field_at(i)) != NULL; i++) {
        cf_table_text(t, f->name);
        cf_table_text(t, cf_kind_name(f->kind));
        cf_table_text(t, unit_name(f->unit));
        cf_table_text(t, f->aliases);
        cf_table_text(t, f->meaning);
    }
    cf_buf_init(&text, 1u << 20);
    rc = cf_table_print(t, &text);
    cf_table_destroy(t);
    if (rc != CF_OK) {
        d.code = rc;
        cf_cli_fail(c, &d);
    } else {
        fwrite(text.data, 1, text.len, stdout);
    }
    cf_buf_fini(&text);
    cfi_cli_close_stdout(c);
    return c->status;
}

int cfi_cli_version(cf_cli_t *c)
{
    const cfi_cli_t *p = cfi_cli_priv(c);
    char folder[CFI_PATH_MAX];
    unsigned xxh = XXH_versionNumber();

    fprintf(stdout, "%s %s\n", c->cmd->name, cf_version());
    if (p->versions < 2 && c->verbosity < 1)
        return cfi_cli_close_stdout(c);
    fprintf(stdout, "plug-in ABI   %u\n", CF_PLUGIN_ABI);
    cfi_where_describe(folder, sizeof folder);
    fprintf(stdout, "plug-ins in   %s\n", folder);
    fprintf(stdout, "jansson       %s\n", jansson_version_str());
    fprintf(stdout, "zlib          %s\n", zlibVersion());
    fprintf(stdout, "libzstd       %s\n", ZSTD_versionString());
    fprintf(stdout, "liblz4        %s\n", LZ4_versionString());
    fprintf(stdout, "libxxhash     %u.%u.%u\n", xxh / 10000, xxh / 100 % 100, xxh % 100);
#ifdef HAVE_ISAL
    fprintf(stdout, "ISA-L         %d.%d.%d\n", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION,
            ISAL_PATCH_VERSION);
#else
    fputs("ISA-L         not used\n", stdout);
#endif
    return cfi_cli_close_stdout(c);
}
