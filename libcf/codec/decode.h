/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the decoder: what it keeps of a block (columns that others refer to, decoded once) and the
 * functions its files share. decode_array.c knows number arrays, decode_column.c nulls and
 * references, decode_addr.c and decode_string.c the two kinds with a form of their own, describe.c
 * says in words how a chunk is made.
 */
#ifndef CFI_CODEC_DECODE_H
#define CFI_CODEC_DECODE_H

#include "codec.h"
#include "comp.h"
#include "format.h"
#include "kernels.h"

/* Returned by 32-bit array decoding when the numbers may need 64 bits; never leaves the decoder. */
enum { DECODE_WIDE = 2 };

/* Decoded numbers of a column, kept because other columns refer to them: 32 or 64 bits each. */
typedef struct numbers {
    void *p;
    size_t size;
    bool wide;
    bool have;
} numbers_t;

typedef struct column {
    const uint8_t *bytes;
    size_t n;
    uint32_t nulls;
    bool known;                /* bytes, n, nulls are those of this block */
    bool wanted;               /* others referred to it in an earlier block: worth keeping */
    bool busy;                 /* being decoded: a reference to it is a circle */
    numbers_t values;          /* of SAME, DIFF; codes of a string column */
    uint32_t codes;            /* how many different codes a string column may have */
    numbers_t a, b;            /* ends of an outermost SWAP */
    uint64_t *bits;            /* of an outermost SWAP or REPEAT */
    bool have_bits;
    uint8_t bits_op;
} column_t;

typedef struct slot {
    void *p;
    size_t size;
} slot_t;

struct cfi_decoder {
    const cf_schema_t *schema;
    uint32_t rows;
    cfi_chunk_get_fn get;
    void *get_ctx;
    const cfi_kernels_t *k;
    cfi_comp_t comp;
    column_t *cols;
    uint32_t ncols, cols_size;
    slot_t *slots;             /* scratch, used as a stack: [0, top) is in use */
    uint32_t top, nslots;
    uint32_t refs;             /* depth of references now */
    cf_diag_t *d;              /* of the call in progress */
};

/*
 * Sets the diagnostic to the sentence and returns CF_E_FORMAT; the caller of the decoder names the
 * column.
 */
int dec_bad(cfi_decoder_t *dec, const char *sentence);
int dec_nomem(cfi_decoder_t *dec);
/*
 * Scratch of at least bytes bytes with CODEC_PAD behind; freed by setting dec->top back. NULL = no
 * memory (diagnosed).
 */
void *dec_tmp(cfi_decoder_t *dec, size_t bytes);
/* Make room in a kept array. */
int dec_keep(cfi_decoder_t *dec, void **p, size_t *size, size_t bytes);

/* Buffer of exactly raw bytes; *bytes points into the chunk or into scratch. */
int dec_buffer(cfi_decoder_t *dec, cursor_t *c, size_t raw, const uint8_t **bytes);
int dec_skip_buffer(cfi_decoder_t *dec, cursor_t *c, size_t *raw);
/* Bit map of m items as words; bits beyond m must be 0. */
int dec_bitmap(cfi_decoder_t *dec, cursor_t *c, uint32_t m, uint64_t *words);
int dec_count(cfi_decoder_t *dec, cursor_t *c, uint32_t *count);

/* Arrays of m numbers. dec_array32 refuses numbers above 32 bits; out needs no padding. */
int dec_array32(cfi_decoder_t *dec, cursor_t *c, uint32_t m, uint32_t *out, unsigned depth);
int dec_array64(cfi_decoder_t *dec, cursor_t *c, uint32_t m, uint64_t *out, unsigned depth);
/* Walk over an array; with text, its description is appended. */
int dec_walk_array(cfi_decoder_t *dec, cursor_t *c, uint32_t m, unsigned depth, cf_buf_t *text);

/* The chunk of a column, in *col; CF_E_FORMAT when ref is no column. */
int dec_column(cfi_decoder_t *dec, uint64_t ref, column_t **col);
/* The same for a reference: not empty, deeper by one, marked busy until dec_leave. */
int dec_enter(cfi_decoder_t *dec, uint64_t ref, column_t **col);
void dec_leave(cfi_decoder_t *dec, column_t *col);

/* What references get; borrowed until the next block. */
int dec_ref_codes(cfi_decoder_t *dec, uint64_t ref, const uint32_t **codes, uint32_t *count);
int dec_ref_values(cfi_decoder_t *dec, uint64_t ref, const numbers_t **v);
int dec_ref_bits(cfi_decoder_t *dec, uint64_t ref, int op, const uint64_t **bits);
int dec_ref_swap(cfi_decoder_t *dec, uint64_t ref, const column_t **out);
/* Decode rows numbers into a kept array, 64-bit when asked for or needed. */
int dec_keep_values(cfi_decoder_t *dec, cursor_t *c, numbers_t *v, bool wide);
/*
 * The outermost SWAP at c of a column: its bits and both ends are kept; then one side of them
 * (DECODE_WIDE as above).
 */
int dec_swap_ends(cfi_decoder_t *dec, uint32_t number, cursor_t *c, bool wide);
int dec_side32(cfi_decoder_t *dec, const column_t *col, uint32_t *out);
int dec_side64(cfi_decoder_t *dec, const column_t *col, uint64_t *out);
/*
 * The outermost array of a column: as dec_array, and a SWAP's ends are kept for the column that
 * refers to them.
 */
int dec_outer32(cfi_decoder_t *dec, uint32_t number, cursor_t *c, uint32_t *out);
int dec_outer64(cfi_decoder_t *dec, uint32_t number, cursor_t *c, uint64_t *out);

/*
 * Null part at c: words gets the bit map (rows / 64 words); *how is the way, NULLS_CODE leaves
 * words alone.
 */
int dec_nullpart(cfi_decoder_t *dec, cursor_t *c, uint64_t *words, uint8_t *how);
int dec_skip_nullpart(cfi_decoder_t *dec, cursor_t *c, uint8_t *how);
/* Cursor at the outermost array of a column that is entered. */
int dec_outermost(cfi_decoder_t *dec, uint32_t number, const column_t *col, cursor_t *c);

/* Values of a chunk behind the null part. */
int dec_addr(cfi_decoder_t *dec, uint32_t col, cursor_t *c, cf_vec_t *out);
int dec_strings(cfi_decoder_t *dec, column_t *col, cursor_t *c, uint8_t how, cf_vec_t *out);
int dec_skip_words(cfi_decoder_t *dec, cursor_t *c, uint32_t *k);
/* Codes (known already from a reference, or NULL) and with words the dictionary; *k words. */
int dec_codes(cfi_decoder_t *dec, cursor_t *c, uint8_t how, const uint32_t *known, uint32_t *out,
              uint32_t *k, cf_dict_t *words);
int dec_walk_addr(cfi_decoder_t *dec, cursor_t *c, uint32_t m, unsigned depth, cf_buf_t *text);
int dec_walk_strings(cfi_decoder_t *dec, cursor_t *c, cf_buf_t *text);

#endif
