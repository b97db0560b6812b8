/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte sources. An input gives a sliding window over a file, standard input or memory, with gzip
 * (also gzip in gzip, several members) and zstd undone by content, never by name. Readers look at
 * the window and consume what they have understood; nothing is copied that need not be. With a
 * thread allowed, reading and inflating run ahead.
 */
#ifndef CF_INPUT_H
#define CF_INPUT_H

#include <cf/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cf_input cf_input_t;

enum {
    CF_INPUT_RAW = 1,          /* do not decompress */
    CF_INPUT_THREAD = 2        /* read and decompress ahead in a thread of its own */
};

#define CF_INPUT_WINDOW_MAX (16u << 20)    /* cf_input_fill can ask for this many bytes at most */

/* path "-" = standard input. The name is copied. */
CF_API int cf_input_open(cf_input_t **in, const char *path, unsigned flags, cf_diag_t *d) CF_MUST_USE;
/*
 * Window over the caller's bytes (borrowed until close), decompressed like a file: tests, fuzzing,
 * unwrapped payloads.
 */
CF_API int cf_input_open_memory(cf_input_t **in, const char *name, const void *bytes, size_t n, unsigned flags,
                                cf_diag_t *d) CF_MUST_USE;
CF_API void cf_input_close(cf_input_t *in);
/* "flow.log.gz", "stdin"; borrowed. */
CF_API const char *cf_input_name(const cf_input_t *in);
/*
 * Make at least want bytes visible, fewer only at the end of the input. *p, *n: the window
 * (borrowed until the next call). CF_OK, or CF_EOF when nothing is left, or an error (CF_E_TRUNC
 * for a cut .gz; the bytes before the cut have been given out first).
 */
CF_API int cf_input_fill(cf_input_t *in, size_t want, const char **p, size_t *n, cf_diag_t *d) CF_MUST_USE;
/* CF_OK while more bytes may come behind the window; else what comes then: CF_EOF or the error. */
CF_API int cf_input_ended(const cf_input_t *in);
/* Pass over n bytes of the window. */
CF_API void cf_input_consume(cf_input_t *in, size_t n);
/*
 * Next line without its LF (and without a CR before it), borrowed until the next call. A line
 * longer than max is passed over and reported as CF_R_LONG. CF_EOF at the end. A last line without
 * LF counts, but not before an error (a cut file).
 */
CF_API int cf_input_line(cf_input_t *in, size_t max, const char **line, size_t *n, cf_diag_t *d) CF_MUST_USE;
/* Bytes consumed, after decompression. */
CF_API uint64_t cf_input_offset(const cf_input_t *in);
/*
 * For progress: bytes taken from the file so far and its size (0 = unknown). Safe from any thread.
 */
CF_API void cf_input_progress(const cf_input_t *in, uint64_t *done, uint64_t *size);
/*
 * File descriptor for pread when the input is a plain seekable file that is not compressed, else
 * -1.
 */
CF_API int cf_input_fd(const cf_input_t *in);
/* "plain", "gzip", "zstd", "gzip in gzip"; borrowed. */
CF_API const char *cf_input_packing(const cf_input_t *in);

#ifdef __cplusplus
}
#endif
#endif
