/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to the input room. Bytes come through a chain of layers: a source (file, memory) at the
 * bottom, one layer for each compression found, and on top the window of input.c. A layer above a
 * source looks at its bytes through a feed, the small buffer in which compression is also
 * recognised.
 */
#ifndef CFI_INPUT_LAYER_H
#define CFI_INPUT_LAYER_H

#include <stdatomic.h>

#include <cf/input.h>

typedef struct cfi_layer cfi_layer_t;
struct cfi_layer {
    /*
     * Up to cap bytes into out. CF_OK with *got > 0; CF_EOF with *got = 0; or an error, where *got
     * tells the good bytes before it. After CF_EOF or an error it is not called again.
     */
    int (*read)(cfi_layer_t *l, uint8_t *out, size_t cap, size_t *got, cf_diag_t *d);
    void (*close)(cfi_layer_t *l);      /* also closes what is below */
};

/* The bytes of a layer, a piece at a time, for those who must see some before they take them. */
#define CFI_FEED_SIZE (128u << 10)
typedef struct cfi_feed {
    cfi_layer_t *from;         /* owned */
    uint8_t *buf;
    size_t pos, len;
    int status;                /* CF_OK; else what comes when the buffer is empty */
    cf_diag_t diag;
} cfi_feed_t;

/* New; takes the layer, also on failure (NULL = no memory). */
cfi_feed_t *cfi_feed_create(cfi_layer_t *from);
void cfi_feed_destroy(cfi_feed_t *f);
/*
 * Make want bytes (at most CFI_FEED_SIZE) visible, fewer only before the end: feed->len - feed->pos
 * tells.
 */
void cfi_feed_need(cfi_feed_t *f, size_t want);
/* What ended the feed, told into d. */
int cfi_feed_ended(const cfi_feed_t *f, cf_diag_t *d);

/* Layers; each takes its feed, also on failure. */
cfi_layer_t *cfi_plain_create(cfi_feed_t *f);
/* The file below was sought in: forget what was read of it. */
void cfi_plain_restart(cfi_layer_t *plain);
cfi_layer_t *cfi_gunzip_create(cfi_feed_t *f);
cfi_layer_t *cfi_unzstd_create(cfi_feed_t *f);

/* Sources. done counts the bytes taken, for progress. */
typedef struct cfi_source {
    cfi_layer_t layer;
    int fd;                    /* -1 for memory */
    bool own_fd;
    bool regular;
    bool at_start;             /* a file opened at its first byte */
    int wake[2];               /* a byte in this pipe ends waiting for a slow source; -1 = none */
    const uint8_t *bytes;      /* memory */
    size_t len, pos;
    size_t chunk;              /* most bytes one read gives; tests make it small */
    uint64_t size;             /* 0 = unknown */
    uint64_t file_size;        /* regular: as opened */
    int64_t file_mtime;
    _Atomic uint64_t done;
} cfi_source_t;

cfi_source_t *cfi_source_file(const char *path, cf_diag_t *d);
cfi_source_t *cfi_source_memory(const void *bytes, size_t n, cf_diag_t *d);

/* The thread that reads ahead of the window. */
typedef struct cfi_ahead cfi_ahead_t;
#define CFI_AHEAD_HEADROOM (64u << 10)

/*
 * Start reading the layer (borrowed until destroy). src may be waiting for a slow file: destroy
 * wakes it.
 */
cfi_ahead_t *cfi_ahead_create(cfi_layer_t *from, cfi_source_t *src);
void cfi_ahead_destroy(cfi_ahead_t *a);
/*
 * Next piece: *p, *n borrowed until the next call; CFI_AHEAD_HEADROOM bytes in front of it are the
 * caller's to write. CF_EOF or an error behind the last.
 */
int cfi_ahead_next(cfi_ahead_t *a, uint8_t **p, size_t *n, cf_diag_t *d);

/* The beginning and the last bytes consumed of an input that cannot be sought in. */
#define CFI_PAST (256u << 10)
typedef struct cfi_past {
    uint8_t first[CF_INPUT_HEAD_MAX];
    size_t nfirst;
    uint8_t last[2 * CFI_PAST];
    size_t nlast;
    uint64_t end;              /* place behind the last byte */
} cfi_past_t;

/* The window; see input.c. */
struct cf_input {
    char *name;
    cfi_source_t *src;         /* belongs to top */
    cfi_layer_t *top;
    cfi_ahead_t *ahead;
    bool thread;               /* start ahead when a second piece is needed */
    bool direct;               /* the window is the caller's memory */
    bool packed;
    unsigned reads;
    char packing[48];
    uint8_t *buf;              /* window memory of our own */
    size_t size;
    const uint8_t *win;        /* the window: in buf, in a piece of ahead, or the caller's memory */
    size_t len;
    uint64_t offset;
    int status;                /* CF_OK, or what comes behind the window */
    cf_diag_t diag;
    /* growing inputs */
    bool growing;
    bool known, text;          /* its first byte was seen; it is not JSON's */
    uint8_t last;              /* byte consumed */
    cfi_past_t *past;          /* what was consumed of a compressed file */
    uint64_t head, seam;       /* spliced: places in the file of the head and of what follows it */
    uint32_t head_len;
    bool spliced;
};

/* Bytes before the window. */
int cfi_input_prepend(cf_input_t *in, const void *bytes, size_t n);
/* Look at the first byte, and judge the end when it has come (growing inputs). */
void cfi_input_look(cf_input_t *in);
/* Bytes at a place in the file are consumed. */
void cfi_past_put(cfi_past_t *past, const uint8_t *p, size_t n);

/* Like cf_input_open_memory, but every read gives at most chunk bytes (0 = all): for tests. */
int cfi_input_open_chunked(cf_input_t **in, const char *name, const void *bytes, size_t n,
                           size_t chunk,
                           unsigned flags, cf_diag_t *d);

#endif
