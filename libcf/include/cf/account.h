/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing is lost silently: what was read, kept, rejected and why, for one input or added up over
 * many. Readers count rows and report bad ones here; the commands print it (--stats) and provenance
 * stores it.
 */
#ifndef CF_ACCOUNT_H
#define CF_ACCOUNT_H

#include <cf/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cf_account {
    uint64_t bytes;            /* of the input, after decompression */
    uint64_t rows_read;        /* rows met: kept + rejected + filtered */
    uint64_t rows_kept;
    uint64_t rejected[CF_RECORD_ERR_COUNT];   /* index = -64 - code */
    uint64_t nodata, skipdata; /* status rows among the kept */
    uint64_t headers;          /* header lines met */
    int64_t tmin, tmax;        /* smallest and largest stime kept; tmin > tmax = none */
    /* records of other kinds in a mixed log (alerts, other services), passed over; no rows */
    uint64_t others;
} cf_account_t;

CF_API void cf_account_init(cf_account_t *a);
CF_API void cf_account_add(cf_account_t *a, const cf_account_t *b);
CF_API uint64_t cf_account_rejected(const cf_account_t *a);

/*
 * Rejected rows of one input: counted by reason in an account, and the first few kept with their
 * place for showing. Not shared between threads.
 */
#define CF_REJECTS_SHOWN 5
typedef struct cf_reject {
    int code;                  /* CF_R_… */
    uint64_t line;             /* 1-based, 0 = unknown */
    uint64_t offset;           /* byte offset after decompression */
    char reason[96];           /* sentence: "srcport 70000 is above 65535" */
    char excerpt[80];          /* start of the row, control characters made visible */
} cf_reject_t;

typedef struct cf_rejects {
    cf_account_t *account;
    uint32_t shown;            /* of first[] */
    cf_reject_t first[CF_REJECTS_SHOWN];
} cf_rejects_t;

CF_API void cf_rejects_init(cf_rejects_t *r, cf_account_t *account);
/*
 * Count a rejected row (rows_read and by reason) and keep it when it is among the first. excerpt
 * may be NULL.
 */
CF_API void cf_rejects_add(cf_rejects_t *r, int code, uint64_t line, uint64_t offset, const char *row, size_t n,
                           const char *fmt, ...) CF_PRINTF(7, 8);

#ifdef __cplusplus
}
#endif
#endif
