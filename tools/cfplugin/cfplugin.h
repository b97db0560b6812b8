/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this command share: finding a plug-in, writing a table; the verbs of maps.c. */
#ifndef CFPLUGIN_H
#define CFPLUGIN_H

#include <cf/cli.h>

/* Find a module by name or path; borrowed from the site. */
int cfplugin_find(cf_cli_t *c, const char *what, cf_module_t **m, cf_diag_t *d);
/* New table with these columns. */
int cfplugin_table(const cf_cli_t *c, const char *const *columns, size_t n, cf_table_t **t,
                   cf_diag_t *d);
/* Write the table to the output; takes t. */
int cfplugin_finish(cf_cli_t *c, cf_table_t *t, cf_diag_t *d);

/* Verbs: "detect", "fields" and "map". */
int cfplugin_detect(cf_cli_t *c, cf_diag_t *d);
int cfplugin_fields(cf_cli_t *c, cf_diag_t *d);
int cfplugin_map(cf_cli_t *c, cf_diag_t *d);

#endif
