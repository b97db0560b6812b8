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
    CF_INPUT_THREAD = 2,       /* read and decompress ahead in a thread of its own */
    /*
     * The file may be growing: text that does not end in LF ends in CF_E_TRUNC, so that nobody
     * takes half a line for a whole one (JSON, known by its first byte, tells by itself); and what
     * cf_input_mark needs is kept.
     */
    CF_INPUT_GROWING = 4
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
 * A place in a file that an earlier run has read in part, by offsets after decompression, with
 * checksums (XXH3) of the head and of the last CF_INPUT_TAIL bytes before offset, which prove that
 * the file is still the same.
 */
#define CF_INPUT_TAIL 4096u
#define CF_INPUT_HEAD_MAX (64u << 10)
typedef struct cf_input_mark {
    uint64_t head;             /* bytes [head, head + head_len) go before those from offset on */
    uint32_t head_len;         /* CF_INPUT_HEAD_MAX at most; the head ends before offset */
    uint64_t offset;
    bool comma;                /* pass over blanks, a comma and blanks at offset */
    uint64_t head_sum, tail_sum;
} cf_input_mark_t;

/*
 * Before anything else: let the input be the head and what follows offset, as if it had always been
 * so. Plain files are sought in, others read through. CF_EOF when the file is not the one that the
 * sums are of (*why, borrowed, says a word); the input is of no more use then.
 */
CF_API int cf_input_splice(cf_input_t *in, const cf_input_mark_t *m, const char **why,
                           cf_diag_t *d) CF_MUST_USE;
/* Where a byte of the input stands in the file: something else than its offset after a splice. */
CF_API uint64_t cf_input_place(const cf_input_t *in, uint64_t offset);
/*
 * Fill in the sums of a mark whose bytes have been read (places in the file). Of a compressed file
 * only the last are at hand: CF_EOF when they do not reach; cf_input_sums reads the file again.
 */
CF_API int cf_input_mark(cf_input_t *in, cf_input_mark_t *m, cf_diag_t *d) CF_MUST_USE;
CF_API int cf_input_sums(const char *path, cf_input_mark_t *m, cf_diag_t *d) CF_MUST_USE;
/* Size and time (ns) of the regular file when it was opened; false when it is none. */
CF_API bool cf_input_stat(const cf_input_t *in, uint64_t *size, int64_t *mtime);
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
