/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first and the last thing of a run: the site with its extra modules is opened, standard output
 * is closed with its check, memory is freed. The end in between is end.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* A reader that is named is proven now, with its settings, even if no input needs it. */
static int check_reader(cf_cli_t *c, cf_diag_t *d)
{
    cf_setting_value_t *values;
    cf_module_t *m;
    int rc;

    if (c->reader == NULL)
        return CF_OK;
    rc = cf_site_module(c->site, c->reader, &m, d);
    if (rc == CF_OK)
        rc = cf_module_settings(m, c->settings, &values, d);
    if (rc == CF_OK)
        cf_settings_free(values);
    return rc;
}

int cfi_cli_open_site(cf_cli_t *c)
{
    cfi_cli_t *p = cfi_cli_priv(c);
    cf_diag_t d = CF_DIAG_INIT;

    if ((c->cmd->common & (CF_COMMON_INPUT | CF_COMMON_SITE)) == 0)
        return -1;
    if (cf_site_open(&c->site, p->site_path, &d) != CF_OK ||
        (p->plugin_path != NULL && cf_site_plugin_path(c->site, p->plugin_path, &d) != CF_OK))
        return cf_cli_fail(c, &d);
    for (size_t i = 0; i < p->nplugins; i++) {
        if (cf_site_plugin(c->site, p->plugins[i], &d) != CF_OK)
            return cf_cli_fail(c, &d);
    }
    return check_reader(c, &d) == CF_OK ? -1 : cf_cli_fail(c, &d);
}

int cfi_cli_close_stdout(cf_cli_t *c)
{
    int bad = ferror(stdout), err;

    errno = 0;
    if (fflush(stdout) != 0)
        bad = 1;
    err = errno;
    if (fclose(stdout) != 0) {
        bad = 1;
        err = err != 0 ? err : errno;
    }
    if (bad) {
        cf_diag_t d = CF_DIAG_INIT;

        cf_diag_source(&d, "stdout");
        if (err != 0)
            cf_diag_errno(&d, CF_E_IO, err, "cannot be written");
        else
            cf_diag_set(&d, CF_E_IO, "cannot be written");
        return cf_cli_fail(c, &d);
    }
    return 0;
}

void cfi_cli_free(cf_cli_t *c)
{
    cfi_cli_t *p = cfi_cli_priv(c);

    cf_log_hook(NULL, NULL);
    cf_site_close(c->site);
    free(c->operands);
    free(c->settings);
    free(c->command_line);
    c->site = NULL;
    c->operands = NULL;
    c->settings = NULL;
    c->command_line = NULL;
    c->noperands = 0;
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->naccounts; i++) {
        free(p->accounts[i].name);
        free(p->accounts[i].words);
    }
    free(p->accounts);
    cfi_resume_free(c);
    free(p->given);
    free(p->plugins);
    pthread_mutex_destroy(&p->lock);
    free(p);
    c->priv = NULL;
}
