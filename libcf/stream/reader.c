/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a .cf stream from block to block (doc/format.md section 2). One walk serves pipes and
 * files: a pipe's blocks are copied whole, of a file's blocks only heads and directories are read,
 * and blocks outside of the time window are passed over by the map (segments.c) without being
 * touched. At END everything is compared with what was met.
 */
#include "stream/block.h"
#include "stream/segments.h"

#include <stdio.h>
#include <stdlib.h>

enum { AT_MAGIC, IN_SEGMENT, AT_END, FAILED };

struct cf_stream {
    cf_input_t *in;
    cfi_source_t *src;
    int state;
    int code;                  /* in FAILED */
    uint64_t pos;              /* in the stream */
    uint64_t seg_start;
    cfi_columns_t *cols;       /* in force; NULL before the first schema of a segment */
    cf_schema_t *none;         /* empty schema of an empty stream */
    cf_schema_t *all;          /* union of the schemas met */
    cf_provenance_t *prov;
    cfi_map_t map;
    bool whole;                /* map is there */
    uint64_t at;               /* next entry of the map */
    bool window;
    int64_t from, to;
    uint64_t seg_blocks, seg_rows;
    bool seg_skipped;          /* a block's check word was not met */
    XXH3_state_t *sum;         /* over check words of this segment */
    uint8_t *buf;              /* small blocks */
    size_t bufsize;
    cf_stream_totals_t t;
    uint64_t number, row;      /* of the block that comes next, from 0 */
    cfi_head_t head;           /* read ahead by open */
    bool has_head;
};

bool cf_stream_probe(const void *bytes, size_t n)
{
    return n >= 3 && memcmp(bytes, CFI_MAGIC, 3) == 0;
}

/* ---- errors ------------------------------------------------------------------------------- */

static int fail(cf_stream_t *s, cf_diag_t *d, int code, const char *fmt, ...) CF_PRINTF(4, 5);

static int fail(cf_stream_t *s, cf_diag_t *d, int code, const char *fmt, ...)
{
    char text[sizeof d->text];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    s->state = FAILED;
    s->code = code;
    cf_diag_source(d, s->src != NULL ? s->src->name : cf_input_name(s->in));
    return cf_diag_set(d, code, "%s", text);
}

/* Keep an error that a lower layer has described. */
static int failed(cf_stream_t *s, cf_diag_t *d, int code)
{
    s->state = FAILED;
    s->code = code;
    cf_diag_source(d, s->src->name);
    return code;
}

static int cut(cf_stream_t *s, cf_diag_t *d)
{
    return fail(s, d, CF_E_TRUNC, "cut: no end block after block %llu (%llu rows read)",
                (unsigned long long)s->number, (unsigned long long)s->row);
}

/* ---- bytes -------------------------------------------------------------------------------- */

/* Up to n bytes at the place of the walk; *got is less only at the end of the input. */
static int take(cf_stream_t *s, void *out, size_t n, size_t *got, cf_diag_t *d)
{
    const char *p;
    size_t have, done = 0;
    int rc = CF_OK;

    if (s->src->fd >= 0) {
        uint64_t left = s->pos < s->src->size ? s->src->size - s->pos : 0;

        done = n < left ? n : (size_t)left;
        rc = cfi_source_read(s->src, s->pos, out, done, d);
        *got = done;
        s->pos += done;
        return rc == CF_OK ? CF_OK : failed(s, d, rc);
    }
    while (done < n) {
        size_t want = n - done < (1u << 18) ? n - done : 1u << 18;

        rc = cf_input_fill(s->in, want, &p, &have, d);
        if (rc == CF_EOF || have == 0)
            break;
        if (rc != CF_OK)
            return failed(s, d, rc);
        have = have < n - done ? have : n - done;
        memcpy((char *)out + done, p, have);
        cf_input_consume(s->in, have);
        done += have;
    }
    s->pos += done;
    *got = done;
    return CF_OK;
}

/* Pass over n bytes. */
static int pass(cf_stream_t *s, uint64_t n, cf_diag_t *d)
{
    const char *p;
    size_t have;
    int rc;

    if (s->src->fd >= 0) {
        if (s->pos > s->src->size || n > s->src->size - s->pos)
            return cut(s, d);
        s->pos += n;
        return CF_OK;
    }
    while (n > 0) {
        rc = cf_input_fill(s->in, 1, &p, &have, d);
        if (rc == CF_EOF || have == 0)
            return cut(s, d);
        if (rc != CF_OK)
            return failed(s, d, rc);
        have = have < n ? have : (size_t)n;
        cf_input_consume(s->in, have);
        n -= have;
        s->pos += have;
    }
    return CF_OK;
}

static int too_long(cf_stream_t *s, uint64_t max, cf_diag_t *d)
{
    return fail(s, d, CF_E_FORMAT, "%s block at byte %llu claims %llu bytes, more than %llu",
                cfi_type_name(s->head.type), (unsigned long long)(s->pos - CFI_HEAD_SIZE),
                (unsigned long long)s->head.length, (unsigned long long)max);
}

/* Body of the block whose head is s->head, checked; borrowed until the next call. */
static int take_body(cf_stream_t *s, uint64_t max, const uint8_t **body, cf_diag_t *d)
{
    uint64_t n = s->head.length, done = 0;

    if (n > max)
        return too_long(s, max, d);
    while (done < n || s->buf == NULL) {
        uint64_t step = n - done < (1u << 20) ? n - done : 1u << 20;
        size_t got;
        int rc;

        if (CFI_HEAD_SIZE + done + step > s->bufsize) {
            size_t size = CFI_HEAD_SIZE + done + step + done / 2;
            uint8_t *grown = realloc(s->buf, size);

            if (grown == NULL)
                return fail(s, d, CF_E_NOMEM, "no memory for a block of %llu bytes",
                            (unsigned long long)n);
            s->buf = grown;
            s->bufsize = size;
        }
        rc = take(s, s->buf + CFI_HEAD_SIZE + done, step, &got, d);
        if (rc != CF_OK)
            return rc;
        if (got < step)
            return cut(s, d);
        done += step;
    }
    cfi_put32(s->buf, s->head.type);
    cfi_put32(s->buf + 4, s->head.flags);
    cfi_put64(s->buf + 8, n);
    if (cfi_head_sum(s->buf, n) != s->head.check)
        return fail(s, d, CF_E_CHECKSUM, "%s block at byte %llu: checksum differs",
                    cfi_type_name(s->head.type),
                    (unsigned long long)(s->pos - n - CFI_HEAD_SIZE));
    *body = s->buf + CFI_HEAD_SIZE;
    return CF_OK;
}

/* ---- blocks that are not rows ------------------------------------------------------------- */

static int read_magic(cf_stream_t *s, cf_diag_t *d)
{
    uint8_t m[CFI_MAGIC_SIZE];
    uint64_t start = s->pos;
    size_t got;
    int rc = take(s, m, sizeof m, &got, d);

    if (rc != CF_OK)
        return rc;
    if (got == 0 && start > 0) {
        s->state = AT_END;
        return CF_EOF;
    }
    if (got == 0)
        return fail(s, d, CF_E_FORMAT, "empty: not a .cf stream");
    if (memcmp(m, CFI_MAGIC, got) == 0) {
        if (got < sizeof m)
            return cut(s, d);
    } else if (got == sizeof m && memcmp(m, CFI_MAGIC, sizeof m - 1) == 0) {
        return fail(s, d, CF_E_VERSION, "format version %u is newer than this program (%u)", m[7],
                    CFI_VERSION);
    } else if (start > 0) {
        return fail(s, d, CF_E_FORMAT, "what follows the end block at byte %llu is no .cf stream",
                    (unsigned long long)start);
    } else if (got > 3 && memcmp(m, CFI_MAGIC, 3) == 0) {
        return fail(s, d, CF_E_FORMAT, "damaged in its first bytes, as by a text-mode transfer");
    } else {
        return fail(s, d, CF_E_FORMAT, "not a .cf stream");
    }
    s->state = IN_SEGMENT;
    s->seg_start = start;
    s->seg_blocks = s->seg_rows = 0;
    s->seg_skipped = false;
    (void)XXH3_64bits_reset(s->sum);
    cfi_columns_put(s->cols);
    s->cols = NULL;
    s->t.segments++;
    return CF_OK;
}

static int read_schema(cf_stream_t *s, cf_diag_t *d)
{
    cfi_columns_t *cols;
    cf_schema_t *both;
    const uint8_t *body;
    int rc = take_body(s, CFI_JSON_MAX, &body, d);

    if (rc != CF_OK)
        return rc;
    rc = cfi_columns_parse(&cols, (const char *)body, s->head.length, d);
    if (rc != CF_OK)
        return failed(s, d, rc);
    cfi_columns_put(s->cols);
    s->cols = cols;
    if (s->whole)
        return CF_OK;
    both = s->all != NULL ? cf_schema_union(s->all, cols->schema) : cf_schema_get(cols->schema);
    if (both == NULL)
        return fail(s, d, CF_E_NOMEM, "no memory for the schema");
    cf_schema_put(s->all);
    s->all = both;
    return CF_OK;
}

static int read_provenance(cf_stream_t *s, cf_diag_t *d)
{
    const uint8_t *body;
    int rc = take_body(s, CFI_JSON_MAX, &body, d);

    if (rc != CF_OK || s->whole)
        return rc;
    rc = cf_provenance_from_json(s->prov, (const char *)body, s->head.length, d);
    return rc == CF_OK ? CF_OK : failed(s, d, rc);
}

static int read_end(cf_stream_t *s, cf_diag_t *d)
{
    const uint8_t *e;
    int rc;

    if (s->head.length != CFI_END_SIZE)
        return fail(s, d, CF_E_FORMAT, "end block of %llu bytes, must be %u",
                    (unsigned long long)s->head.length, CFI_END_SIZE);
    if ((rc = take_body(s, CFI_END_SIZE, &e, d)) != CF_OK)
        return rc;
    if (memcmp(e + 40, CFI_MAGIC, CFI_MAGIC_SIZE) != 0)
        return fail(s, d, CF_E_FORMAT, "end block without its tail");
    if (cfi_get64(e) != s->pos - s->seg_start)
        return fail(s, d, CF_E_FORMAT, "end block tells a segment of %llu bytes, there are %llu",
                    (unsigned long long)cfi_get64(e), (unsigned long long)(s->pos - s->seg_start));
    if (cfi_get64(e + 8) != s->seg_blocks || cfi_get64(e + 16) != s->seg_rows)
        return fail(s, d, CF_E_FORMAT,
                    "end block tells %llu rows in %llu blocks, there are %llu in %llu",
                    (unsigned long long)cfi_get64(e + 16), (unsigned long long)cfi_get64(e + 8),
                    (unsigned long long)s->seg_rows, (unsigned long long)s->seg_blocks);
    if (!s->seg_skipped && XXH3_64bits_digest(s->sum) != cfi_get64(e + 32))
        return fail(s, d, CF_E_CHECKSUM, "end block: its sum over the blocks differs");
    s->state = AT_MAGIC;
    return CF_OK;
}

/*
 * Handle blocks up to the next DATA, whose head is then in s->head; CF_EOF at the end of the
 * stream.
 */
static int next_data(cf_stream_t *s, cf_diag_t *d)
{
    uint8_t raw[CFI_HEAD_SIZE];
    const uint8_t *body;
    size_t got;
    int rc = CF_OK;

    while (rc == CF_OK) {
        if (s->state == AT_MAGIC && (rc = read_magic(s, d)) != CF_OK)
            return rc;
        if ((rc = take(s, raw, sizeof raw, &got, d)) != CF_OK)
            return rc;
        if (got < sizeof raw)
            return cut(s, d);
        cfi_head_get(&s->head, raw);
        if (s->head.length > CFI_BODY_MAX)
            return too_long(s, CFI_BODY_MAX, d);
        switch (s->head.type) {
        case CFI_TYPE_DATA:
            if (s->cols == NULL)
                return fail(s, d, CF_E_FORMAT, "data block at byte %llu before any schema",
                            (unsigned long long)(s->pos - CFI_HEAD_SIZE));
            s->has_head = true;
            return CF_OK;
        case CFI_TYPE_SCHM:
            rc = read_schema(s, d);
            break;
        case CFI_TYPE_PROV:
            rc = read_provenance(s, d);
            break;
        case CFI_TYPE_END:
            rc = read_end(s, d);
            break;
        case CFI_TYPE_NOTE:
        case CFI_TYPE_INDX:
            rc = take_body(s, CFI_BODY_MAX, &body, d);
            break;
        default:
            if ((s->head.flags & CFI_FLAG_SKIPPABLE) == 0)
                return fail(s, d, CF_E_VERSION,
                            "block type 0x%08X at byte %llu is not known and may not be skipped",
                            s->head.type, (unsigned long long)(s->pos - CFI_HEAD_SIZE));
            rc = pass(s, s->head.length, d);
        }
    }
    return rc;
}

/* ---- data blocks -------------------------------------------------------------------------- */

static bool outside(const cf_stream_t *s, int64_t tmin, int64_t tmax)
{
    return tmax < s->from || tmin >= s->to;
}

static void count_block(cf_stream_t *s, uint32_t rows)
{
    s->number++;
    s->row += rows;
    s->seg_blocks++;
    s->seg_rows += rows;
}

/* With a map: pass over blocks outside of the window that follow here, one after the other. */
static void skip_mapped(cf_stream_t *s)
{
    if (!s->window || s->has_head || s->state != IN_SEGMENT)
        return;
    while (s->at < s->map.count && s->map.entries[s->at].offset < s->pos)
        s->at++;
    while (s->at < s->map.count && s->map.entries[s->at].offset == s->pos) {
        const cfi_index_entry_t *e = &s->map.entries[s->at];

        if (!e->has_time || !outside(s, e->tmin, e->tmax))
            return;
        s->pos += e->length;
        s->seg_skipped = true;
        count_block(s, e->rows);
        s->t.skipped_blocks++;
        s->t.skipped_rows += e->rows;
        s->at++;
    }
}

/* What the index tells of a block must be so: windows rely on it. */
static int check_entry(cf_stream_t *s, const cf_block_t *b, cf_diag_t *d)
{
    uint64_t offset = b->offset - CFI_HEAD_SIZE;
    int col = cf_schema_index(b->cols->schema, cf_field_find("stime"));
    const cfi_index_entry_t *e;
    cf_colstat_t st = { .has_range = false };

    if (!s->whole)
        return CF_OK;
    while (s->at < s->map.count && s->map.entries[s->at].offset < offset)
        s->at++;
    e = &s->map.entries[s->at];
    if (col >= 0)
        cf_block_stat(b, (uint32_t)col, &st);
    if (s->at < s->map.count && e->offset == offset && e->length == cf_block_bytes(b) &&
        e->rows == b->rows &&
        (!e->has_time || (st.has_range && e->tmin == (int64_t)st.min.lo &&
                          e->tmax == (int64_t)st.max.lo)))
        return CF_OK;
    return failed(s, d, cfi_block_fail(b, d, CF_E_FORMAT,
                                       "the index tells otherwise of this block"));
}

/* Directory, and from a pipe the chunks, of the block whose head is in s->head. */
static int fill_block(cf_stream_t *s, cf_block_t *b, cf_diag_t *d)
{
    size_t dir = cfi_dir_size(s->cols->count), got;
    uint64_t n = s->head.length, done = 0, rest = s->src->fd >= 0 ? dir : n;
    int rc = cfi_block_begin(b, s->src, s->cols, d);

    b->head = s->head;
    b->number = s->number + 1;
    b->first_row = s->row;
    b->offset = s->pos;
    if (rc != CF_OK)
        return failed(s, d, rc);
    if (n < dir)
        return failed(s, d, cfi_block_fail(b, d, CF_E_FORMAT,
                                           "%llu bytes are too few for %u columns",
                                           (unsigned long long)n, s->cols->count));
    if (s->src->fd >= 0 && n > s->src->size - s->pos)
        return cut(s, d);
    while (done < rest) {
        uint64_t step = rest - done;

        /* A pipe's word is not trusted with memory: room grows with what comes. */
        if (s->src->fd < 0 && step > done + (4u << 20))
            step = done + (4u << 20);
        if ((rc = cfi_block_room(b, done + step, done, d)) != CF_OK)
            return failed(s, d, rc);
        if ((rc = take(s, cfi_block_body(b) + done, step, &got, d)) != CF_OK)
            return rc;
        if (got < step)
            return cut(s, d);
        done += step;
    }
    cfi_put32(b->bytes, s->head.type);
    cfi_put32(b->bytes + 4, s->head.flags);
    cfi_put64(b->bytes + 8, n);
    rc = cfi_block_directory(b, s->src->fd < 0, d);
    if (rc != CF_OK)
        return failed(s, d, rc);
    s->pos = b->offset + n;
    return check_entry(s, b, d);
}

/* Is the block just filled outside of the window by its own statistics? */
static bool block_outside(const cf_stream_t *s, const cf_block_t *b)
{
    cf_colstat_t st;
    int col;

    if (!s->window || (col = cf_schema_index(b->cols->schema, cf_field_find("stime"))) < 0)
        return false;
    cf_block_stat(b, (uint32_t)col, &st);
    return st.has_range && outside(s, (int64_t)st.min.lo, (int64_t)st.max.lo);
}

int cf_stream_next(cf_stream_t *s, cf_block_t *b, cf_diag_t *d)
{
    uint8_t check[8];
    int rc;

    if (s->state == FAILED)
        return fail(s, d, s->code, "reading has failed before");
    if (s->state == AT_END)
        return CF_EOF;
    for (;;) {
        skip_mapped(s);
        if (!s->has_head && (rc = next_data(s, d)) != CF_OK)
            return rc;
        /* A schema may have stood here; the block behind it can still be passed over by the map. */
        s->has_head = false;
        if ((rc = fill_block(s, b, d)) != CF_OK)
            return rc;
        cfi_put64(check, s->head.check);
        (void)XXH3_64bits_update(s->sum, check, sizeof check);
        s->t.blocks++;
        s->t.rows += b->rows;
        count_block(s, b->rows);
        if (!block_outside(s, b))
            return CF_OK;
        s->t.blocks--;
        s->t.rows -= b->rows;
        s->t.skipped_blocks++;
        s->t.skipped_rows += b->rows;
    }
}

/* ---- the stream --------------------------------------------------------------------------- */

void cf_stream_close(cf_stream_t *s)
{
    if (s == NULL)
        return;
    cf_input_close(s->in);
    cfi_source_put(s->src);
    cfi_columns_put(s->cols);
    cf_schema_put(s->none);
    cf_schema_put(s->all);
    cf_provenance_destroy(s->prov);
    cfi_map_fini(&s->map);
    (void)XXH3_freeState(s->sum);
    free(s->buf);
    free(s);
}

int cf_stream_open(cf_stream_t **out, cf_input_t *in, cf_diag_t *d)
{
    cf_stream_t *s = calloc(1, sizeof *s);
    int rc;

    *out = NULL;
    if (s == NULL) {
        cf_input_close(in);
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a stream");
    }
    s->in = in;
    s->src = cfi_source_create(cf_input_fd(in), cf_input_name(in));
    s->sum = XXH3_createState();
    s->prov = cf_provenance_create();
    s->none = cf_schema_create();
    if (s->src == NULL || s->sum == NULL || s->prov == NULL || s->none == NULL) {
        rc = fail(s, d, CF_E_NOMEM, "no memory for a stream");
        goto done;
    }
    rc = s->src->fd >= 0 ? cfi_map_make(&s->map, s->src, &s->all, s->prov, &s->whole, d) : CF_OK;
    if (rc == CF_OK)
        rc = next_data(s, d);
    if (rc == CF_EOF)
        rc = CF_OK;
done:
    if (rc != CF_OK) {
        cf_stream_close(s);
        return rc;
    }
    *out = s;
    return CF_OK;
}

const cf_schema_t *cf_stream_schema(const cf_stream_t *s)
{
    return s->cols != NULL ? s->cols->schema : s->none;
}

const cf_schema_t *cf_stream_union(const cf_stream_t *s)
{
    return s->all != NULL ? s->all : s->none;
}

bool cf_stream_count(const cf_stream_t *s, uint64_t *rows, uint64_t *blocks)
{
    *rows = s->map.rows;
    *blocks = s->map.count;
    return s->whole;
}

void cf_stream_window(cf_stream_t *s, int64_t from, int64_t to)
{
    s->window = true;
    s->from = from;
    s->to = to;
}

void cf_stream_totals(const cf_stream_t *s, cf_stream_totals_t *t)
{
    *t = s->t;
    t->bytes = s->pos;
}

const cf_provenance_t *cf_stream_provenance(const cf_stream_t *s)
{
    return s->prov;
}
