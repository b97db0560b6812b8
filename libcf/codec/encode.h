/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the encoder. encode.c goes over the columns and writes null parts and statistics;
 * encode_array.c chooses the form of a number array and writes it; encode_addr.c, encode_string.c
 * and encode_pair.c know addresses, strings, and rows that mirror the row before. Choices come from
 * cheap statistics of this block alone: nothing is remembered that could change the bytes.
 */
#ifndef CFI_CODEC_ENCODE_H
#define CFI_CODEC_ENCODE_H

#include "codec.h"
#include "comp.h"
#include "format.h"
#include "kernels.h"

typedef struct enc_slot {
    void *p;
    size_t size;
} enc_slot_t;

/* A string column: codes in order of first use, and the column it hangs on. */
typedef struct enc_string {
    const uint32_t *codes;     /* null rows have k */
    uint32_t *own;             /* their memory, unless they are the batch's */
    uint32_t *used;            /* code in the batch's dictionary of each of the k words */
    uint32_t k, count;         /* words; codes in use: k, or k + 1 with nulls */
    int parent;                /* column, or -1 */
    uint32_t *table;           /* parent's code to code */
    uint32_t differ;           /* rows that the table does not tell */
} enc_string_t;

/* Addresses as IPv4 numbers (rows that are not, have the number before) and the others in order. */
typedef struct enc_addrs {
    int col;                   /* -1 = none */
    uint32_t n;
    uint32_t *v4;
    uint64_t *marks;
    cf_addr_t *others;
    uint32_t nothers;
} enc_addrs_t;

typedef struct enc_pair {
    bool on;
    int iface, sport, dport;   /* columns, or -1 */
    int owner;                 /* column that stores the bits of repeat */
    uint32_t *own;             /* address of each interface code; NULL = not known */
    uint32_t strangers;        /* rows whose near end is another one */
    uint32_t *near, *far, *near_port, *far_port;
    uint64_t *swap, *repeat;
} enc_pair_t;

/*
 * Deeper than this an array is packed and nothing else: three forms around (SWAP, REPEAT, MAP or
 * SCALE), these, and the leaf stay within CODEC_DEPTH.
 */
#define ENC_NEST 4u

struct cfi_encoder {
    cf_level_t level;
    int zlevel;                /* of zstd; 0 = none */
    const cfi_kernels_t *k;
    cfi_comp_t comp;
    uint8_t *out;
    size_t len, size;
    uint64_t *start;
    cf_colstat_t *stat;
    uint32_t ncols_size;
    bool nomem;                /* set once, looked at at the end */
    unsigned depth;            /* enc_array calls that are open */
    enc_slot_t *slots;         /* scratch as a stack, like the decoder's */
    uint32_t top, nslots;
    const cf_batch_t *b;       /* in work */
    uint32_t col, rows;
    /* Fields with a part in pairs. */
    const cf_field_t *f_sip, *f_dip, *f_sport, *f_dport, *f_iface, *f_stime, *f_etime;
    /* Of this batch, in scratch. */
    enc_string_t *strings;     /* one for each column */
    bool *repeats;             /* columns stored with REPEAT */
    enc_addrs_t sip, dip;
    cf_addr_t *table;          /* addresses that both ends' chunks refer to */
    uint32_t ntable;
    int stime, etime;
    enc_pair_t pair;
};

/* Scratch of bytes bytes with CODEC_PAD behind; NULL sets nomem. Freed by setting e->top back. */
void *enc_tmp(cfi_encoder_t *e, size_t bytes);
/* Append to the chunk. */
void enc_bytes(cfi_encoder_t *e, const void *p, size_t n);
void enc_u8(cfi_encoder_t *e, unsigned v);
void enc_varint(cfi_encoder_t *e, uint64_t v);
/*
 * A buffer; compressed when the level has it and it pays. raw has CODEC_PAD readable bytes behind
 * n.
 */
void enc_buffer(cfi_encoder_t *e, const void *raw, size_t n);
/*
 * Only when it gets as much smaller than plain bytes as makes it worth while; false = nothing
 * written.
 */
bool enc_buffer_below(cfi_encoder_t *e, const void *raw, size_t n, size_t plain);
void enc_bitmap(cfi_encoder_t *e, const uint64_t *bits, uint32_t m);

/* What is known of an array before looking at it; a set. */
typedef unsigned enc_hint_t;
enum {
    HINT_NONE = 0,
    HINT_TIME = 1,             /* multiples of a unit of time, likely */
    HINT_CODES = 4,            /* no dictionary of these */
    HINT_DELTA = 8,            /* differences: no differences of these */
    HINT_NO_RLE = 16,
    HINT_REST = 32,            /* what frequent values left over */
    HINT_LEAF = 64             /* small part of a form: CONST or PACK */
};

/* Any m numbers; arrays have CODEC_PAD readable bytes behind. */
void enc_array32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, enc_hint_t hint);
void enc_array64(cfi_encoder_t *e, const uint64_t *v, uint32_t m, enc_hint_t hint);

/* Unit of which all numbers are multiples that fit 32 bits (those are put into small); 0 = none. */
uint64_t enc_unit(cfi_encoder_t *e, const uint64_t *v, uint32_t m, enc_hint_t hint,
                  uint32_t *small);

/*
 * Different values, the code of each number (ENC_OUTSIDE when the table was full) and how often
 * each value is there.
 */
typedef struct enc_table {
    const uint32_t *keys, *codes, *counts;
    uint32_t k;
    uint32_t outside;          /* numbers that are not in the table */
} enc_table_t;
#define ENC_HASH_BITS 15
#define ENC_DICT_MAX 65536u
#define ENC_OUTSIDE UINT32_MAX
/*
 * Fill keys, codes and counts (room for most, m, most) in order of appearance, and the rest of t.
 */
void enc_dict(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, uint32_t max,
              uint32_t most, uint32_t *keys,
              uint32_t *codes, uint32_t *counts, enc_table_t *t);

#define ENC_TOP 255u
/* Entries with the highest counts (at most ENC_TOP), falling; returns how many. */
uint32_t enc_top(const enc_table_t *t, uint32_t *top);

/* The values that a part of the numbers shows to be frequent, and how often they are in that part.
 */
typedef struct enc_frequent {
    uint32_t keys[ENC_TOP], counts[ENC_TOP];
    uint32_t k, taken;
} enc_frequent_t;
uint32_t enc_frequent(cfi_encoder_t *e, const uint32_t *v, uint32_t m, enc_frequent_t *f);
/* ESCAPE with at most so many of them. */
void put_frequent32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, const enc_frequent_t *f,
                    uint32_t most);

/* One form each. */
void put_const(cfi_encoder_t *e, uint64_t v);
void put_pack32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, unsigned bits);
/* Packed in wide bits for the compressor where that pays against bits, else in bits. */
void put_packed32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, unsigned bits,
                  unsigned wide);
void put_pack64(cfi_encoder_t *e, const uint64_t *v, uint32_t m, uint64_t min, unsigned bits);
/* False (nothing written) when a difference does not fit. */
bool put_delta32(cfi_encoder_t *e, const uint32_t *v, uint32_t m);
void put_rle32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, enc_hint_t hint);
void put_patch32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, unsigned bits);
/* Numbers above 32 bits become patches. */
void put_patch64(cfi_encoder_t *e, const uint64_t *v, uint32_t m);
void put_split32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, unsigned shift);
/* Table in order of value; codes follow it. */
void put_dict32(cfi_encoder_t *e, const enc_table_t *t, uint32_t m);
/* The k first of top get codes, the others are written out. */
void put_escape32(cfi_encoder_t *e, const uint32_t *v, const enc_table_t *t, const uint32_t *top,
                  uint32_t k, uint32_t m);

/* Before the columns: what they have to do with each other. */
void enc_strings_begin(cfi_encoder_t *e);
void enc_pair_begin(cfi_encoder_t *e);
void enc_addr_begin(cfi_encoder_t *e);

/* Numbers of a column with null rows filled, in scratch; NULL = no memory. */
uint32_t *enc_take32(cfi_encoder_t *e, const cf_vec_t *v);
bool enc_addrs_take(cfi_encoder_t *e, int col, enc_addrs_t *a);

/* The outermost array of column e->col, with REPEAT where it takes part. */
void enc_rows32(cfi_encoder_t *e, const uint32_t *v, enc_hint_t hint);
void enc_rows64(cfi_encoder_t *e, const uint64_t *v, enc_hint_t hint);
void enc_repeat32(cfi_encoder_t *e, const uint32_t *v, enc_hint_t hint);
void enc_repeat64(cfi_encoder_t *e, const uint64_t *v, enc_hint_t hint);
void enc_pair_sip(cfi_encoder_t *e);
void enc_pair_sport(cfi_encoder_t *e);

/* Chunks: strings with their null part, addresses without. */
void enc_strings(cfi_encoder_t *e, const cf_vec_t *v);
void enc_addr(cfi_encoder_t *e, const cf_vec_t *v);

#endif
