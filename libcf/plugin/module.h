/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loaded module, inside the library: what the loader proved (load.c) and what its settings are
 * (settings.c). The site (site/site.c) owns modules and decides which are loaded when.
 */
#ifndef CFI_PLUGIN_MODULE_H
#define CFI_PLUGIN_MODULE_H

#include <sys/types.h>

#include <cf/site.h>

/* A setting as the site wrote it, with its line for messages. */
typedef struct cfi_conf {
    char *key;
    char *text;
    char kind;                 /* 's' string, 'i' integer, 'b' boolean */
    uint64_t line;
} cfi_conf_t;

struct cf_module {
    char *name;
    char *path;                /* "preloaded" for a module linked into the program */
    void *handle;
    const cf_plugin_t *plugin;
    bool preloaded;
    const void *inside;        /* descriptor of a preloaded module that libltdl cannot name */
    dev_t dev;
    ino_t ino;
    /* From the site; borrowed. */
    const char *conf_source;
    const cfi_conf_t *conf;
    size_t nconf;
};

/* Steps of loading, for messages and CF_PLUGIN_DEBUG. doc/plugins.md explains each. */
typedef enum cfi_step {
    CFI_STEP_FIND = 1,
    CFI_STEP_FILE = 2,
    CFI_STEP_OPEN = 3,
    CFI_STEP_SYMBOL = 4,
    CFI_STEP_ABI = 5,
    CFI_STEP_SIZE = 6,
    CFI_STEP_NAME = 7,
    CFI_STEP_ONCE = 8,
    CFI_STEP_SETTINGS = 9,
    CFI_STEP_CHECK = 10
} cfi_step_t;

/*
 * Steps 1 to 8. what is a name, or a path when it has a '/'. others are the modules that are loaded
 * already. New; freed by cfi_module_unload. Calls are serialised in here, because libltdl is not
 * for threads.
 */
int cfi_module_load(cf_module_t **m, const char *what, const char *dirs,
                    cf_module_t *const *others, size_t nothers,
                    cf_diag_t *d);
void cfi_module_unload(cf_module_t *m);
/* Steps 9 and 10 with the site's settings. */
int cfi_module_configure(const cf_module_t *m, cf_diag_t *d);
/* Name asked for by a path: file name without folders and ".so". */
int cfi_module_name_of(const char *what, char *out, size_t size);
/* Sets code, source and text ("PATH: step 5 (ABI): …"). */
int cfi_module_fail(const cf_module_t *m, cfi_step_t step, cf_diag_t *d, const char *fmt, ...)
    CF_PRINTF(4, 5);

#endif
