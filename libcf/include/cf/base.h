/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ground floor of libcf: error numbers, the diagnostic that carries a failure with its place, the
 * bounded growable buffer and checked arithmetic. Everything else in the library stands on this
 * header; it knows nothing of flows.
 */
#ifndef CF_BASE_H
#define CF_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CF_API __attribute__((visibility("default")))
#define CF_MUST_USE __attribute__((warn_unused_result))
#define CF_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/*
 * Error numbers. Two ranges: a stream error (-1 .. -63) ends this input; a record error (-64 and
 * below) spoils one row, is counted, and reading goes on. Numbers never change; doc/errors.md
 * lists them and a test compares.
 */
enum cf_err {
    CF_OK = 0,
    CF_EOF = 1,            /* no further item; not an error */
    CF_E_NOMEM = -1,       /* memory, or a stated memory limit, is exhausted */
    CF_E_IO = -2,          /* the system refused to read or write */
    CF_E_FORMAT = -3,      /* bytes are not what the format allows */
    CF_E_TRUNC = -4,       /* input ends before its end mark */
    CF_E_CHECKSUM = -5,    /* stored checksum differs from the data */
    CF_E_VERSION = -6,     /* written by a newer version; essential part unknown */
    CF_E_USAGE = -7,       /* the caller (an option, expression, configuration) is wrong */
    CF_E_PLUGIN = -8,      /* a module cannot be used */
    CF_E_DETECT = -9,      /* no reader fits the input, or more than one */
    CF_E_FIELD = -10,      /* field unknown, absent in the input or dropped */
    CF_E_LIMIT = -11,      /* a stated bound was passed */
    CF_E_EXISTS = -12,     /* output exists and may not be replaced */
    CF_E_INTERNAL = -13,   /* a promise inside the library was broken */
    CF_R_FIELDS = -64,     /* wrong number of values in the row */
    CF_R_TIME = -65,       /* time unreadable, or end before start */
    CF_R_ADDR = -66,       /* address unreadable */
    CF_R_NUMBER = -67,     /* number unreadable or negative */
    CF_R_RANGE = -68,      /* number outside of the field's range */
    CF_R_ENUM = -69,       /* word that the field does not know */
    CF_R_LONG = -70,       /* line or value longer than its bound */
    CF_R_BYTES = -71,      /* bytes that cannot be in such a row (NUL, control) */
    CF_R_SYNTAX = -72,     /* wrapping (JSON, quoting) is broken */
    CF_R_EMPTY = -73       /* row holds nothing */
};
#define CF_IS_RECORD_ERR(e) ((e) <= -64)
#define CF_RECORD_ERR_COUNT 10 /* CF_R_FIELDS .. CF_R_EMPTY */

/* Sentence for an error number; borrowed, never NULL. */
CF_API const char *cf_strerror(int err);
/* Short stable word ("fields", "time", …) for accounting of record errors; borrowed, never NULL. */
CF_API const char *cf_errname(int err);

/*
 * Where and why something failed. The caller owns it (often on the stack); functions that take
 * one fill it when they return an error, and accept NULL. Places that do not apply are 0.
 */
typedef struct cf_diag {
    int code;              /* enum cf_err */
    char source[256];      /* file, "stdin", module or option; cut with "..." when longer */
    uint64_t line;         /* 1-based, or 0 */
    uint64_t block;        /* 1-based, or 0 */
    uint64_t offset;       /* byte offset in the source; meaningful when has_offset */
    bool has_offset;
    uint32_t column;       /* 1-based column of an expression or configuration text, or 0 */
    char text[512];        /* a sentence without final stop */
} cf_diag_t;

#define CF_DIAG_INIT { 0 }

/* Set code and text (source and places are kept when already set) and return code. */
CF_API int cf_diag_set(cf_diag_t *d, int code, const char *fmt, ...) CF_PRINTF(3, 4);
/* The same for a failed system call: appends strerror(errnum). */
CF_API int cf_diag_errno(cf_diag_t *d, int code, int errnum, const char *fmt, ...) CF_PRINTF(4, 5);
/* Name the source when it has none yet. */
CF_API void cf_diag_source(cf_diag_t *d, const char *source);
/* Forget everything. */
CF_API void cf_diag_clear(cf_diag_t *d);
/*
 * "source: line 7: sentence" into out (always terminated, control characters made visible);
 * returns its length.
 */
CF_API size_t cf_diag_format(const cf_diag_t *d, char *out, size_t size);

/*
 * The library never prints. What it could tell of its doings (the steps of loading a module) goes
 * to one hook of the process, set before threads start; without one nothing is even formatted.
 */
typedef void (*cf_log_fn)(void *ctx, const char *text);
CF_API void cf_log_hook(cf_log_fn fn, void *ctx);
CF_API void cf_log(const char *fmt, ...) CF_PRINTF(1, 2);

/* Library version ("0.1.0"); borrowed. */
CF_API const char *cf_version(void);

/*
 * Growable byte buffer with a mandatory maximum. Zero bytes follow the content, so data is always
 * a C string once anything was put. On failure the buffer keeps its content and returns
 * CF_E_NOMEM (no memory) or CF_E_LIMIT (maximum).
 */
typedef struct cf_buf {
    char *data;
    size_t len;
    size_t size;           /* allocated */
    size_t max;            /* never more than this many bytes of content */
} cf_buf_t;

CF_API void cf_buf_init(cf_buf_t *b, size_t max);
CF_API void cf_buf_fini(cf_buf_t *b);
/* Room for add more bytes behind len (which stays). */
CF_API int cf_buf_reserve(cf_buf_t *b, size_t add) CF_MUST_USE;
CF_API int cf_buf_put(cf_buf_t *b, const void *bytes, size_t n) CF_MUST_USE;
CF_API int cf_buf_puts(cf_buf_t *b, const char *text) CF_MUST_USE;
CF_API int cf_buf_putf(cf_buf_t *b, const char *fmt, ...) CF_PRINTF(2, 3) CF_MUST_USE;

/* Checked size arithmetic: false when the result does not fit. */
static inline bool cf_size_add(size_t a, size_t b, size_t *r)
{
    return !__builtin_add_overflow(a, b, r);
}

static inline bool cf_size_mul(size_t a, size_t b, size_t *r)
{
    return !__builtin_mul_overflow(a, b, r);
}

/*
 * Allocate count × size bytes aligned to 64 (vector loads); NULL on overflow or no memory. Free
 * with free().
 */
CF_API void *cf_alloc_aligned(size_t count, size_t size);

#ifdef __cplusplus
}
#endif
#endif
