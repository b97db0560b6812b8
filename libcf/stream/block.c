/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DATA block: its directory, and chunks brought in on demand. From a file each chunk is one
 * positioned read, joined with neighbours that the last block needed too; the checksum is computed
 * once, over what is used. Decoding is the room `codec`.
 */
#include "stream/block.h"

#include <stdio.h>
#include <stdlib.h>

/* Chunks that stand this close together are read by one call, with what lies between. */
#define GAP_MAX 4096u

cf_block_t *cf_block_create(void)
{
    cf_block_t *b = calloc(1, sizeof *b);

    if (b != NULL && (b->dec = cfi_decoder_create()) == NULL) {
        free(b);
        b = NULL;
    }
    return b;
}

void cf_block_destroy(cf_block_t *b)
{
    if (b == NULL)
        return;
    cfi_decoder_destroy(b->dec);
    cfi_source_put(b->src);
    cfi_columns_put(b->cols);
    cf_vec_fini(&b->scratch);
    free(b->bytes);
    free(b->start);
    free(b->state);
    free(b);
}

uint32_t cf_block_rows(const cf_block_t *b)
{
    return b->rows;
}

const cf_schema_t *cf_block_schema(const cf_block_t *b)
{
    return b->cols->schema;
}

uint64_t cf_block_number(const cf_block_t *b)
{
    return b->number;
}

uint64_t cf_block_first_row(const cf_block_t *b)
{
    return b->first_row;
}

int cf_block_level(const cf_block_t *b)
{
    return (int)((b->head.flags >> CFI_LEVEL_SHIFT) & CFI_LEVEL_MASK);
}

uint64_t cf_block_bytes(const cf_block_t *b)
{
    return CFI_HEAD_SIZE + b->head.length;
}

uint64_t cf_block_chunk_bytes(const cf_block_t *b, uint32_t col)
{
    return b->start[col + 1] - b->start[col];
}

int cfi_block_fail(const cf_block_t *b, cf_diag_t *d, int code, const char *fmt, ...)
{
    char text[sizeof d->text];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (d != NULL) {
        cf_diag_source(d, b->src->name);
        d->block = b->number;
    }
    return cf_diag_set(d, code, "%s", text);
}

/* ---- filling ------------------------------------------------------------------------------ */

static int column_room(cf_block_t *b, uint32_t n)
{
    uint64_t *start;
    uint8_t *state;

    if (n <= b->colsize)
        return CF_OK;
    start = malloc(((size_t)n + 1) * sizeof *start);
    state = calloc(n, 3);
    if (start == NULL || state == NULL) {
        free(start);
        free(state);
        return CF_E_NOMEM;
    }
    free(b->start);
    free(b->state);
    b->start = start;
    b->state = state;
    b->wanted = state + n;
    b->before = state + 2 * (size_t)n;
    b->colsize = n;
    return CF_OK;
}

int cfi_block_begin(cf_block_t *b, cfi_source_t *src, cfi_columns_t *cols, cf_diag_t *d)
{
    uint8_t *t;

    if (b->src != src) {
        cfi_source_put(b->src);
        b->src = cfi_source_get(src);
    }
    if (b->cols != cols) {
        cfi_columns_put(b->cols);
        b->cols = cfi_columns_get(cols);
    }
    b->ncols = cols->count;
    b->rows = 0;
    b->decoding = false;
    if (column_room(b, b->ncols > 0 ? b->ncols : 1) != CF_OK)
        return cfi_block_fail(b, d, CF_E_NOMEM, "no memory for a block");
    t = b->before;
    b->before = b->wanted;
    b->wanted = t;
    memset(b->wanted, 0, b->ncols);
    memset(b->state, CFI_CHUNK_AWAY, b->ncols);
    return CF_OK;
}

int cfi_block_room(cf_block_t *b, size_t n, size_t keep, cf_diag_t *d)
{
    size_t size = CFI_HEAD_SIZE + n + CFI_CHUNK_SLACK;
    uint8_t *bytes;

    if (size <= b->size)
        return CF_OK;
    size += size / 4;
    bytes = malloc(size);
    if (bytes == NULL)
        return cfi_block_fail(b, d, CF_E_NOMEM, "no memory for a block of %zu bytes", n);
    if (keep > 0)
        memcpy(bytes, b->bytes, CFI_HEAD_SIZE + keep);
    free(b->bytes);
    b->bytes = bytes;
    b->size = size;
    return CF_OK;
}

int cfi_block_directory(cf_block_t *b, bool all, cf_diag_t *d)
{
    size_t dir = cfi_dir_size(b->ncols);
    const uint8_t *p = cfi_block_body(b);
    uint64_t at = dir;
    uint32_t i;

    if (cfi_head_sum(b->bytes, dir) != b->head.check)
        return cfi_block_fail(b, d, CF_E_CHECKSUM, "directory: checksum differs");
    b->rows = cfi_get32(p);
    if (b->rows == 0 || b->rows > CF_BATCH_ROWS)
        return cfi_block_fail(b, d, CF_E_FORMAT, "directory: %u rows, legal are 1 to %u", b->rows,
                              CF_BATCH_ROWS);
    if (cfi_get32(p + 4) != b->ncols)
        return cfi_block_fail(b, d, CF_E_FORMAT, "directory: %u columns, but the schema has %u",
                              cfi_get32(p + 4), b->ncols);
    for (i = 0; i < b->ncols; i++) {
        const uint8_t *e = cfi_block_entry(b, i);
        uint32_t length = cfi_get32(e), nulls = cfi_get32(e + 4);

        if (nulls > b->rows || (length == 0 && nulls < b->rows))
            return cfi_block_fail(b, d, CF_E_FORMAT,
                                  "directory: column %s: %u nulls in %u rows, %u bytes",
                                  cf_schema_field(b->cols->schema, i)->name, nulls, b->rows, length);
        b->start[i] = at;
        at += length;
    }
    b->start[i] = at;
    if (at != b->head.length)
        return cfi_block_fail(b, d, CF_E_FORMAT,
                              "directory: chunks end at byte %llu, the block at %llu",
                              (unsigned long long)at, (unsigned long long)b->head.length);
    if (all)
        memset(b->state, CFI_CHUNK_READ, b->ncols);
    return CF_OK;
}

/* ---- chunks ------------------------------------------------------------------------------- */

static int read_range(cf_block_t *b, uint32_t first, uint32_t last, cf_diag_t *d)
{
    uint64_t from = b->start[first], to = b->start[last + 1];
    uint32_t i;
    int rc;

    if ((rc = cfi_block_room(b, b->head.length, cfi_dir_size(b->ncols), d)) != CF_OK)
        return rc;
    rc = cfi_source_read(b->src, b->offset + from, cfi_block_body(b) + from, to - from, d);
    if (rc != CF_OK) {
        if (d != NULL)
            d->block = b->number;
        return rc;
    }
    for (i = first; i <= last; i++) {
        if (b->state[i] == CFI_CHUNK_AWAY)
            b->state[i] = CFI_CHUNK_READ;
    }
    return CF_OK;
}

/* Read chunk col, and those behind it that the last block was asked for, too. */
static int bring(cf_block_t *b, uint32_t col, cf_diag_t *d)
{
    uint32_t last = col, i;

    for (i = col + 1; i < b->ncols && b->start[i] - b->start[last + 1] <= GAP_MAX; i++) {
        if (b->before[i] && b->state[i] == CFI_CHUNK_AWAY)
            last = i;
    }
    return read_range(b, col, last, d);
}

static int verify_chunk(cf_block_t *b, uint32_t col, cf_diag_t *d)
{
    size_t n = b->start[col + 1] - b->start[col];

    if (XXH3_64bits(cfi_block_body(b) + b->start[col], n) !=
        cfi_get64(cfi_block_entry(b, col) + 48))
        return cfi_block_fail(b, d, CF_E_CHECKSUM, "column %s: checksum differs",
                              cf_schema_field(b->cols->schema, col)->name);
    b->state[col] = CFI_CHUNK_GOOD;
    return CF_OK;
}

static int get_chunk(void *ctx, uint32_t col, const uint8_t **bytes, size_t *n, uint32_t *nulls,
                     cf_diag_t *d)
{
    cf_block_t *b = ctx;
    int rc;

    if (col >= b->ncols)
        return cfi_block_fail(b, d, CF_E_FORMAT, "a chunk refers to column %u of %u", col,
                              b->ncols);
    b->wanted[col] = 1;
    if (b->state[col] == CFI_CHUNK_AWAY && b->start[col + 1] > b->start[col] &&
        (rc = bring(b, col, d)) != CF_OK)
        return rc;
    if (b->state[col] != CFI_CHUNK_GOOD && (rc = verify_chunk(b, col, d)) != CF_OK)
        return rc;
    *bytes = cfi_block_body(b) + b->start[col];
    *n = b->start[col + 1] - b->start[col];
    *nulls = cfi_get32(cfi_block_entry(b, col) + 4);
    return CF_OK;
}

/*
 * The decoder starts with the first column that is asked for: judging by statistics alone costs
 * nothing.
 */
static void begin_decoding(cf_block_t *b)
{
    if (b->decoding)
        return;
    cfi_decoder_begin(b->dec, b->cols->schema, b->rows, get_chunk, b);
    b->decoding = true;
}

int cf_block_load(cf_block_t *b, cf_diag_t *d)
{
    uint32_t i, first = b->ncols, last = 0;
    int rc;

    for (i = 0; i < b->ncols; i++) {
        if (b->state[i] == CFI_CHUNK_AWAY) {
            first = i < first ? i : first;
            last = i;
        }
    }
    if (first < b->ncols && (rc = read_range(b, first, last, d)) != CF_OK)
        return rc;
    for (i = 0; i < b->ncols; i++) {
        if (b->state[i] != CFI_CHUNK_GOOD && (rc = verify_chunk(b, i, d)) != CF_OK)
            return rc;
    }
    return CF_OK;
}

/* ---- columns ------------------------------------------------------------------------------ */

void cf_block_stat(const cf_block_t *b, uint32_t col, cf_colstat_t *st)
{
    const uint8_t *e = cfi_block_entry(b, col);

    st->nulls = cfi_get32(e + 4);
    st->has_range = (cfi_get32(e + 8) & CFI_HAS_RANGE) != 0 && b->cols->remap[col] == NULL;
    st->min.lo = cfi_get64(e + 16);
    st->min.hi = cfi_get64(e + 24);
    st->max.lo = cfi_get64(e + 32);
    st->max.hi = cfi_get64(e + 40);
}

/* Codes of the file's word list become ours; null rows stay zero. */
static int remap_codes(const cf_block_t *b, uint32_t col, cf_vec_t *v, cf_diag_t *d)
{
    const uint8_t *map = b->cols->remap[col];
    uint8_t *codes = v->data;
    uint32_t i;

    for (i = 0; i < b->rows; i++) {
        uint8_t code = map[codes[i]];

        if (cf_vec_is_null(v, i))
            code = 0;
        if (code == 255)
            return cfi_block_fail(b, d, CF_E_FORMAT, "column %s: code %u has no word in the schema",
                                  cf_schema_field(b->cols->schema, col)->name, codes[i]);
        codes[i] = code;
    }
    return CF_OK;
}

/* Codes of an enumeration whose words are the catalogue's. */
static int check_codes(const cf_block_t *b, uint32_t col, const cf_vec_t *v, cf_diag_t *d)
{
    const cf_field_t *f = cf_schema_field(b->cols->schema, col);
    const uint8_t *codes = v->data;
    uint32_t i, words = 0;
    uint64_t any = 0, eight;
    uint8_t max = 0;

    while (words < 256 && f->names[words] != NULL)
        words++;
    /* All bits that occur, eight codes a step: mostly enough to know. */
    for (i = 0; i < b->rows / 8 * 8; i += 8) {
        memcpy(&eight, codes + i, sizeof eight);
        any |= eight;
    }
    for (; i < b->rows; i++)
        any |= codes[i];
    any |= any >> 32;
    any |= any >> 16;
    if (((any | any >> 8) & 255) < words)
        return CF_OK;
    for (i = 0; i < b->rows; i++)
        max = codes[i] > max ? codes[i] : max;
    if (max < words)
        return CF_OK;
    return cfi_block_fail(b, d, CF_E_FORMAT, "column %s: code %u has no word in the schema",
                          f->name, max);
}

/* Errors of the codec get block and column. */
static int decode_failed(const cf_block_t *b, uint32_t col, int rc, cf_diag_t *d)
{
    char text[sizeof d->text];

    if (d == NULL || d->block == b->number)
        return rc;
    memcpy(text, d->text, sizeof text);
    return cfi_block_fail(b, d, rc, "column %s: %s", cf_schema_field(b->cols->schema, col)->name,
                          text);
}

int cf_block_column(cf_block_t *b, uint32_t col, cf_vec_t *out, cf_diag_t *d)
{
    int rc;

    if (d != NULL)
        d->block = 0;
    if (b->start[col + 1] == b->start[col]) {
        b->wanted[col] = 1;
        return cf_vec_set_all_null(out, b->rows, false);
    }
    begin_decoding(b);
    rc = cfi_decoder_column(b->dec, col, out, d);
    if (rc != CF_OK)
        return decode_failed(b, col, rc, d);
    if (b->cols->remap[col] != NULL)
        return remap_codes(b, col, out, d);
    return out->kind == CF_KIND_ENUM ? check_codes(b, col, out, d) : CF_OK;
}

int cf_block_describe(cf_block_t *b, uint32_t col, cf_buf_t *text, uint64_t *bytes, cf_diag_t *d)
{
    int rc;

    *bytes = b->start[col + 1] - b->start[col];
    if (*bytes == 0)
        return cf_buf_puts(text, "null");
    if (d != NULL)
        d->block = 0;
    begin_decoding(b);
    rc = cfi_decoder_describe(b->dec, col, text, d);
    return rc == CF_OK ? CF_OK : decode_failed(b, col, rc, d);
}

int cf_block_verify(cf_block_t *b, cf_diag_t *d)
{
    uint32_t i;
    int rc = cf_block_load(b, d);

    for (i = 0; i < b->ncols && rc == CF_OK; i++) {
        const cf_field_t *f = cf_schema_field(b->cols->schema, i);

        if (b->scratch.kind != f->kind) {
            cf_vec_fini(&b->scratch);
            cf_vec_init(&b->scratch, f);
        }
        rc = cf_block_column(b, i, &b->scratch, d);
    }
    return rc;
}
