/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The site inside the library: what the configuration said (config.c) and which of it is loaded
 * (site.c).
 */
#ifndef CFI_SITE_SITE_H
#define CFI_SITE_SITE_H

#include <pthread.h>

#include "plugin/module.h"

/* A configured module; loaded when first needed. */
typedef struct cfi_entry {
    char *name;
    cfi_conf_t *conf;
    size_t nconf;
    cf_module_t *module;       /* NULL = not loaded yet */
} cfi_entry_t;

struct cf_site {
    char *path;                /* file, or NULL: built-in */
    cfi_entry_t *entries;
    size_t nentries;
    char *plugin_path;         /* list of folders, or NULL */
    char **drop;               /* NULL-ended */
    size_t ndrop;
    pthread_mutex_t lock;      /* entries and what they load */
};

#define CFI_SITE_BYTES_MAX (1u << 20)

/* Read the file at path into an empty site. */
int cfi_site_read(cf_site_t *s, const char *path, cf_diag_t *d);
/* Append an entry: name is copied. */
int cfi_site_add(cf_site_t *s, const char *name);

#endif
