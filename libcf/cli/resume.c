/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --resume=STATE: what earlier runs have read of growing inputs, kept so that no row is lost or
 * comes twice wherever a run is killed. An output and its state cannot appear at one instant, so:
 *
 *   1. the output is complete and on the disk under its temporary name;
 *   2. STATE.next is written: the places after this run, and which file the output is (absolute
 *      path, temporary path, size, sum of its last bytes);
 *   3. the output takes its name;
 *   4. STATE.next takes the name STATE.
 *
 * Each step is flushed before the next. A run that finds STATE.next knows that another one was
 * ended between 2 and 4: when the output is there, step 4 is done now; when it is there under its
 * temporary name still, STATE.next is thrown away; when it is nowhere, somebody has moved it or it
 * never came, and only the user can know. STATE.lock keeps two runs apart.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <xxhash.h>

#include "cli/cli.h"
#include "stream/cleanup.h"
#include "stream/jsonput.h"
#include "stream/outfile.h"

#define STATE_VERSION 1
#define STATE_MAX (16u << 20)      /* bytes of the file */

typedef struct cfi_resume {
    char *path, *next, *lock;
    int lock_fd;
    json_t *inputs;                /* by name, as the state has them; not changed while a scan runs */
    json_t *news;                  /* by name, of this run; null = forget it */
    char twice[256];               /* an input that was named twice */
    bool nomem;
    bool prepared;                 /* STATE.next is there */
    bool placed;                   /* the output has its name */
} resume_t;

/* ---- one entry ---------------------------------------------------------------------------- */

static json_t *sum_text(uint64_t sum)
{
    char text[24];

    snprintf(text, sizeof text, "%016" PRIx64, sum);
    return json_string(text);
}

static bool get_sum(const json_t *j, uint64_t *sum)
{
    const char *text = json_string_value(j);
    char *end;

    if (text == NULL || strlen(text) != 16)
        return false;
    *sum = strtoull(text, &end, 16);
    return *end == '\0';
}

static bool get_count(const json_t *j, uint64_t *n)
{
    if (!json_is_integer(j) || json_integer_value(j) < 0)
        return false;
    *n = (uint64_t)json_integer_value(j);
    return true;
}

/* {"reader":…,"file":[size,mtime],"head":[at,length,sum],"tail":[offset,sum],"skip":…,…} */
static bool read_place(const json_t *o, cf_scan_place_t *p)
{
    const json_t *file = json_object_get(o, "file"), *head = json_object_get(o, "head");
    const json_t *tail = json_object_get(o, "tail");
    const char *reader = json_string_value(json_object_get(o, "reader"));
    uint64_t len;

    memset(p, 0, sizeof *p);
    if (reader == NULL || strlen(reader) >= sizeof p->reader ||
        !get_count(json_array_get(file, 0), &p->size) ||
        !json_is_integer(json_array_get(file, 1)) ||
        !get_count(json_array_get(head, 0), &p->mark.head) ||
        !get_count(json_array_get(head, 1), &len) || len > CF_INPUT_HEAD_MAX ||
        !get_sum(json_array_get(head, 2), &p->mark.head_sum) ||
        !get_count(json_array_get(tail, 0), &p->mark.offset) ||
        !get_sum(json_array_get(tail, 1), &p->mark.tail_sum) ||
        !get_count(json_object_get(o, "skip"), &p->skip))
        return false;
    snprintf(p->reader, sizeof p->reader, "%s", reader);
    p->mtime = json_integer_value(json_array_get(file, 1));
    p->mark.head_len = (uint32_t)len;
    p->mark.comma = json_is_true(json_object_get(o, "comma"));
    p->known = true;
    return true;
}

static uint64_t before(const json_t *old, int i)
{
    json_int_t v = json_integer_value(json_array_get(json_object_get(old, "rows"), (size_t)i));

    return v > 0 ? (uint64_t)v : 0;
}

/* New; old = what the earlier runs had, or NULL. */
static json_t *write_place(const cf_scan_place_t *p, const cf_account_t *a, const json_t *old)
{
    const cf_input_mark_t *m = &p->mark;
    uint64_t bytes = a->bytes + before(old, 3);

    return json_pack("{s:s, s:[I,I], s:[I,I,o], s:[I,o], s:I, s:b, s:[I,I,I,I]}",
                     "reader", p->reader, "file", (json_int_t)p->size, (json_int_t)p->mtime,
                     "head", (json_int_t)m->head, (json_int_t)m->head_len, sum_text(m->head_sum),
                     "tail", (json_int_t)m->offset, sum_text(m->tail_sum),
                     "skip", (json_int_t)p->skip, "comma", m->comma ? 1 : 0,
                     "rows", (json_int_t)(a->rows_read + before(old, 0)),
                     (json_int_t)(a->rows_kept + before(old, 1)),
                     (json_int_t)(cf_account_rejected(a) + before(old, 2)), (json_int_t)bytes);
}

/* ---- files -------------------------------------------------------------------------------- */

static int sync_folder(const char *path, cf_diag_t *d)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".")
        : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    int fd, rc = CF_OK;

    if (folder == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems cannot flush a folder; there is no more to be had from them. */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)) {
        cf_diag_source(d, folder);
        rc = cf_diag_errno(d, CF_E_IO, errno, "cannot be flushed to the disk");
    }
    if (fd >= 0)
        close(fd);
    free(folder);
    return rc;
}

/* Size and sum of the last bytes. CF_EOF when there is no such file. */
static int end_of(const char *path, uint64_t *size, uint64_t *sum, cf_diag_t *d)
{
    char tail[CF_INPUT_TAIL];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    size_t n, got = 0;

    if (fd < 0 && errno == ENOENT)
        return CF_EOF;
    if (fd < 0 || fstat(fd, &st) != 0)
        goto failed;
    *size = (uint64_t)st.st_size;
    n = *size < sizeof tail ? (size_t)*size : sizeof tail;
    while (got < n) {
        ssize_t k = pread(fd, tail + got, n - got, st.st_size - (off_t)(n - got));

        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            goto failed;
        got += (size_t)k;
    }
    *sum = XXH3_64bits(tail, n);
    close(fd);
    return CF_OK;
failed:
    cf_diag_source(d, path);
    (void)cf_diag_errno(d, CF_E_IO, errno, "cannot be read");
    if (fd >= 0)
        close(fd);
    return CF_E_IO;
}

/* The file as JSON with the right version. CF_EOF when it is not there. */
static int load(const char *path, json_t **root, cf_diag_t *d)
{
    json_error_t err;
    struct stat st;
    json_int_t version;

    *root = NULL;
    if (stat(path, &st) != 0 && errno == ENOENT)
        return CF_EOF;
    cf_diag_source(d, path);
    if (st.st_size > (off_t)STATE_MAX)
        return cf_diag_set(d, CF_E_LIMIT, "a state has at most %u MiB", STATE_MAX >> 20);
    *root = json_load_file(path, JSON_REJECT_DUPLICATES, &err);
    if (*root == NULL && json_error_code(&err) == json_error_cannot_open_file)
        return cf_diag_set(d, CF_E_IO, "cannot be opened");
    if (*root == NULL) {
        d->line = err.line > 0 ? (uint64_t)err.line : 0;
        return cf_diag_set(d, CF_E_FORMAT, "is no state of --resume: %s", err.text);
    }
    version = json_integer_value(json_object_get(*root, "cftools-resume"));
    if (version > STATE_VERSION)
        return cf_diag_set(d, CF_E_VERSION, "was written by a newer version");
    if (version != STATE_VERSION || !json_is_object(json_object_get(*root, "inputs")))
        return cf_diag_set(d, CF_E_FORMAT, "is no state of --resume");
    cf_diag_clear(d);
    return CF_OK;
}

/* ---- recovery ----------------------------------------------------------------------------- */

/* Another run was ended while it put its output in place: had it? */
static int recover(cf_cli_t *c, resume_t *r, cf_diag_t *d)
{
    const char *path, *temp;
    uint64_t size = 0, sum = 0, has_size, has_sum;
    struct stat st;
    json_t *root, *o;
    int rc = load(r->next, &root, d);

    if (rc != CF_OK) {
        json_decref(root);
        return rc == CF_EOF ? CF_OK : rc;
    }
    o = json_object_get(root, "output");
    path = json_string_value(json_object_get(o, "path"));
    temp = json_string_value(json_object_get(o, "temp"));
    cf_diag_source(d, r->next);
    if (path == NULL || temp == NULL || !get_count(json_object_get(o, "bytes"), &size) ||
        !get_sum(json_object_get(o, "sum"), &sum)) {
        rc = cf_diag_set(d, CF_E_FORMAT, "does not say which output it belongs to");
    } else if ((rc = end_of(path, &has_size, &has_sum, d)) == CF_OK && has_size == size &&
               has_sum == sum) {
        if (rename(r->next, r->path) != 0)
            rc = cf_diag_errno(d, CF_E_IO, errno, "cannot take the name %s", r->path);
        else
            cf_cli_warn(c, "an earlier run was ended when %s was complete; going on behind it",
                        path);
    } else if (rc >= 0 && stat(temp, &st) == 0) {
        rc = unlink(r->next) == 0 ? CF_OK
            : cf_diag_errno(d, CF_E_IO, errno, "cannot be removed");
        if (rc == CF_OK)
            cf_cli_warn(c, "an earlier run was ended before %s had its name; its rows are read "
                        "again (%s can be removed)", path, temp);
    } else if (rc >= 0) {
        rc = cf_diag_set(d, CF_E_EXISTS, "an earlier run was ended while it put %s in place, and "
                         "that is not there: if you have moved it, rename this file to %s, else "
                         "remove this file", path, r->path);
    }
    json_decref(root);
    if (rc >= 0)
        cf_diag_clear(d);
    return rc;
}

/* Only one run at a time. The file is removed at the end, so the name may be another file's. */
static int take_lock(resume_t *r, cf_diag_t *d)
{
    struct stat mine, there;

    for (;;) {
        r->lock_fd = open(r->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        cf_diag_source(d, r->lock);
        if (r->lock_fd < 0)
            return cf_diag_errno(d, CF_E_IO, errno, "cannot be made");
        if (flock(r->lock_fd, LOCK_EX | LOCK_NB) != 0) {
            int err = errno;

            close(r->lock_fd);
            r->lock_fd = -1;
            return err == EWOULDBLOCK
                ? cf_diag_set(d, CF_E_EXISTS, "another run is using this state")
                : cf_diag_errno(d, CF_E_IO, err, "cannot be locked");
        }
        if (fstat(r->lock_fd, &mine) == 0 && stat(r->lock, &there) == 0 &&
            mine.st_ino == there.st_ino && mine.st_dev == there.st_dev) {
            cf_diag_clear(d);
            return CF_OK;
        }
        close(r->lock_fd);
        r->lock_fd = -1;
    }
}

static char *with_end(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    char *s = malloc(n + m + 1);

    if (s != NULL) {
        memcpy(s, path, n);
        memcpy(s + n, end, m + 1);
    }
    return s;
}

int cf_cli_resume(cf_cli_t *c, const char *path, cf_diag_t *d)
{
    cfi_cli_t *p = cfi_cli_priv(c);
    resume_t *r = calloc(1, sizeof *r);
    json_t *root = NULL;
    struct stat st;
    int rc;

    p->resume = r;
    if (r == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    r->lock_fd = -1;
    r->path = strdup(path);
    r->next = with_end(path, ".next");
    r->lock = with_end(path, ".lock");
    r->news = json_object();
    if (r->path == NULL || r->next == NULL || r->lock == NULL || r->news == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    if (c->output == NULL || strcmp(c->output, "-") == 0)
        return cf_diag_set(d, CF_E_USAGE, "--resume needs --output=FILE, because only a file is "
                           "known to be complete");
    if (stat(c->output, &st) == 0 && !S_ISREG(st.st_mode)) {
        cf_diag_source(d, c->output);
        return cf_diag_set(d, CF_E_USAGE, "is no regular file, which --resume needs");
    }
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        cf_diag_source(d, path);
        return cf_diag_set(d, CF_E_USAGE, "is no regular file and no state of --resume");
    }
    rc = take_lock(r, d);
    if (rc == CF_OK)
        rc = recover(c, r, d);
    if (rc == CF_OK)
        rc = load(r->path, &root, d);
    if (rc == CF_OK)
        r->inputs = json_incref(json_object_get(root, "inputs"));
    else if (rc == CF_EOF)
        r->inputs = json_object();
    json_decref(root);
    if (rc >= 0 && r->inputs == NULL)
        rc = cf_diag_set(d, CF_E_NOMEM, "out of memory");
    return rc < 0 ? rc : CF_OK;
}

/* ---- while the scan runs ------------------------------------------------------------------- */

int cfi_resume_known(void *ctx, const char *name, cf_scan_place_t *place, cf_diag_t *d)
{
    const resume_t *r = cfi_cli_priv(ctx)->resume;
    json_t *probe = json_string(name), *o = json_object_get(r->inputs, name);

    /* jansson's texts are UTF-8, and two names must never become one. */
    if (probe == NULL)
        return cf_diag_set(d, CF_E_USAGE, "--resume needs names that are UTF-8");
    json_decref(probe);
    if (o != NULL && !read_place(o, place)) {
        cf_diag_source(d, r->path);
        return cf_diag_set(d, CF_E_FORMAT, "the entry of %s is damaged", name);
    }
    return CF_OK;
}

static void tell(cf_cli_t *c, const cf_scan_input_t *i)
{
    if (i->begin == CF_SCAN_REPLACED)
        cf_cli_warn(c, "%s: is not the file that was read before (%s); imported as a new one",
                    i->name, i->why);
    if (c->verbosity < 0 || i->end != CF_SCAN_CUT)
        return;
    if (i->place == NULL || i->reader == NULL)
        cfi_cli_say(c, "%s: too short so far to tell what it is, to be continued", i->name);
    else
        cfi_cli_say(c, "%s: %" PRIu64 " rows%s so far; ends inside of a record, to be continued "
                    "at byte %" PRIu64, i->name, i->account->rows_kept,
                    i->begin == CF_SCAN_CONTINUED ? " more" : "", i->place->mark.offset);
}

void cfi_resume_note(cf_cli_t *c, const cf_scan_input_t *i)
{
    resume_t *r = cfi_cli_priv(c)->resume;
    const json_t *old = i->begin == CF_SCAN_CONTINUED ? json_object_get(r->inputs, i->name) : NULL;
    json_t *entry;

    tell(c, i);
    if (json_object_get(r->news, i->name) != NULL)
        snprintf(r->twice, sizeof r->twice, "%s", i->name);
    if (i->begin == CF_SCAN_UNCHANGED)
        entry = json_incref(json_object_get(r->inputs, i->name));
    else if (i->place != NULL)
        entry = write_place(i->place, i->account, old);
    else if (i->begin == CF_SCAN_FRESH || i->begin == CF_SCAN_REPLACED)
        entry = json_null();
    else
        return;
    if (entry == NULL || json_object_set_new(r->news, i->name, entry) != 0)
        r->nomem = true;
}

/* ---- the two commits ----------------------------------------------------------------------- */

/* Of a path whose folder is there. New. */
static char *absolute(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".")
        : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    char *real = folder != NULL ? realpath(folder, NULL) : NULL, *with = NULL, *out = NULL;

    if (real != NULL)
        with = with_end(real, strcmp(real, "/") == 0 ? "" : "/");
    if (with != NULL)
        out = with_end(with, slash != NULL ? slash + 1 : path);
    free(folder);
    free(real);
    free(with);
    return out;
}

static json_t *describe_output(const cf_cli_t *c, const char *temp, cf_diag_t *d)
{
    char *path = absolute(c->output), *other = absolute(temp);
    uint64_t size = 0, sum = 0;
    int rc = end_of(temp, &size, &sum, d);
    json_t *o = NULL;

    if (rc == CF_OK && path != NULL && other != NULL)
        o = json_pack("{s:s, s:s, s:I, s:o}", "path", path, "temp", other, "bytes",
                      (json_int_t)size, "sum", sum_text(sum));
    if (o == NULL && (d == NULL || d->code == CF_OK))
        cf_diag_set(d, CF_E_USAGE, "--resume needs an output whose path is UTF-8 and not changed");
    free(path);
    free(other);
    return o;
}

static int put_state(resume_t *r, const json_t *root, cf_diag_t *d)
{
    cfi_outfile_t out;
    cf_buf_t text;
    int rc;

    cf_buf_init(&text, STATE_MAX);
    rc = cfi_json_put(root, JSON_COMPACT | JSON_SORT_KEYS, &text);
    if (rc == CF_OK)
        rc = cf_buf_puts(&text, "\n");
    if (rc != CF_OK) {
        cf_diag_source(d, r->path);
        cf_diag_set(d, rc, rc == CF_E_LIMIT ? "would be larger than 16 MiB: take entries of "
                    "inputs that are gone out of it" : "out of memory");
    } else {
        rc = cfi_outfile_open(&out, r->next, true, d);
        if (rc == CF_OK) {
            rc = cfi_outfile_write(&out, text.data, text.len, d);
            if (rc == CF_OK)
                rc = cfi_outfile_commit(&out, d);
            else
                cfi_outfile_abort(&out);
        }
    }
    cf_buf_fini(&text);
    return rc;
}

/* Step 2: the output is complete under its temporary name. */
int cfi_resume_ready(void *ctx, const char *temp, cf_diag_t *d)
{
    cf_cli_t *c = ctx;
    resume_t *r = cfi_cli_priv(c)->resume;
    json_t *root = json_object(), *all = json_object(), *output, *value;
    const char *name;
    int rc = CF_OK, bad, slot;

    if (r->twice[0] != '\0') {
        cf_diag_source(d, r->twice);
        rc = cf_diag_set(d, CF_E_USAGE, "is named twice, which --resume does not allow");
    }
    bad = r->nomem | json_object_update(all, r->inputs);
    json_object_foreach(r->news, name, value) {
        if (json_is_null(value))
            (void)json_object_del(all, name);
        else
            bad |= json_object_set(all, name, value);
    }
    output = rc == CF_OK ? describe_output(c, temp, d) : NULL;
    if (rc == CF_OK && output == NULL)
        rc = d != NULL && d->code != CF_OK ? d->code : CF_E_NOMEM;
    bad |= json_object_set_new(root, "cftools-resume", json_integer(STATE_VERSION));
    bad |= json_object_set(root, "inputs", all);
    bad |= output != NULL && json_object_set(root, "output", output);
    json_decref(output);
    json_decref(all);
    if (rc == CF_OK && bad)
        rc = cf_diag_set(d, CF_E_NOMEM, "out of memory");
    if (rc == CF_OK)
        rc = put_state(r, root, d);
    json_decref(root);
    if (rc != CF_OK)
        return rc;
    r->prepared = true;
    slot = cfi_cleanup_add(r->next);
    rc = sync_folder(r->next, d);
    cfi_cleanup_remove(slot);
    return rc;
}

/* Step 4: the output has its name. */
int cf_cli_resume_commit(cf_cli_t *c, cf_diag_t *d)
{
    resume_t *r = cfi_cli_priv(c)->resume;
    int rc;

    if (r == NULL || !r->prepared)
        return CF_OK;
    r->placed = true;
    rc = sync_folder(c->output, d);
    if (rc == CF_OK && rename(r->next, r->path) != 0) {
        cf_diag_source(d, r->path);
        rc = cf_diag_errno(d, CF_E_IO, errno, "cannot be put in place (the output is complete; "
                           "the next run goes on from %s)", r->next);
    }
    if (rc == CF_OK)
        rc = sync_folder(r->path, d);
    return rc;
}

void cfi_resume_free(cf_cli_t *c)
{
    resume_t *r = cfi_cli_priv(c)->resume;

    if (r == NULL)
        return;
    if (r->prepared && !r->placed)
        (void)unlink(r->next);
    if (r->lock_fd >= 0) {
        (void)unlink(r->lock);
        close(r->lock_fd);
    }
    json_decref(r->inputs);
    json_decref(r->news);
    free(r->path);
    free(r->next);
    free(r->lock);
    free(r);
    cfi_cli_priv(c)->resume = NULL;
}
