/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking over chunks without decoding them: to skip what stands before a part that is wanted, and
 * to say in words how a column is stored ("scale(delta(pack 3+zstd))"). A name is an op, in
 * brackets what it is made of; "+zstd" marks a compressed buffer.
 */
#include "decode.h"

static int say(cf_buf_t *text, const char *word)
{
    return text != NULL ? cf_buf_puts(text, word) : CF_OK;
}

static int walk_buffer(cfi_decoder_t *dec, cursor_t *c, cf_buf_t *text)
{
    static const char *const names[] = { "", "+zstd", "+lz4", "+zlib" };
    uint8_t comp = c->p < c->end ? *c->p : 0;
    size_t raw;
    int rc = dec_skip_buffer(dec, c, &raw);

    return rc == CF_OK ? say(text, names[comp]) : rc;
}

static int skip_varint(cfi_decoder_t *dec, cursor_t *c)
{
    uint64_t v;

    return get_varint(c, &v) ? CF_OK : dec_bad(dec, "an array ends early");
}

static int name_of(const cfi_decoder_t *dec, uint64_t ref, cf_buf_t *text)
{
    return text == NULL ? CF_OK
         : ref < dec->ncols ? cf_buf_puts(text, cf_schema_field(dec->schema, (uint32_t)ref)->name)
                                                   : cf_buf_puts(text, "?");
}

static int walk_ref(cfi_decoder_t *dec, cursor_t *c, cf_buf_t *text)
{
    uint64_t ref;

    if (!get_varint(c, &ref))
        return dec_bad(dec, "an array ends early");
    return name_of(dec, ref, text);
}

static int walk_bits(cfi_decoder_t *dec, cursor_t *c, cf_buf_t *text)
{
    uint64_t src;

    if (!get_varint(c, &src))
        return dec_bad(dec, "an array ends early");
    if (src > 0)
        return name_of(dec, src - 1, text);
    return walk_buffer(dec, c, text) != CF_OK ? CF_E_FORMAT : say(text, "bits");
}

/* A comma and an array of m or, without m, of a count that stands before it. */
static int walk_next(cfi_decoder_t *dec, cursor_t *c, const uint32_t *m, unsigned depth,
                     cf_buf_t *text)
{
    uint32_t count = m != NULL ? *m : 0;
    int rc = say(text, ", ");

    if (rc == CF_OK && m == NULL)
        rc = dec_count(dec, c, &count);
    return rc == CF_OK ? dec_walk_array(dec, c, count, depth + 1, text) : rc;
}

static int walk_exceptions(cfi_decoder_t *dec, cursor_t *c, unsigned depth, cf_buf_t *text)
{
    size_t raw;
    uint32_t e;
    int rc = dec_count(dec, c, &e);

    if (rc != CF_OK || e == 0)
        return rc;
    rc = dec_skip_buffer(dec, c, &raw);
    return rc == CF_OK ? walk_next(dec, c, &e, depth, text) : rc;
}

static const char *const op_names[OP_COUNT] = { "const",   "plain", "pack",   "delta(",
                                                "dict(",   "rle(",  "patch(", "escape(",
                                                "map(",    "same(", "diff(",  "scale(",
                                                "repeat(", "swap(", "other(", "split(" };

/* Ops that hold no other array. */
static int walk_leaf(cfi_decoder_t *dec, cursor_t *c, uint8_t op, cf_buf_t *text)
{
    uint8_t w;

    if (op == OP_CONST)
        return skip_varint(dec, c);
    if (!get_u8(c, &w) || (op == OP_PACK && skip_varint(dec, c) != CF_OK))
        return dec_bad(dec, "an array ends early");
    if (text != NULL && cf_buf_putf(text, " %u", op == OP_PACK ? w : w * 8u) != CF_OK)
        return CF_E_NOMEM;
    return walk_buffer(dec, c, text);
}

/* Ops that hold others: what stands behind the opening bracket. */
static int walk_inner(cfi_decoder_t *dec, cursor_t *c, uint8_t op, uint32_t m, unsigned depth,
                      cf_buf_t *text)
{
    uint32_t k;
    int rc;

    switch (op) {
    case OP_DELTA:
        if (m == 0 || skip_varint(dec, c) != CF_OK)
            return dec_bad(dec, "a delta array has no first number");
        return dec_walk_array(dec, c, m - 1, depth + 1, text);
    case OP_SCALE:
        rc = skip_varint(dec, c);
        return rc == CF_OK ? dec_walk_array(dec, c, m, depth + 1, text) : rc;
    case OP_REPEAT:
        rc = walk_bits(dec, c, text);
        return rc == CF_OK ? walk_next(dec, c, NULL, depth, text) : rc;
    case OP_SWAP:
        rc = walk_bits(dec, c, text);
        if (rc == CF_OK)
            rc = walk_next(dec, c, &m, depth, text);
        return rc == CF_OK ? walk_next(dec, c, &m, depth, text) : rc;
    case OP_SPLIT:
        if (c->p == c->end)
            return dec_bad(dec, "an array ends early");
        c->p++;
        rc = dec_walk_array(dec, c, m, depth + 1, text);
        return rc == CF_OK ? walk_next(dec, c, &m, depth, text) : rc;
    case OP_OTHER:
        return walk_ref(dec, c, text);
    case OP_DIFF:
        rc = walk_ref(dec, c, text);
        return rc == CF_OK ? walk_next(dec, c, &m, depth, text) : rc;
    case OP_SAME:
        rc = walk_ref(dec, c, text);
        return rc == CF_OK ? walk_exceptions(dec, c, depth, text) : rc;
    case OP_MAP:
        rc = walk_ref(dec, c, text);
        if (rc == CF_OK)
            rc = walk_next(dec, c, NULL, depth, text);
        return rc == CF_OK ? walk_exceptions(dec, c, depth, text) : rc;
    default:
        break;
    }
    rc = dec_count(dec, c, &k);
    if (rc == CF_OK)
        rc = dec_walk_array(dec, c, op == OP_PATCH ? m : k, depth + 1, text);
    if (rc == CF_OK)
        rc = walk_next(dec, c, op == OP_DICT || op == OP_ESCAPE ? &m : &k, depth, text);
    if (rc == CF_OK && op == OP_PATCH)
        rc = walk_next(dec, c, &k, depth, text);
    if (rc == CF_OK && op == OP_ESCAPE)
        rc = walk_next(dec, c, NULL, depth, text);
    return rc;
}

int dec_walk_array(cfi_decoder_t *dec, cursor_t *c, uint32_t m, unsigned depth, cf_buf_t *text)
{
    uint8_t op;
    int rc;

    if (depth >= CODEC_DEPTH)
        return dec_bad(dec, "arrays nest too deep");
    if (!get_u8(c, &op))
        return dec_bad(dec, "an array ends early");
    if (op >= OP_COUNT)
        return dec_bad(dec, "an array has an encoding that this version does not know");
    rc = say(text, op_names[op]);
    if (rc != CF_OK)
        return rc;
    if (op <= OP_PACK)
        return walk_leaf(dec, c, op, text);
    rc = walk_inner(dec, c, op, m, depth, text);
    return rc == CF_OK ? say(text, ")") : rc;
}

int dec_walk_addr(cfi_decoder_t *dec, cursor_t *c, uint32_t m, unsigned depth, cf_buf_t *text)
{
    uint64_t e = 0;
    uint32_t k;
    uint8_t form;
    size_t raw;
    int rc;

    if (depth >= CODEC_DEPTH)
        return dec_bad(dec, "addresses nest too deep");
    if (!get_u8(c, &form))
        return dec_bad(dec, "a chunk ends early");
    if (form == ADDR_V4)
        return dec_walk_array(dec, c, m, 0, text);
    if (form == ADDR_REF) {
        rc = say(text, "same(");
        if (rc == CF_OK)
            rc = walk_ref(dec, c, text);
        if (rc == CF_OK && !get_varint(c, &e))
            rc = dec_bad(dec, "a chunk ends early");
        if (rc == CF_OK && e > 0) {
            rc = dec_skip_buffer(dec, c, &raw);
            if (rc == CF_OK)
                rc = say(text, ", ");
            if (rc == CF_OK)
                rc = dec_walk_addr(dec, c, (uint32_t)e, depth + 1, text);
        }
        return rc == CF_OK ? say(text, ")") : rc;
    }
    if (form != ADDR_MIXED)
        return dec_bad(dec, "addresses have a form that this version does not know");
    rc = dec_skip_buffer(dec, c, &raw);
    if (rc == CF_OK)
        rc = say(text, "mixed(");
    if (rc == CF_OK)
        rc = dec_walk_array(dec, c, m, 0, text);
    if (rc == CF_OK)
        rc = dec_count(dec, c, &k);
    if (rc == CF_OK)
        rc = say(text, ", ");
    if (rc == CF_OK && k == 0)
        rc = walk_ref(dec, c, text);
    else if (rc == CF_OK)
        rc = dec_walk_array(dec, c, k, 0, text);
    return rc == CF_OK ? say(text, ")") : rc;
}

int dec_walk_strings(cfi_decoder_t *dec, cursor_t *c, cf_buf_t *text)
{
    uint64_t ref = 0;
    uint32_t k;
    uint8_t form;
    int rc;

    if (!get_u8(c, &form) || form > STRINGS_ALL || (form == STRINGS_REF && !get_varint(c, &ref)))
        return dec_bad(dec, "strings have a form that this version does not know");
    rc = dec_skip_words(dec, c, &k);
    if (rc != CF_OK)
        return rc;
    if (form == STRINGS_ALL)
        return say(text, "strings");
    if (form == STRINGS_DICT) {
        if (text != NULL && cf_buf_putf(text, "dict(%u strings, ", k) != CF_OK)
            return CF_E_NOMEM;
        rc = dec_walk_array(dec, c, dec->rows, 0, text);
        return rc == CF_OK ? say(text, ")") : rc;
    }
    rc = say(text, "map(");
    if (rc == CF_OK)
        rc = name_of(dec, ref, text);
    if (rc == CF_OK)
        rc = walk_next(dec, c, NULL, 0, text);
    if (rc == CF_OK)
        rc = walk_exceptions(dec, c, 0, text);
    return rc == CF_OK ? say(text, ")") : rc;
}
