/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where modules and the site configuration are: beside the sources when the running program lies in
 * a build tree, else where they were installed.
 */
#ifndef CFI_PLUGIN_WHERE_H
#define CFI_PLUGIN_WHERE_H

#include <cf/base.h>

#define CFI_PATH_MAX 4096
#define CFI_MODULE_NAME_MAX 63

/* Source and build tree of a program that runs uninstalled; NULL when it is installed. Borrowed. */
const char *cfi_where_source(void);
const char *cfi_where_build(void);
/* The built-in folder as text for --version. */
void cfi_where_describe(char *out, size_t size);
/* [a-z0-9] then [a-z0-9_-], at most 63 bytes. */
bool cfi_where_legal_name(const char *name);
/*
 * The file of a module: first hit in the folders of list (joined by ':', an empty one = built-in;
 * NULL = built-in alone). CF_E_PLUGIN with a sentence when there is none.
 */
int cfi_where_find(const char *list, const char *name, char *out, size_t size, cf_diag_t *d);
/* Names of all module files in these folders, sorted, NULL-ended: one new piece of memory. */
int cfi_where_names(const char *list, char ***names);

#endif
