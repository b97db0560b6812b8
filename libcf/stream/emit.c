/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting blocks on the wire (doc/format.md sections 2, 4, 6). Encoded chunks go out from the
 * encoder's own buffer with one system call together with their head and directory; nothing is
 * copied.
 */
#include "stream/emit.h"

#include "stream/columns.h"

#include <cf/field.h>

int cfi_emit_init(cfi_emit_t *e, const cf_writer_options_t *o, cf_diag_t *d)
{
    int rc;

    memset(e, 0, sizeof *e);
    e->out.fd = e->out.cleanup = -1;
    cf_buf_init(&e->index, UINT32_MAX);
    cf_buf_init(&e->scratch, CFI_BODY_MAX);
    e->sum = XXH3_createState();
    if (e->sum == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for an output");
    (void)XXH3_64bits_reset(e->sum);
    rc = cfi_outfile_open(&e->out, o->path, o->force, d);
    e->out.ready = o->ready;
    e->out.ready_ctx = o->ready_ctx;
    if (rc != CF_OK)
        return rc;
    if (e->out.kind == CFI_OUT_TERMINAL) {
        cf_diag_source(d, e->out.name);
        return cf_diag_set(d, CF_E_USAGE, "flows are not written to a terminal");
    }
    e->level = o->level;
    if (e->level == 0)
        e->level = e->out.kind == CFI_OUT_PIPE ? CF_LEVEL_FAST : CF_LEVEL_BALANCED;
    return CF_OK;
}

void cfi_emit_fini(cfi_emit_t *e)
{
    cfi_outfile_abort(&e->out);
    cf_buf_fini(&e->index);
    cf_buf_fini(&e->scratch);
    (void)XXH3_freeState(e->sum);
    e->sum = NULL;
}

static int no_memory(cf_diag_t *d)
{
    return cf_diag_set(d, CF_E_NOMEM, "no memory for a block");
}

static int begin(cfi_emit_t *e, cf_diag_t *d)
{
    if (e->begun)
        return CF_OK;
    e->begun = true;
    return cfi_outfile_write(&e->out, CFI_MAGIC, CFI_MAGIC_SIZE, d);
}

/* The scratch buffer holds room for a head and then the body. */
static int put_small(cfi_emit_t *e, uint32_t type, uint32_t flags, cf_diag_t *d)
{
    size_t n = e->scratch.len - CFI_HEAD_SIZE;
    int rc = begin(e, d);

    if (rc != CF_OK)
        return rc;
    (void)cfi_head_put((uint8_t *)e->scratch.data, type, flags, n, n);
    return cfi_outfile_write(&e->out, e->scratch.data, e->scratch.len, d);
}

static int scratch_head(cfi_emit_t *e)
{
    static const uint8_t zero[CFI_HEAD_SIZE];

    e->scratch.len = 0;
    return cf_buf_put(&e->scratch, zero, sizeof zero);
}

int cfi_emit_schema(cfi_emit_t *e, const cf_schema_t *s, cf_diag_t *d)
{
    if (scratch_head(e) != CF_OK || cfi_schema_json(s, &e->scratch) != CF_OK)
        return no_memory(d);
    return put_small(e, CFI_TYPE_SCHM, 0, d);
}

static int add_index(cfi_emit_t *e, uint64_t length, uint32_t rows, const cf_colstat_t *st)
{
    uint8_t p[CFI_INDX_ENTRY_SIZE] = { 0 };

    cfi_put64(p, e->out.offset);
    cfi_put64(p + 8, length);
    cfi_put32(p + 16, rows);
    if (st != NULL && st->has_range) {
        cfi_put32(p + 20, CFI_HAS_RANGE);
        cfi_put64(p + 24, st->min.lo);
        cfi_put64(p + 32, st->max.lo);
    }
    return cf_buf_put(&e->index, p, sizeof p);
}

static int put_data(cfi_emit_t *e, const void *head, size_t nhead, const void *rest, size_t nrest,
                    uint64_t check,
                    uint32_t rows, const cf_colstat_t *st, cf_diag_t *d)
{
    uint8_t word[8];
    int rc = begin(e, d);

    if (rc == CF_OK && add_index(e, nhead + nrest, rows, st) != CF_OK)
        rc = no_memory(d);
    if (rc == CF_OK)
        rc = cfi_outfile_write2(&e->out, head, nhead, rest, nrest, d);
    if (rc != CF_OK)
        return rc;
    cfi_put64(word, check);
    (void)XXH3_64bits_update(e->sum, word, sizeof word);
    e->blocks++;
    e->rows += rows;
    return CF_OK;
}

static void put_entry(uint8_t *p, const uint8_t *chunk, size_t n, const cf_colstat_t *st)
{
    memset(p, 0, CFI_ENTRY_SIZE);
    cfi_put32(p, (uint32_t)n);
    cfi_put32(p + 4, st->nulls);
    if (st->has_range) {
        cfi_put32(p + 8, CFI_HAS_RANGE);
        cfi_put64(p + 16, st->min.lo);
        cfi_put64(p + 24, st->min.hi);
        cfi_put64(p + 32, st->max.lo);
        cfi_put64(p + 40, st->max.hi);
    }
    cfi_put64(p + 48, XXH3_64bits(chunk, n));
}

int cfi_emit_encoded(cfi_emit_t *e, const cfi_encoded_t *enc, int time_col, cf_diag_t *d)
{
    size_t dir = CFI_DIR_SIZE + (size_t)enc->ncols * CFI_ENTRY_SIZE;
    uint64_t chunks = enc->start[enc->ncols] - enc->start[0], check;
    uint32_t i, flags = (uint32_t)e->level << CFI_LEVEL_SHIFT;
    uint8_t *p;

    if (dir + chunks > CFI_BODY_MAX) {
        cf_diag_source(d, e->out.name);
        return cf_diag_set(d, CF_E_LIMIT, "a block of %llu bytes is above the format's limit",
                           (unsigned long long)(dir + chunks));
    }
    e->scratch.len = 0;
    if (cf_buf_reserve(&e->scratch, CFI_HEAD_SIZE + dir) != CF_OK)
        return no_memory(d);
    p = (uint8_t *)e->scratch.data + CFI_HEAD_SIZE;
    cfi_put32(p, enc->rows);
    cfi_put32(p + 4, enc->ncols);
    for (i = 0; i < enc->ncols; i++)
        put_entry(p + CFI_DIR_SIZE + (size_t)i * CFI_ENTRY_SIZE, enc->bytes + enc->start[i],
                  enc->start[i + 1] - enc->start[i], &enc->stat[i]);
    check = cfi_head_put((uint8_t *)e->scratch.data, CFI_TYPE_DATA, flags, dir + chunks, dir);
    return put_data(e, e->scratch.data, CFI_HEAD_SIZE + dir, enc->bytes + enc->start[0], chunks,
                    check, enc->rows,
                    time_col >= 0 ? &enc->stat[time_col] : NULL, d);
}

int cfi_emit_stored(cfi_emit_t *e, const cfi_head_t *h, const void *body, uint32_t rows,
                    const cf_colstat_t *st,
                    cf_diag_t *d)
{
    uint8_t head[CFI_HEAD_SIZE];

    cfi_put32(head, h->type);
    cfi_put32(head + 4, h->flags);
    cfi_put64(head + 8, h->length);
    cfi_put64(head + 16, h->check);
    return put_data(e, head, sizeof head, body, h->length, h->check, rows, st, d);
}

static int put_index(cfi_emit_t *e, cf_diag_t *d)
{
    uint8_t p[CFI_INDX_SIZE] = { 0 };

    cfi_put32(p, (uint32_t)e->blocks);
    if (scratch_head(e) != CF_OK || cf_buf_put(&e->scratch, p, sizeof p) != CF_OK ||
        cf_buf_put(&e->scratch, e->index.data, e->index.len) != CF_OK)
        return no_memory(d);
    return put_small(e, CFI_TYPE_INDX, CFI_FLAG_SKIPPABLE, d);
}

int cfi_emit_end(cfi_emit_t *e, const cf_buf_t *prov, cf_diag_t *d)
{
    uint8_t p[CFI_END_SIZE];
    uint64_t index;
    int rc = begin(e, d);

    if (rc == CF_OK && prov != NULL && prov->len > 0) {
        if (scratch_head(e) != CF_OK || cf_buf_put(&e->scratch, prov->data, prov->len) != CF_OK)
            return no_memory(d);
        rc = put_small(e, CFI_TYPE_PROV, CFI_FLAG_SKIPPABLE, d);
    }
    index = e->out.offset;
    if (rc == CF_OK)
        rc = put_index(e, d);
    if (rc != CF_OK)
        return rc;
    cfi_put64(p, e->out.offset + CFI_HEAD_SIZE + CFI_END_SIZE);
    cfi_put64(p + 8, e->blocks);
    cfi_put64(p + 16, e->rows);
    cfi_put64(p + 24, index);
    cfi_put64(p + 32, XXH3_64bits_digest(e->sum));
    memcpy(p + 40, CFI_MAGIC, CFI_MAGIC_SIZE);
    if (scratch_head(e) != CF_OK || cf_buf_put(&e->scratch, p, sizeof p) != CF_OK)
        return no_memory(d);
    rc = put_small(e, CFI_TYPE_END, 0, d);
    return rc == CF_OK ? cfi_outfile_commit(&e->out, d) : rc;
}
