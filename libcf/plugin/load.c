/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loader: from a name to a module of which abi, size, kind and name are proven, in the order
 * that doc/plugins.md gives. Nothing of a descriptor is read before the step that makes it safe.
 *
 * libltdl binds lazily and swallows the system's sentence: a module that calls a function defined
 * nowhere would kill the process at that call, and any failure reads "file not found". So a file
 * goes through plain dlopen with RTLD_NOW first; that binds everything, and when it fails its
 * sentence is the true one. libltdl then opens the same object, finds it bound, and gives symbols.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ltdl.h>

#include "plugin/module.h"
#include "plugin/where.h"

/* A descriptor may grow at its end; what the first release had is the least. */
#define PLUGIN_SIZE_MIN ((uint32_t)sizeof(cf_plugin_t))
#define READER_SIZE_MIN ((uint32_t)offsetof(cf_reader_ops_t, cursor))
#define SIZE_LIMIT 4096u

#ifdef CF_STATIC_PLUGINS
/* libtool writes this list into a program that is linked with -dlpreopen; others do without. */
#pragma weak lt__PROGRAM__LTX_preloaded_symbols
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *step_name(cfi_step_t step)
{
    static const char *const names[] = { "", "find", "file", "open", "symbol", "ABI", "size",
                                         "name", "once", "settings", "check" };

    return names[step];
}

int cfi_module_fail(const cf_module_t *m, cfi_step_t step, cf_diag_t *d, const char *fmt, ...)
{
    char sentence[400], source[CFI_MODULE_NAME_MAX + 16];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, ap);
    va_end(ap);
    snprintf(source, sizeof source, "plug-in %s", m->name);
    cf_log("%s: step %d (%s): failed: %s", source, step, step_name(step), sentence);
    if (d != NULL && d->line == 0)
        cf_diag_source(d, source);
    return cf_diag_set(d, CF_E_PLUGIN, "%s%sstep %d (%s): %s", m->path != NULL ? m->path : "",
                       m->path != NULL ? ": " : "", step, step_name(step), sentence);
}

static void passed(const cf_module_t *m, cfi_step_t step, const char *detail)
{
    cf_log("plug-in %s: step %d (%s): %s", m->name, step, step_name(step), detail);
}

const char *cf_plugin_kind_name(uint32_t kind)
{
    static const char *const names[] = { NULL, "reader", "source", "enricher", "writer",
                                         "detector" };

    return kind >= 1 && kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

int cfi_module_name_of(const char *what, char *out, size_t size)
{
    const char *slash = strrchr(what, '/'), *base = slash != NULL ? slash + 1 : what;
    size_t n = strlen(base);

    if (slash != NULL && n > 3 && strcmp(base + n - 3, ".so") == 0)
        n -= 3;
    if (n == 0 || n >= size)
        return CF_E_PLUGIN;
    memcpy(out, base, n);
    out[n] = '\0';
    return cfi_where_legal_name(out) ? CF_OK : CF_E_PLUGIN;
}

/*
 * The descriptor of a module in the program's own list. libltdl looks there for the name with '_'
 * for every '-', libtool writes it as it is: "aws-vpc.a" is never found that way.
 */
static const void *find_inside(const char *name)
{
#ifdef CF_STATIC_PLUGINS
    char archive[CFI_MODULE_NAME_MAX + 8], symbol[CFI_MODULE_NAME_MAX + 32];

    snprintf(archive, sizeof archive, "%s.a", name);
    snprintf(symbol, sizeof symbol, "%s_LTX_cf_plugin", name);
    for (char *s = symbol; *s != '\0'; s++)
        *s = *s == '-' ? '_' : *s;
    for (const lt_dlsymlist *s = lt_preloaded_symbols; s != NULL && s->name != NULL; s++) {
        if (s->address != NULL || strcmp(s->name, archive) != 0)
            continue;
        for (s++; s->address != NULL; s++) {
            if (strcmp(s->name, symbol) == 0)
                return s->address;
        }
        break;
    }
#else
    (void)name;
#endif
    return NULL;
}

/* A module that the program was linked with (-dlpreopen); files are not looked at. */
static lt_dlhandle open_preloaded(const char *name)
{
    char archive[CFI_MODULE_NAME_MAX + 8];
    lt_dlhandle handle = NULL;
    lt_dladvise advise;

    snprintf(archive, sizeof archive, "%s.a", name);
    if (lt_dladvise_init(&advise) != 0)
        return NULL;
    if (lt_dladvise_preload(&advise) == 0)
        handle = lt_dlopenadvise(archive, advise);
    lt_dladvise_destroy(&advise);
    return handle;
}

/* Step 1. A module linked into the program goes before files: a static build has no files. */
static int find(cf_module_t *m, const char *what, const char *dirs, cf_diag_t *d)
{
    char path[CFI_PATH_MAX];
    cf_diag_t why = CF_DIAG_INIT;

    if (strchr(what, '/') == NULL) {
        m->inside = find_inside(m->name);
        m->handle = m->inside == NULL ? open_preloaded(m->name) : NULL;
        if (m->inside != NULL || m->handle != NULL) {
            m->preloaded = true;
            m->path = strdup("preloaded");
        } else if (cfi_where_find(dirs, what, path, sizeof path, &why) != CF_OK) {
            return cfi_module_fail(m, CFI_STEP_FIND, d, "%s", why.text);
        } else {
            m->path = strdup(path);
        }
    } else {
        m->path = strdup(what);
    }
    if (m->path == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
    passed(m, CFI_STEP_FIND, m->path);
    return CF_OK;
}

/*
 * Step 2: code comes only from files that neither the group nor others may write. The group that
 * has the owner's number is the owner's own and no other person (umask 002 of some systems).
 */
static int check_file(cf_module_t *m, cf_diag_t *d)
{
    struct stat st;

    if (stat(m->path, &st) != 0)
        return cfi_module_fail(m, CFI_STEP_FILE, d, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return cfi_module_fail(m, CFI_STEP_FILE, d, "is not a regular file");
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return cfi_module_fail(m, CFI_STEP_FILE, d,
                               "belongs to user %lu, neither to root nor to you",
                               (unsigned long)st.st_uid);
    if ((st.st_mode & S_IWOTH) != 0)
        return cfi_module_fail(m, CFI_STEP_FILE, d, "may be written by everybody (mode %04o)",
                               (unsigned)(st.st_mode & 07777));
    if ((st.st_mode & S_IWGRP) != 0 && st.st_gid != st.st_uid)
        return cfi_module_fail(m, CFI_STEP_FILE, d, "may be written by its group (mode %04o)",
                               (unsigned)(st.st_mode & 07777));
    m->dev = st.st_dev;
    m->ino = st.st_ino;
    passed(m, CFI_STEP_FILE, "regular, in good hands");
    return CF_OK;
}

/* dlerror's sentences begin with the path, which the message has already. */
static const char *without_path(const char *sentence, const char *path)
{
    size_t n = strlen(path);

    if (strncmp(sentence, path, n) == 0 && strncmp(sentence + n, ": ", 2) == 0)
        return sentence + n + 2;
    return sentence;
}

/* Step 3. */
static int open_file(cf_module_t *m, cf_diag_t *d)
{
    void *bound = dlopen(m->path, RTLD_NOW | RTLD_LOCAL);
    lt_dladvise advise;
    const char *why;

    if (bound == NULL) {
        why = dlerror();
        return cfi_module_fail(m, CFI_STEP_OPEN, d, "%s",
                               why != NULL ? without_path(why, m->path) : "cannot be opened");
    }
    if (lt_dladvise_init(&advise) != 0) {
        dlclose(bound);
        return cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
    }
    if (lt_dladvise_local(&advise) == 0)
        m->handle = lt_dlopenadvise(m->path, advise);
    lt_dladvise_destroy(&advise);
    dlclose(bound);
    if (m->handle == NULL) {
        why = lt_dlerror();
        return cfi_module_fail(m, CFI_STEP_OPEN, d, "%s", why != NULL ? why : "cannot be opened");
    }
    passed(m, CFI_STEP_OPEN, "every symbol bound");
    return CF_OK;
}

/* Text that a message or a table can show. */
static bool legal_text(const char *s, size_t max)
{
    size_t n = s != NULL ? strnlen(s, max + 1) : max + 1;

    if (n == 0 || n > max)
        return false;
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
            return false;
    }
    return true;
}

static int check_kind(cf_module_t *m, const cf_plugin_t *p, cf_diag_t *d)
{
    const cf_reader_ops_t *ops = p->ops;
    uint32_t size;

    if (p->kind != CF_PLUGIN_READER)
        return cfi_module_fail(m, CFI_STEP_SIZE, d, "kind %u (%s) is not for this version",
                               p->kind, cf_plugin_kind_name(p->kind));
    if (p->flags != 0)
        return cfi_module_fail(m, CFI_STEP_SIZE, d, "flags 0x%x are not for this version",
                               p->flags);
    if (ops == NULL)
        return cfi_module_fail(m, CFI_STEP_SIZE, d, "has no table of functions");
    memcpy(&size, &ops->size, sizeof size);
    if (size < READER_SIZE_MIN || size > SIZE_LIMIT)
        return cfi_module_fail(m, CFI_STEP_SIZE, d,
                               "table of functions has %u bytes, not %u to %u", size,
                               READER_SIZE_MIN, SIZE_LIMIT);
    if (ops->probe == NULL || ops->open == NULL || ops->read == NULL || ops->close == NULL)
        return cfi_module_fail(m, CFI_STEP_SIZE, d, "a function of the reader is missing");
    return CF_OK;
}

/* Steps 4 to 7. */
static int prove(cf_module_t *m, cf_diag_t *d)
{
    const cf_plugin_t *p = m->inside != NULL ? m->inside : lt_dlsym(m->handle, "cf_plugin");
    char detail[256];
    int rc;

    if (p == NULL)
        return cfi_module_fail(m, CFI_STEP_SYMBOL, d,
                               "has no descriptor; CF_PLUGIN_SYMBOL makes one");
    passed(m, CFI_STEP_SYMBOL, "found");
    if (p->abi != CF_PLUGIN_ABI)
        return cfi_module_fail(m, CFI_STEP_ABI, d, "made for ABI %u, this is ABI %u", p->abi,
                               CF_PLUGIN_ABI);
    passed(m, CFI_STEP_ABI, "fits");
    if (p->size < PLUGIN_SIZE_MIN || p->size > SIZE_LIMIT)
        return cfi_module_fail(m, CFI_STEP_SIZE, d, "descriptor has %u bytes, not %u to %u",
                               p->size, PLUGIN_SIZE_MIN, SIZE_LIMIT);
    rc = check_kind(m, p, d);
    if (rc != CF_OK)
        return rc;
    if (!legal_text(p->version, 63) || !legal_text(p->summary, 255))
        return cfi_module_fail(m, CFI_STEP_SIZE, d, "version or summary is missing or unprintable");
    passed(m, CFI_STEP_SIZE, cf_plugin_kind_name(p->kind));
    if (!legal_text(p->name, CFI_MODULE_NAME_MAX))
        return cfi_module_fail(m, CFI_STEP_NAME, d, "has no name");
    if (strcmp(p->name, m->name) != 0)
        return cfi_module_fail(m, CFI_STEP_NAME, d, "calls itself '%s'", p->name);
    snprintf(detail, sizeof detail, "%s %s", p->name, p->version);
    passed(m, CFI_STEP_NAME, detail);
    m->plugin = p;
    return CF_OK;
}

/* Step 8. */
static int check_once(cf_module_t *m, cf_module_t *const *others, size_t n, cf_diag_t *d)
{
    for (size_t i = 0; i < n; i++) {
        bool same = !m->preloaded && !others[i]->preloaded && others[i]->dev == m->dev &&
                    others[i]->ino == m->ino;

        if (same || strcmp(others[i]->name, m->name) == 0)
            return cfi_module_fail(m, CFI_STEP_ONCE, d, "is loaded already, from %s",
                                   others[i]->path);
    }
    passed(m, CFI_STEP_ONCE, "the only one");
    return CF_OK;
}

static int load_locked(cf_module_t *m, const char *what, const char *dirs,
                       cf_module_t *const *others, size_t nothers, cf_diag_t *d)
{
    int rc = find(m, what, dirs, d);

    if (rc == CF_OK && !m->preloaded) {
        rc = check_file(m, d);
        if (rc == CF_OK)
            rc = open_file(m, d);
    }
    if (rc == CF_OK)
        rc = prove(m, d);
    if (rc == CF_OK)
        rc = check_once(m, others, nothers, d);
    return rc;
}

int cfi_module_load(cf_module_t **out, const char *what, const char *dirs,
                    cf_module_t *const *others, size_t nothers, cf_diag_t *d)
{
    char name[CFI_MODULE_NAME_MAX + 1];
    cf_module_t *m;
    int rc;

    if (cfi_module_name_of(what, name, sizeof name) != CF_OK) {
        cf_diag_source(d, "plug-in");
        return cf_diag_set(d, CF_E_PLUGIN, "'%.200s' is no name of a plug-in: small letters, "
                           "digits, '-' and '_'", what);
    }
    m = calloc(1, sizeof *m);
    if (m == NULL || (m->name = strdup(name)) == NULL) {
        free(m);
        return cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
    }
    pthread_mutex_lock(&lock);
    if (lt_dlinit() != 0) {
        pthread_mutex_unlock(&lock);
        free(m->name);
        free(m);
        return cf_diag_set(d, CF_E_PLUGIN, "libltdl does not start");
    }
    rc = load_locked(m, what, dirs, others, nothers, d);
    pthread_mutex_unlock(&lock);
    if (rc != CF_OK) {
        cfi_module_unload(m);
        return rc;
    }
    *out = m;
    return CF_OK;
}

void cfi_module_unload(cf_module_t *m)
{
    if (m == NULL)
        return;
    pthread_mutex_lock(&lock);
    if (m->handle != NULL)
        lt_dlclose(m->handle);
    lt_dlexit();
    pthread_mutex_unlock(&lock);
    free(m->name);
    free(m->path);
    free(m);
}

int cf_module_check(cf_module_t **m, const char *path, cf_diag_t *d)
{
    char here[CFI_PATH_MAX];

    if (strchr(path, '/') != NULL)
        return cfi_module_load(m, path, NULL, NULL, 0, d);
    /* A file of the current folder, not a name. */
    snprintf(here, sizeof here, "./%s", path);
    return cfi_module_load(m, here, NULL, NULL, 0, d);
}

void cf_module_close(cf_module_t *m)
{
    cfi_module_unload(m);
}

const cf_plugin_t *cf_module_plugin(const cf_module_t *m)
{
    return m->plugin;
}

const char *cf_module_path(const cf_module_t *m)
{
    return m->path;
}
