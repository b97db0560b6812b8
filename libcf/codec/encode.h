/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the encoder. encode.c goes over the columns and writes null parts and statistics; encode_array.c chooses the
 * form of a number array and writes it; encode_addr.c, encode_string.c and encode_pair.c know addresses, strings, and rows
 * that mirror the row before. Choices come from cheap statistics of this block alone: nothing is remembered that could change
 * the bytes.
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
    enc_slot_t *slots;         /* scratch as a stack, like the decoder's */
    uint32_t top, nslots;
    const cf_batch_t *b;       /* in work */
    uint32_t col, rows;
};

/* Scratch of bytes bytes with CODEC_PAD behind; NULL sets nomem. Freed by setting e->top back. */
void *enc_tmp(cfi_encoder_t *e, size_t bytes);
/* Append to the chunk. */
void enc_bytes(cfi_encoder_t *e, const void *p, size_t n);
void enc_u8(cfi_encoder_t *e, unsigned v);
void enc_varint(cfi_encoder_t *e, uint64_t v);
/* A buffer; compressed when the level has it and it pays. raw has CODEC_PAD readable bytes behind n. */
void enc_buffer(cfi_encoder_t *e, const void *raw, size_t n);
void enc_bitmap(cfi_encoder_t *e, const uint64_t *bits, uint32_t m);

/* What is known of an array before looking; a hint only. */
typedef enum enc_hint {
    HINT_NONE,
    HINT_TIME,                 /* neighbours are close */
    HINT_SORTED,               /* never falls */
    HINT_CODES                 /* dictionary codes: no dictionary of them */
} enc_hint_t;

/* Any m numbers; arrays have CODEC_PAD readable bytes behind. */
void enc_array32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, enc_hint_t hint);
void enc_array64(cfi_encoder_t *e, const uint64_t *v, uint32_t m, enc_hint_t hint);

void enc_addr(cfi_encoder_t *e, const cf_vec_t *v);
void enc_strings(cfi_encoder_t *e, const cf_vec_t *v);

#endif
