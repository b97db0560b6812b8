/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Number arrays of doc/format.md 5.2, once for each width of the result: decode_array.c includes
 * this with T the type of a number, FN(name) its name for that type and NARROW 1 for 32 bits.
 * Narrow functions return DECODE_WIDE as soon as a number might not fit; the caller then starts
 * again with wide ones. Everything is written in place where that is possible.
 */

static int FN(array)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth);

static int FN(op_const)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out)
{
    uint64_t v;

    if (!get_varint(c, &v))
        return dec_bad(dec, "an array ends early");
    if (NARROW && v > UINT32_MAX)
        return DECODE_WIDE;
    for (uint32_t i = 0; i < m; i++)
        out[i] = (T)v;
    return CF_OK;
}

static int FN(op_plain)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out)
{
    const uint8_t *p;
    uint8_t w;
    int rc;

    if (!get_u8(c, &w) || (w != 1 && w != 2 && w != 4 && w != 8))
        return dec_bad(dec, "a plain array has no legal width");
    if (NARROW && w == 8)
        return DECODE_WIDE;
    rc = dec_buffer(dec, c, (size_t)m * w, &p);
    if (rc != CF_OK)
        return rc;
    if (NARROW)
        dec->k->unpack32(p, (size_t)m * w, m, w * 8u, 0, (uint32_t *)(void *)out);
    else
        dec->k->unpack64(p, (size_t)m * w, m, w * 8u, 0, (uint64_t *)(void *)out);
    return CF_OK;
}

static int FN(op_pack)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out)
{
    const uint8_t *p;
    uint64_t base;
    uint8_t bits;
    size_t n;
    int rc;

    if (!get_u8(c, &bits) || bits > 64 || !get_varint(c, &base))
        return dec_bad(dec, "a packed array has no legal width");
    if (NARROW && (bits > 32 || base > UINT32_MAX))
        return DECODE_WIDE;
    n = bits_bytes((size_t)m * bits);
    rc = dec_buffer(dec, c, n, &p);
    if (rc != CF_OK)
        return rc;
    if (!NARROW) {
        dec->k->unpack64(p, n, m, bits, base, (uint64_t *)(void *)out);
    } else if (base + ((UINT64_C(1) << bits) - 1) <= UINT32_MAX) {
        dec->k->unpack32(p, n, m, bits, (uint32_t)base, (uint32_t *)(void *)out);
    } else {
        uint32_t *o = (uint32_t *)(void *)out;

        dec->k->unpack32(p, n, m, bits, 0, o);
        if (dec->k->max32(o, m) > UINT32_MAX - base)
            return DECODE_WIDE;
        for (uint32_t i = 0; i < m; i++)
            o[i] += (uint32_t)base;
    }
    return CF_OK;
}

static int FN(op_delta)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    uint64_t v, seen;
    int rc;

    if (m == 0 || !get_varint(c, &v))
        return dec_bad(dec, "a delta array has no first number");
    rc = FN(array)(dec, c, m - 1, out + 1, depth + 1);
    if (rc != CF_OK)
        return rc;
    out[0] = (T)v;
    seen = v;
    for (uint32_t i = 1; i < m; i++) {
        v += unzigzag(out[i]);
        seen |= v;
        out[i] = (T)v;
    }
    return NARROW && seen > UINT32_MAX ? DECODE_WIDE : CF_OK;
}

static int FN(op_dict)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    uint32_t k, *codes = (uint32_t *)(void *)out;
    T *table;
    int rc = dec_count(dec, c, &k);

    if (rc != CF_OK)
        return rc;
    table = dec_tmp(dec, k * sizeof *table);
    if (!NARROW)
        codes = dec_tmp(dec, m * sizeof *codes);
    if (table == NULL || codes == NULL)
        return CF_E_NOMEM;
    rc = FN(array)(dec, c, k, table, depth + 1);
    if (rc == CF_OK)
        rc = dec_array32(dec, c, m, codes, depth + 1);
    if (rc != CF_OK)
        return rc;
    if (m > 0 && dec->k->max32(codes, m) >= k)
        return dec_bad(dec, "a code is outside of its table");
    if (NARROW)
        dec->k->lookup32((const uint32_t *)(void *)table, k, codes, m, (uint32_t *)(void *)out);
    else
        for (uint32_t i = 0; i < m; i++)
            out[i] = table[codes[i]];
    return CF_OK;
}

static int FN(op_rle)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    uint32_t r, at = 0, *lengths;
    T *values;
    int rc = dec_count(dec, c, &r);

    if (rc != CF_OK)
        return rc;
    values = dec_tmp(dec, r * sizeof *values);
    lengths = dec_tmp(dec, r * sizeof *lengths);
    if (values == NULL || lengths == NULL)
        return CF_E_NOMEM;
    rc = FN(array)(dec, c, r, values, depth + 1);
    if (rc == CF_OK)
        rc = dec_array32(dec, c, r, lengths, depth + 1);
    if (rc != CF_OK)
        return rc;
    for (uint32_t i = 0; i < r; i++) {
        uint32_t end = at + lengths[i];

        if (lengths[i] == 0 || lengths[i] > m - at)
            return dec_bad(dec, "run lengths do not add up");
        for (; at < end; at++)
            out[at] = values[i];
    }
    return at == m ? CF_OK : dec_bad(dec, "run lengths do not add up");
}

static int FN(op_patch)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    uint32_t e, *gaps;
    uint64_t at = 0;
    T *values;
    int rc = dec_count(dec, c, &e);

    if (rc != CF_OK)
        return rc;
    gaps = dec_tmp(dec, e * sizeof *gaps);
    values = dec_tmp(dec, e * sizeof *values);
    if (gaps == NULL || values == NULL)
        return CF_E_NOMEM;
    rc = FN(array)(dec, c, m, out, depth + 1);
    if (rc == CF_OK)
        rc = dec_array32(dec, c, e, gaps, depth + 1);
    if (rc == CF_OK)
        rc = FN(array)(dec, c, e, values, depth + 1);
    if (rc != CF_OK)
        return rc;
    for (uint32_t i = 0; i < e; i++, at++) {
        at += gaps[i];
        if (at >= m)
            return dec_bad(dec, "a patch lies outside of the rows");
        out[at] = values[i];
    }
    return CF_OK;
}

static int FN(op_escape)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    uint32_t k, e, used = 0, *codes = (uint32_t *)(void *)out;
    T *table, *rest;
    int rc = dec_count(dec, c, &k);

    if (rc != CF_OK)
        return rc;
    table = dec_tmp(dec, ((size_t)k + 1) * sizeof *table);
    if (!NARROW)
        codes = dec_tmp(dec, m * sizeof *codes);
    if (table == NULL || codes == NULL)
        return CF_E_NOMEM;
    rc = FN(array)(dec, c, k, table, depth + 1);
    table[k] = 0;
    if (rc == CF_OK)
        rc = dec_array32(dec, c, m, codes, depth + 1);
    if (rc == CF_OK)
        rc = dec_count(dec, c, &e);
    if (rc != CF_OK)
        return rc;
    rest = dec_tmp(dec, e * sizeof *rest);
    if (rest == NULL)
        return CF_E_NOMEM;
    rc = FN(array)(dec, c, e, rest, depth + 1);
    if (rc != CF_OK)
        return rc;
    if (NARROW) {
        used = dec->k->escape32((const uint32_t *)(void *)table, k, codes, m,
                                (const uint32_t *)(void *)rest, e, (uint32_t *)(void *)out);
    } else {
        for (uint32_t i = 0; i < m; i++) {
            uint32_t code = codes[i];

            if (code > k)
                return dec_bad(dec, "a code is outside of its table");
            out[i] = code < k ? table[code] : used < e ? rest[used] : 0;
            used += code == k;
        }
    }
    if (used != e)
        return dec_bad(dec, "escaped numbers and codes do not agree");
    return CF_OK;
}

static int FN(exceptions)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    uint32_t e;
    uint64_t *bits;
    T *values;
    int rc = dec_count(dec, c, &e);

    if (rc != CF_OK || e == 0)
        return rc;
    bits = dec_tmp(dec, bits_bytes(m) + 8);
    values = dec_tmp(dec, e * sizeof *values);
    if (bits == NULL || values == NULL)
        return CF_E_NOMEM;
    rc = dec_bitmap(dec, c, m, bits);
    if (rc == CF_OK && dec->k->count(bits, m) != e)
        rc = dec_bad(dec, "exceptions and their bits do not agree");
    if (rc == CF_OK)
        rc = FN(array)(dec, c, e, values, depth + 1);
    if (rc != CF_OK)
        return rc;
    if (NARROW)
        dec->k->merge32(bits, m, (const uint32_t *)(void *)values, (uint32_t *)(void *)out);
    else
        dec->k->merge64(bits, m, (const uint64_t *)(void *)values, (uint64_t *)(void *)out);
    return CF_OK;
}

static int FN(op_map)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    const uint32_t *codes;
    uint32_t count, t;
    uint64_t ref;
    T *table;
    int rc = take_ref(dec, c, m, &ref);

    if (rc == CF_OK)
        rc = dec_count(dec, c, &t);
    if (rc == CF_OK)
        rc = dec_ref_codes(dec, ref, &codes, &count);
    if (rc != CF_OK)
        return rc;
    if (t != count)
        return dec_bad(dec, "a table does not fit the column it maps");
    table = dec_tmp(dec, t * sizeof *table);
    if (table == NULL)
        return CF_E_NOMEM;
    rc = FN(array)(dec, c, t, table, depth + 1);
    if (rc != CF_OK)
        return rc;
    if (NARROW)
        dec->k->lookup32((const uint32_t *)(void *)table, t, codes, m, (uint32_t *)(void *)out);
    else
        for (uint32_t i = 0; i < m; i++)
            out[i] = table[codes[i]];
    return FN(exceptions)(dec, c, m, out, depth);
}

/* Numbers of another column in this width. */
static int FN(copy)(const numbers_t *v, uint32_t m, T *out)
{
    if (v->wide == !NARROW) {
        memcpy(out, v->p, m * sizeof *out);
    } else if (NARROW) {
        return DECODE_WIDE;
    } else {
        const uint32_t *from = v->p;

        for (uint32_t i = 0; i < m; i++)
            out[i] = from[i];
    }
    return CF_OK;
}

static int FN(op_same)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    const numbers_t *v;
    uint64_t ref;
    int rc = take_ref(dec, c, m, &ref);

    if (rc == CF_OK)
        rc = dec_ref_values(dec, ref, &v);
    if (rc == CF_OK)
        rc = FN(copy)(v, m, out);
    return rc == CF_OK ? FN(exceptions)(dec, c, m, out, depth) : rc;
}

static int FN(op_diff)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    const numbers_t *v;
    uint64_t ref, seen = 0;
    int rc = take_ref(dec, c, m, &ref);

    if (rc == CF_OK)
        rc = dec_ref_values(dec, ref, &v);
    if (rc == CF_OK && NARROW && v->wide)
        rc = DECODE_WIDE;
    if (rc == CF_OK)
        rc = FN(array)(dec, c, m, out, depth + 1);
    if (rc != CF_OK)
        return rc;
    if (v->wide) {
        const uint64_t *from = v->p;

        for (uint32_t i = 0; i < m; i++)
            out[i] = (T)(from[i] + unzigzag(out[i]));
    } else {
        const uint32_t *from = v->p;

        for (uint32_t i = 0; i < m; i++) {
            uint64_t sum = from[i] + unzigzag(out[i]);

            seen |= sum;
            out[i] = (T)sum;
        }
    }
    return NARROW && seen > UINT32_MAX ? DECODE_WIDE : CF_OK;
}

static int FN(op_scale)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    uint64_t factor, seen = 0;
    int rc;

    if (!get_varint(c, &factor))
        return dec_bad(dec, "an array ends early");
    if (NARROW && factor > 65536)
        return DECODE_WIDE;
    if (!NARROW) {
        cursor_t again = *c;
        uint32_t *narrow = (uint32_t *)(void *)out + m;

        rc = array_32(dec, c, m, narrow, depth + 1);
        if (rc == CF_OK)
            dec->k->scale(narrow, m, factor, (uint64_t *)(void *)out);
        if (rc != DECODE_WIDE)
            return rc;
        *c = again;
    }
    rc = FN(array)(dec, c, m, out, depth + 1);
    for (uint32_t i = 0; rc == CF_OK && i < m; i++) {
        uint64_t v = out[i] * factor;

        seen |= v;
        out[i] = (T)v;
    }
    return rc == CF_OK && NARROW && seen > UINT32_MAX ? DECODE_WIDE : rc;
}

static int FN(op_split)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    uint64_t seen = 0;
    uint8_t shift;
    T *high;
    int rc;

    if (!get_u8(c, &shift) || shift > 63)
        return dec_bad(dec, "a split array has no legal width");
    high = dec_tmp(dec, m * sizeof *high);
    if (high == NULL)
        return CF_E_NOMEM;
    rc = FN(array)(dec, c, m, out, depth + 1);
    if (rc == CF_OK)
        rc = FN(array)(dec, c, m, high, depth + 1);
    if (rc != CF_OK)
        return rc;
    if (NARROW && shift < 32 && m > 0
        && ((uint64_t)dec->k->max32((const uint32_t *)(void *)high, m) << shift)
                   + dec->k->max32((const uint32_t *)(void *)out, m) <= UINT32_MAX) {
        dec->k->join32((const uint32_t *)(void *)high, m, shift, (uint32_t *)(void *)out);
        return CF_OK;
    }
    for (uint32_t i = 0; i < m; i++) {
        uint64_t v = out[i] + ((uint64_t)high[i] << shift);

        seen |= v | (NARROW && shift > 31 ? high[i] : 0);
        out[i] = (T)v;
    }
    return NARROW && (seen > UINT32_MAX || (shift > 31 && seen != 0)) ? DECODE_WIDE : CF_OK;
}

static int FN(op_repeat)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    const uint64_t *bits;
    uint32_t count;
    T *tail;
    int rc = take_bits(dec, c, m, OP_REPEAT, &bits);

    if (rc == CF_OK)
        rc = dec_count(dec, c, &count);
    if (rc != CF_OK)
        return rc;
    if (count > m || m - count != dec->k->count(bits, m) || (m > 0 && (bits[0] & 1) != 0))
        return dec_bad(dec, "repeats and their bits do not agree");
    tail = out + (m - count);
    rc = FN(array)(dec, c, count, tail, depth + 1);
    if (rc != CF_OK)
        return rc;
    if (NARROW)
        dec->k->repeat32(bits, m, (const uint32_t *)(void *)tail, count, (uint32_t *)(void *)out);
    else
        dec->k->repeat64(bits, m, (const uint64_t *)(void *)tail, count, (uint64_t *)(void *)out);
    return CF_OK;
}

static void FN(select)(cfi_decoder_t *dec, const uint64_t *bits, uint32_t m, const T *a, const T *b,
                       T *out)
{
    if (NARROW)
        dec->k->select32(bits, m, (const uint32_t *)(const void *)a,
                         (const uint32_t *)(const void *)b, (uint32_t *)(void *)out);
    else
        dec->k->select64(bits, m, (const uint64_t *)(const void *)a,
                         (const uint64_t *)(const void *)b, (uint64_t *)(void *)out);
}

static int FN(op_swap)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    const uint64_t *bits;
    T *b;
    int rc = take_bits(dec, c, m, OP_SWAP, &bits);

    if (rc != CF_OK)
        return rc;
    b = dec_tmp(dec, m * sizeof *b);
    if (b == NULL)
        return CF_E_NOMEM;
    rc = FN(array)(dec, c, m, out, depth + 1);
    if (rc == CF_OK)
        rc = FN(array)(dec, c, m, b, depth + 1);
    if (rc == CF_OK)
        FN(select)(dec, bits, m, out, b, out);
    return rc;
}

/* One side (bits set take the second) of a column's outermost SWAP. */
static int FN(side)(cfi_decoder_t *dec, const column_t *col, const numbers_t *clear,
                    const numbers_t *set, uint32_t m, T *out)
{
    T *other;
    int rc;

    if (clear->wide == !NARROW && set->wide == !NARROW) {
        FN(select)(dec, col->bits, m, clear->p, set->p, out);
        return CF_OK;
    }
    other = dec_tmp(dec, m * sizeof *other);
    if (other == NULL)
        return CF_E_NOMEM;
    rc = FN(copy)(clear, m, out);
    if (rc == CF_OK)
        rc = FN(copy)(set, m, other);
    if (rc == CF_OK)
        FN(select)(dec, col->bits, m, out, other, out);
    return rc;
}

static int FN(op_other)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out)
{
    const column_t *col;
    uint64_t ref;
    int rc = take_ref(dec, c, m, &ref);

    if (rc == CF_OK)
        rc = dec_ref_swap(dec, ref, &col);
    return rc == CF_OK ? FN(side)(dec, col, &col->b, &col->a, m, out) : rc;
}

static int FN(array)(cfi_decoder_t *dec, cursor_t *c, uint32_t m, T *out, unsigned depth)
{
    uint32_t mark = dec->top;
    uint8_t op;
    int rc;

    if (depth >= CODEC_DEPTH)
        return dec_bad(dec, "arrays nest too deep");
    if (!get_u8(c, &op))
        return dec_bad(dec, "an array ends early");
    if (!NARROW && m > 0 && narrow_pays(op)) {
        cursor_t again = { c->p - 1, c->end };
        uint32_t *narrow = (uint32_t *)(void *)out + m;

        rc = array_32(dec, &again, m, narrow, depth);
        if (rc != DECODE_WIDE) {
            *c = again;
            if (rc == CF_OK)
                dec->k->widen(narrow, m, (uint64_t *)(void *)out);
            dec->top = mark;
            return rc;
        }
    }
    switch (op) {
    case OP_CONST: rc = FN(op_const)(dec, c, m, out); break;
    case OP_PLAIN: rc = FN(op_plain)(dec, c, m, out); break;
    case OP_PACK: rc = FN(op_pack)(dec, c, m, out); break;
    case OP_DELTA: rc = FN(op_delta)(dec, c, m, out, depth); break;
    case OP_DICT: rc = FN(op_dict)(dec, c, m, out, depth); break;
    case OP_RLE: rc = FN(op_rle)(dec, c, m, out, depth); break;
    case OP_PATCH: rc = FN(op_patch)(dec, c, m, out, depth); break;
    case OP_ESCAPE: rc = FN(op_escape)(dec, c, m, out, depth); break;
    case OP_MAP: rc = FN(op_map)(dec, c, m, out, depth); break;
    case OP_SAME: rc = FN(op_same)(dec, c, m, out, depth); break;
    case OP_DIFF: rc = FN(op_diff)(dec, c, m, out, depth); break;
    case OP_SCALE: rc = FN(op_scale)(dec, c, m, out, depth); break;
    case OP_REPEAT: rc = FN(op_repeat)(dec, c, m, out, depth); break;
    case OP_SWAP: rc = FN(op_swap)(dec, c, m, out, depth); break;
    case OP_SPLIT: rc = FN(op_split)(dec, c, m, out, depth); break;
    case OP_OTHER: rc = FN(op_other)(dec, c, m, out); break;
    default: rc = dec_bad(dec, "an array has an encoding that this version does not know"); break;
    }
    dec->top = mark;
    return rc;
}
