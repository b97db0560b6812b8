/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: an output that appears under its name only when it is complete. Regular files
 * are written beside the target under `.NAME.XXXXXX.tmp` and renamed; standard output, pipes and
 * devices are written directly. For .cf and text outputs alike.
 */
#ifndef CFI_STREAM_OUTFILE_H
#define CFI_STREAM_OUTFILE_H

#include <cf/base.h>

typedef enum cfi_outkind {
    CFI_OUT_FILE,              /* regular file, ours or standard output redirected */
    CFI_OUT_PIPE,              /* pipe or socket */
    CFI_OUT_TERMINAL,
    CFI_OUT_OTHER              /* device such as /dev/null */
} cfi_outkind_t;

typedef struct cfi_outfile {
    int fd;
    cfi_outkind_t kind;
    char *path;                /* target; NULL = standard output */
    char *temp;                /* NULL when written directly */
    const char *name;          /* for messages */
    uint64_t offset;           /* bytes written */
    uint64_t flushed;          /* bytes whose way to the disk has begun */
    int cleanup;               /* slot of cleanup.h */
    bool force;
    /* before the name is taken, or NULL */
    int (*ready)(void *ctx, const char *temp, cf_diag_t *d);
    void *ready_ctx;
} cfi_outfile_t;

/*
 * path NULL or "-" = standard output (not closed later). CF_E_EXISTS when the target is there and
 * force is not given.
 */
int cfi_outfile_open(cfi_outfile_t *o, const char *path, bool force, cf_diag_t *d) CF_MUST_USE;
/* All bytes or an error with the system's text; short writes and EINTR are seen to. */
int cfi_outfile_write(cfi_outfile_t *o, const void *bytes, size_t n, cf_diag_t *d) CF_MUST_USE;
/* Two pieces by one call. */
int cfi_outfile_write2(cfi_outfile_t *o, const void *a, size_t na, const void *b, size_t nb,
                       cf_diag_t *d) CF_MUST_USE;
/* Flush to disk, take the target's name, close. On failure nothing stands under the name. */
int cfi_outfile_commit(cfi_outfile_t *o, cf_diag_t *d) CF_MUST_USE;
/* Remove what was written and close. Harmless when not open. */
void cfi_outfile_abort(cfi_outfile_t *o);

#endif
