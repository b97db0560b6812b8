/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A build tree is known by its marker .cf-build-tree (line 1 the source tree, line 2 the build
 * tree), looked for beside the running program and up to four folders above. The marker counts only
 * when it names a folder that the program is in and nobody else may write it: otherwise whoever can
 * put a file above an installed program could choose its modules.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/where.h"

#define MARKER ".cf-build-tree"
#define PARENTS 4

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char source_tree[CFI_PATH_MAX], build_tree[CFI_PATH_MAX];

static bool read_line(FILE *f, char *out)
{
    size_t n;

    if (fgets(out, CFI_PATH_MAX, f) == NULL)
        return false;
    n = strcspn(out, "\n");
    if (out[n] != '\n')
        return false;
    out[n] = '\0';
    return out[0] == '/';
}

static bool read_marker(const char *path, const char *program)
{
    FILE *f = fopen(path, "re");
    struct stat st;
    bool good;
    size_t n;

    if (f == NULL)
        return false;
    good = fstat(fileno(f), &st) == 0 && (st.st_uid == 0 || st.st_uid == geteuid()) &&
           (st.st_mode & S_IWOTH) == 0 && read_line(f, source_tree) && read_line(f, build_tree);
    fclose(f);
    n = strlen(build_tree);
    good = good && strncmp(program, build_tree, n) == 0 && program[n] == '/';
    if (!good)
        source_tree[0] = build_tree[0] = '\0';
    return good;
}

static void look(void)
{
    char program[CFI_PATH_MAX], path[CFI_PATH_MAX + sizeof MARKER];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash;

    if (n <= 0 || (size_t)n >= sizeof program - 1)
        return;
    program[n] = '\0';
    snprintf(path, sizeof path, "%s", program);
    for (int i = 0; i <= PARENTS && (slash = strrchr(path, '/')) != NULL; i++) {
        snprintf(slash, sizeof path - (size_t)(slash - path), "/%s", MARKER);
        if (read_marker(path, program))
            return;
        *slash = '\0';
    }
}

const char *cfi_where_source(void)
{
    pthread_once(&once, look);
    return source_tree[0] != '\0' ? source_tree : NULL;
}

const char *cfi_where_build(void)
{
    pthread_once(&once, look);
    return build_tree[0] != '\0' ? build_tree : NULL;
}

void cfi_where_describe(char *out, size_t size)
{
    const char *build = cfi_where_build();

    if (build != NULL)
        snprintf(out, size, "%s/plugins", build);
    else
        snprintf(out, size, "%s", CF_PLUGINDIR);
}

bool cfi_where_legal_name(const char *name)
{
    static const char legal[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t n = strlen(name);

    return n > 0 && n <= CFI_MODULE_NAME_MAX && name[0] != '-' && name[0] != '_' &&
           strspn(name, legal) == n;
}

/* dir of length n, "" = built-in. */
static bool file_in(const char *dir, size_t n, const char *name, char *out, size_t size)
{
    const char *build = cfi_where_build();
    int need;

    if (n > 0)
        need = snprintf(out, size, "%.*s/%s.so", (int)n, dir, name);
    else if (build != NULL)
        need = snprintf(out, size, "%s/plugins/readers/%s/.libs/%s.so", build, name, name);
    else
        need = snprintf(out, size, "%s/%s.so", CF_PLUGINDIR, name);
    return need > 0 && (size_t)need < size;
}

int cfi_where_find(const char *list, const char *name, char *out, size_t size, cf_diag_t *d)
{
    const char *at = list != NULL ? list : "";
    char builtin[CFI_PATH_MAX];
    struct stat st;

    for (;;) {
        size_t n = strcspn(at, ":");

        /* A relative folder would make the current folder a place to load code from. */
        if (n > 0 && at[0] != '/')
            return cf_diag_set(d, CF_E_PLUGIN, "folder '%.*s' of the plug-in path is not absolute",
                               (int)(n > 200 ? 200 : n), at);
        if (file_in(at, n, name, out, size) && lstat(out, &st) == 0)
            return CF_OK;
        at += n;
        if (*at == '\0')
            break;
        at++;
    }
    cfi_where_describe(builtin, sizeof builtin);
    if (list == NULL || *list == '\0')
        return cf_diag_set(d, CF_E_PLUGIN, "there is no %s.so in %s", name, builtin);
    return cf_diag_set(d, CF_E_PLUGIN, "there is no %s.so in %s (empty = %s)", name, list, builtin);
}

typedef struct names {
    char (*list)[CFI_MODULE_NAME_MAX + 1];
    size_t n, size;
} names_t;

static int add_name(names_t *s, const char *name)
{
    if (s->n == s->size) {
        size_t size = s->size > 0 ? s->size * 2 : 16;
        void *list = realloc(s->list, size * sizeof *s->list);

        if (list == NULL)
            return CF_E_NOMEM;
        s->list = list;
        s->size = size;
    }
    snprintf(s->list[s->n++], sizeof *s->list, "%s", name);
    return CF_OK;
}

/* Folder dir: its NAME.so; for the build tree its folders, one for each module. */
static int collect(names_t *s, const char *dir, bool folders)
{
    DIR *o = opendir(dir);
    struct dirent *e;
    int rc = CF_OK;

    if (o == NULL)
        return CF_OK;          /* a folder that is not there holds no module */
    while (rc == CF_OK && (e = readdir(o)) != NULL) {
        char name[CFI_MODULE_NAME_MAX + 1], path[CFI_PATH_MAX];
        size_t n = strlen(e->d_name);
        struct stat st;

        if (!folders && (n < 4 || strcmp(e->d_name + n - 3, ".so") != 0))
            continue;
        n -= folders ? 0 : 3;
        if (n > CFI_MODULE_NAME_MAX)
            continue;
        memcpy(name, e->d_name, n);
        name[n] = '\0';
        if (cfi_where_legal_name(name) &&
            (!folders || (file_in("", 0, name, path, sizeof path) && stat(path, &st) == 0)))
            rc = add_name(s, name);
    }
    closedir(o);
    return rc;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Array of pointers and the texts behind it in one piece, repeated names left out. */
static int pack(const names_t *s, char ***names)
{
    size_t array = (s->n + 1) * sizeof(char *), unique = 0;
    char **out = malloc(array + s->n * sizeof *s->list), *text;

    if (out == NULL)
        return CF_E_NOMEM;
    text = (char *)out + array;
    for (size_t i = 0; i < s->n; i++) {
        if (unique > 0 && strcmp(out[unique - 1], s->list[i]) == 0)
            continue;
        out[unique++] = memcpy(text, s->list[i], sizeof *s->list);
        text += sizeof *s->list;
    }
    out[unique] = NULL;
    *names = out;
    return CF_OK;
}

int cfi_where_names(const char *list, char ***names)
{
    const char *at = list != NULL ? list : "", *build = cfi_where_build();
    names_t s = { NULL, 0, 0 };
    char dir[CFI_PATH_MAX + 32];
    int rc;

    do {
        size_t n = strcspn(at, ":");

        if (n > 0)
            snprintf(dir, sizeof dir, "%.*s", (int)(n < sizeof dir ? n : sizeof dir - 1), at);
        else
            snprintf(dir, sizeof dir, "%s%s", build != NULL ? build : CF_PLUGINDIR,
                     build != NULL ? "/plugins/readers" : "");
        rc = collect(&s, dir, n == 0 && build != NULL);
        at += n;
    } while (rc == CF_OK && *at++ != '\0');
    if (rc == CF_OK && s.n > 1)
        qsort(s.list, s.n, sizeof *s.list, by_text);
    if (rc == CF_OK)
        rc = pack(&s, names);
    free(s.list);
    return rc;
}
