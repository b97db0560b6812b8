/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the bytes go: standard output or a file, plain or gzip.  A file is written under a
 * temporary name beside its place and renamed when it is complete; an existing one is refused
 * unless forced.
 */
#ifndef CFGEN_SINK_H
#define CFGEN_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gen_sink gen_sink_t;

typedef struct gen_sink_opts {
    const char *path;      /* NULL: standard output */
    bool force, gzip;
    int level;             /* of gzip, 1 to 9 */
    bool parents;          /* make the folders that lead to path */
    bool small;            /* one of hundreds: little buffers */
} gen_sink_opts_t;

/* New; NULL with a sentence in `why`. */
gen_sink_t *gen_sink_open(const gen_sink_opts_t *o, char *why, size_t why_size);
/* Room for at least `need` bytes (at most 64 KiB) behind what was written; NULL after a failure. */
char *gen_sink_room(gen_sink_t *s, size_t need);
/* Says that the room was filled up to `end`. */
void gen_sink_fill(gen_sink_t *s, const char *end);
/* Completes (or with ok false, removes) the output and frees the sink.  0, or -1 with `why`. */
int gen_sink_close(gen_sink_t *s, bool ok, char *why, size_t why_size);

#endif
