/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tail of a file to a list of its data blocks: END gives the length of its segment, so
 * segments are found backwards; each segment's index gives its data blocks, and what lies between
 * them (schemas, provenance) is read at once. Every number is checked against the others; any doubt
 * gives no map, and the reader finds and names the fault when it gets there.
 */
#include "stream/segments.h"

#include "stream/wire.h"

#include <stdlib.h>
#include <string.h>

#define END_BLOCK (CFI_HEAD_SIZE + CFI_END_SIZE)
#define SEGMENTS_MAX (UINT64_C(1) << 20)

typedef struct segment {
    uint64_t start, end;       /* end: of the END block */
    uint64_t index;            /* in the stream */
    uint64_t blocks, rows;
} segment_t;

typedef struct walk {
    const cfi_source_t *src;
    cfi_map_t *map;
    cf_schema_t *all;
    cf_provenance_t *prov;
    segment_t *segs;           /* last one first */
    uint64_t nsegs, size;
    uint8_t *buf;
    size_t bufsize;
} walk_t;

void cfi_map_fini(cfi_map_t *m)
{
    free(m->entries);
    memset(m, 0, sizeof *m);
}

/* Any result but CF_OK and CF_E_NOMEM means: no map. */
static int read_tail(walk_t *w, uint64_t end, segment_t *s)
{
    uint8_t b[END_BLOCK], magic[CFI_MAGIC_SIZE];
    const uint8_t *e = b + CFI_HEAD_SIZE;
    cfi_head_t h;
    uint64_t length, index;

    if (end < CFI_MAGIC_SIZE + END_BLOCK || cfi_source_read(w->src, end - END_BLOCK, b, sizeof b,
                                                            NULL) != CF_OK)
        return CF_E_FORMAT;
    cfi_head_get(&h, b);
    if (memcmp(b + END_BLOCK - CFI_MAGIC_SIZE, CFI_MAGIC, CFI_MAGIC_SIZE) != 0 ||
        h.type != CFI_TYPE_END ||
        h.length != CFI_END_SIZE || cfi_head_sum(b, CFI_END_SIZE) != h.check)
        return CF_E_FORMAT;
    length = cfi_get64(e);
    index = cfi_get64(e + 24);
    if (length < CFI_MAGIC_SIZE + END_BLOCK || length > end || index < CFI_MAGIC_SIZE ||
        index > length - END_BLOCK)
        return CF_E_FORMAT;
    s->end = end;
    s->start = end - length;
    s->index = s->start + index;
    s->blocks = cfi_get64(e + 8);
    s->rows = cfi_get64(e + 16);
    if (cfi_source_read(w->src, s->start, magic, sizeof magic, NULL) != CF_OK ||
        memcmp(magic, CFI_MAGIC, sizeof magic) != 0)
        return CF_E_FORMAT;
    return CF_OK;
}

static int find_segments(walk_t *w)
{
    uint64_t end = w->src->size;
    int rc = CF_OK;

    if (end == 0)
        return CF_E_FORMAT;
    while (end > 0 && rc == CF_OK) {
        if (w->nsegs == w->size) {
            uint64_t size = w->size > 0 ? w->size * 2 : 4;
            segment_t *grown = size <= SEGMENTS_MAX ? realloc(w->segs, size * sizeof *grown) : NULL;

            if (grown == NULL)
                return size <= SEGMENTS_MAX ? CF_E_NOMEM : CF_E_LIMIT;
            w->segs = grown;
            w->size = size;
        }
        rc = read_tail(w, end, &w->segs[w->nsegs]);
        if (rc == CF_OK)
            end = w->segs[w->nsegs++].start;
    }
    return rc;
}

/* A whole block that is not DATA into the buffer; *body points behind its head. */
static int read_block(walk_t *w, uint64_t at, uint64_t limit, cfi_head_t *h, const uint8_t **body)
{
    uint8_t head[CFI_HEAD_SIZE];

    if (limit - at < CFI_HEAD_SIZE || cfi_source_read(w->src, at, head, sizeof head, NULL) != CF_OK)
        return CF_E_FORMAT;
    cfi_head_get(h, head);
    *body = NULL;
    if (h->length > limit - at - CFI_HEAD_SIZE || h->length > CFI_BODY_MAX ||
        h->type == CFI_TYPE_DATA)
        return CF_E_FORMAT;
    if (h->type != CFI_TYPE_SCHM && h->type != CFI_TYPE_PROV && h->type != CFI_TYPE_INDX)
        return CF_OK;
    if (w->bufsize < CFI_HEAD_SIZE + h->length) {
        free(w->buf);
        w->bufsize = CFI_HEAD_SIZE + h->length;
        w->buf = malloc(w->bufsize);
        if (w->buf == NULL) {
            w->bufsize = 0;
            return CF_E_NOMEM;
        }
    }
    if (cfi_source_read(w->src, at, w->buf, CFI_HEAD_SIZE + h->length, NULL) != CF_OK ||
        cfi_head_sum(w->buf, h->length) != h->check)
        return CF_E_FORMAT;
    *body = w->buf + CFI_HEAD_SIZE;
    return CF_OK;
}

static int read_index(walk_t *w, const segment_t *s)
{
    cfi_map_t *m = w->map;
    uint64_t i, count, rows = 0, last = s->start + CFI_MAGIC_SIZE;
    const uint8_t *body;
    cfi_head_t h;
    int rc = read_block(w, s->index, s->end - END_BLOCK, &h, &body);

    if (rc != CF_OK)
        return rc;
    if (h.type != CFI_TYPE_INDX || h.length < CFI_INDX_SIZE)
        return CF_E_FORMAT;
    count = cfi_get32(body);
    if (h.length != CFI_INDX_SIZE + count * CFI_INDX_ENTRY_SIZE || count != s->blocks)
        return CF_E_FORMAT;
    if (m->size - m->count < count) {
        uint64_t size = m->count + count + m->size / 2;
        cfi_index_entry_t *grown = realloc(m->entries, size * sizeof *grown);

        if (grown == NULL)
            return CF_E_NOMEM;
        m->entries = grown;
        m->size = size;
    }
    for (i = 0; i < count; i++) {
        const uint8_t *p = body + CFI_INDX_SIZE + i * CFI_INDX_ENTRY_SIZE;
        cfi_index_entry_t *e = &m->entries[m->count + i];
        uint64_t offset = cfi_get64(p);

        e->length = cfi_get64(p + 8);
        e->rows = cfi_get32(p + 16);
        e->has_time = (cfi_get32(p + 20) & CFI_HAS_RANGE) != 0;
        e->tmin = (int64_t)cfi_get64(p + 24);
        e->tmax = (int64_t)cfi_get64(p + 32);
        if (offset > s->index - s->start || e->length > s->index - s->start - offset ||
            s->start + offset < last ||
            e->length < CFI_HEAD_SIZE + CFI_DIR_SIZE || e->rows == 0 || e->rows > CF_BATCH_ROWS)
            return CF_E_FORMAT;
        e->offset = s->start + offset;
        last = e->offset + e->length;
        rows += e->rows;
    }
    if (rows != s->rows)
        return CF_E_FORMAT;
    m->count += count;
    m->rows += rows;
    return CF_OK;
}

static int take_schema(walk_t *w, const uint8_t *body, size_t n)
{
    cfi_columns_t *cols;
    cf_schema_t *both;
    int rc = n <= CFI_JSON_MAX ? cfi_columns_parse(&cols, (const char *)body, n,
                                                   NULL) : CF_E_FORMAT;

    if (rc != CF_OK)
        return rc;
    both = w->all != NULL ? cf_schema_union(w->all, cols->schema) : cf_schema_get(cols->schema);
    cfi_columns_put(cols);
    if (both == NULL)
        return CF_E_NOMEM;
    cf_schema_put(w->all);
    w->all = both;
    return CF_OK;
}

/* Blocks from at up to limit, none of them DATA; true in *schema when one is a schema. */
static int read_gap(walk_t *w, uint64_t at, uint64_t limit, bool *schema)
{
    const uint8_t *body;
    cfi_head_t h;
    int rc;

    while (at < limit) {
        if ((rc = read_block(w, at, limit, &h, &body)) != CF_OK)
            return rc;
        if (h.type == CFI_TYPE_SCHM) {
            if ((rc = take_schema(w, body, h.length)) != CF_OK)
                return rc;
            *schema = true;
        } else if (h.type == CFI_TYPE_PROV) {
            if (h.length > CFI_JSON_MAX)
                return CF_E_FORMAT;
            rc = cf_provenance_from_json(w->prov, (const char *)body, h.length, NULL);
            if (rc != CF_OK)
                return rc;
        } else if (h.type == CFI_TYPE_END || (h.type != CFI_TYPE_NOTE && h.type != CFI_TYPE_INDX &&
                                              (h.flags & CFI_FLAG_SKIPPABLE) == 0)) {
            return CF_E_FORMAT;
        }
        at += CFI_HEAD_SIZE + h.length;
    }
    return CF_OK;
}

static int read_segment(walk_t *w, const segment_t *s)
{
    uint64_t i = w->map->count, at = s->start + CFI_MAGIC_SIZE;
    bool schema = false;
    int rc = read_index(w, s);

    for (; rc == CF_OK && i < w->map->count; i++) {
        const cfi_index_entry_t *e = &w->map->entries[i];

        rc = read_gap(w, at, e->offset, &schema);
        if (rc == CF_OK && !schema)
            rc = CF_E_FORMAT;
        at = e->offset + e->length;
    }
    if (rc == CF_OK)
        rc = read_gap(w, at, s->end - END_BLOCK, &schema);
    return rc;
}

int cfi_map_make(cfi_map_t *m, const cfi_source_t *src, cf_schema_t **all, cf_provenance_t *prov,
                 bool *whole,
                 cf_diag_t *d)
{
    walk_t w = { .src = src, .map = m, .prov = cf_provenance_create() };
    int rc = w.prov != NULL ? CF_OK : CF_E_NOMEM;

    memset(m, 0, sizeof *m);
    *whole = false;
    if (rc == CF_OK)
        rc = find_segments(&w);
    for (m->segments = w.nsegs; rc == CF_OK && w.nsegs > 0;)
        rc = read_segment(&w, &w.segs[--w.nsegs]);
    if (rc == CF_OK)
        rc = cf_provenance_merge(prov, w.prov);
    if (rc == CF_OK && w.all != NULL) {
        cf_schema_put(*all);
        *all = w.all;
        w.all = NULL;
    }
    *whole = rc == CF_OK;
    if (rc != CF_OK)
        cfi_map_fini(m);
    cf_schema_put(w.all);
    cf_provenance_destroy(w.prov);
    free(w.segs);
    free(w.buf);
    return rc == CF_E_NOMEM ? cf_diag_set(d, rc, "no memory for the index") : CF_OK;
}
