/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String chunks (doc/format.md 5.4): words become the dictionary of the vector as they are, rows
 * become codes.
 */
#include <stdlib.h>

#include "decode.h"

/* k lengths and their sum. */
static int word_lengths(cfi_decoder_t *dec, cursor_t *c, uint32_t *k, const uint32_t **lengths,
                        size_t *bytes)
{
    uint32_t *len;
    size_t sum = 0;
    int rc = dec_count(dec, c, k);

    if (rc != CF_OK)
        return rc;
    len = dec_tmp(dec, *k * sizeof *len);
    if (len == NULL)
        return CF_E_NOMEM;
    rc = dec_array32(dec, c, *k, len, 0);
    if (rc != CF_OK)
        return rc;
    if (dec->k->max32(len, *k) > CF_STRING_MAX)
        return dec_bad(dec, "a string is longer than 65535 bytes");
    for (uint32_t i = 0; i < *k; i++)
        sum += len[i];
    if (sum > CODEC_RAW_MAX)
        return dec_bad(dec, "the strings of a column are longer than 64 MiB");
    *lengths = len;
    *bytes = sum;
    return CF_OK;
}

static int take_words(cfi_decoder_t *dec, cursor_t *c, uint32_t *k, cf_dict_t *dict)
{
    const uint32_t *lengths = NULL;
    uint32_t *offset;
    const uint8_t *p;
    char *bytes;
    size_t sum = 0;
    int rc = word_lengths(dec, c, k, &lengths, &sum);

    if (rc == CF_OK)
        rc = dec_buffer(dec, c, sum, &p);
    if (rc != CF_OK)
        return rc;
    /* An index of earlier texts would be wrong now. */
    free(dict->slots);
    dict->slots = NULL;
    dict->mask = 0;
    dict->count = 0;
    if (dict->size < *k || dict->offset == NULL) {
        offset = realloc(dict->offset, ((size_t)*k + 1) * sizeof *offset);
        if (offset == NULL)
            return dec_nomem(dec);
        dict->offset = offset;
        dict->size = *k;
    }
    if (dict->bytes_size < sum || dict->bytes == NULL) {
        bytes = realloc(dict->bytes, sum > 0 ? sum : 1);
        if (bytes == NULL)
            return dec_nomem(dec);
        dict->bytes = bytes;
        dict->bytes_size = sum > 0 ? sum : 1;
    }
    if (sum > 0)
        memcpy(dict->bytes, p, sum);
    dict->offset[0] = 0;
    for (uint32_t i = 0; i < *k; i++)
        dict->offset[i + 1] = dict->offset[i] + lengths[i];
    dict->count = *k;
    return CF_OK;
}

int dec_skip_words(cfi_decoder_t *dec, cursor_t *c, uint32_t *k)
{
    size_t raw;
    int rc = dec_count(dec, c, k);

    if (rc == CF_OK)
        rc = dec_walk_array(dec, c, *k, 0, NULL);
    return rc == CF_OK ? dec_skip_buffer(dec, c, &raw) : rc;
}

/* Form 1 behind its words: codes of another column through a table. */
static int mapped_codes(cfi_decoder_t *dec, cursor_t *c, uint64_t ref, uint32_t *out)
{
    const uint32_t *codes;
    uint32_t t, count, e, *table, *values;
    uint64_t *bits;
    int rc = dec_count(dec, c, &t);

    if (rc == CF_OK)
        rc = dec_ref_codes(dec, ref, &codes, &count);
    if (rc != CF_OK)
        return rc;
    if (t != count)
        return dec_bad(dec, "a table does not fit the column it maps");
    table = dec_tmp(dec, t * sizeof *table);
    if (table == NULL)
        return CF_E_NOMEM;
    rc = dec_array32(dec, c, t, table, 0);
    if (rc == CF_OK)
        rc = dec_count(dec, c, &e);
    if (rc != CF_OK)
        return rc;
    dec->k->lookup32(table, t, codes, dec->rows, out);
    if (e == 0)
        return CF_OK;
    bits = dec_tmp(dec, bits_bytes(dec->rows) + 8);
    values = dec_tmp(dec, e * sizeof *values);
    if (bits == NULL || values == NULL)
        return CF_E_NOMEM;
    rc = dec_bitmap(dec, c, dec->rows, bits);
    if (rc == CF_OK && dec->k->count(bits, dec->rows) != e)
        rc = dec_bad(dec, "exceptions and their bits do not agree");
    if (rc == CF_OK)
        rc = dec_array32(dec, c, e, values, 0);
    if (rc == CF_OK)
        dec->k->merge32(bits, dec->rows, values, out);
    return rc;
}

int dec_codes(cfi_decoder_t *dec, cursor_t *c, uint8_t how, const uint32_t *known, uint32_t *out,
              uint32_t *k, cf_dict_t *words)
{
    uint64_t ref = 0;
    uint8_t form;
    int rc;

    if (!get_u8(c, &form))
        return dec_bad(dec, "a chunk ends early");
    if (form > STRINGS_ALL || (form == STRINGS_ALL && how == NULLS_CODE))
        return dec_bad(dec, "strings have a form that this version does not know");
    if (form == STRINGS_ALL && words == NULL)
        return dec_bad(dec, "a reference is to strings without codes");
    if (form == STRINGS_REF && !get_varint(c, &ref))
        return dec_bad(dec, "a chunk ends early");
    rc = words != NULL ? take_words(dec, c, k, words) : dec_skip_words(dec, c, k);
    if (rc != CF_OK)
        return rc;
    if (form == STRINGS_ALL) {
        if (*k != dec->rows)
            return dec_bad(dec, "there is not one string for each row");
        for (uint32_t i = 0; i < dec->rows; i++)
            out[i] = i;
        return CF_OK;
    }
    if (known != NULL && form == STRINGS_DICT) {
        memcpy(out, known, dec->rows * sizeof *out);
        return dec_walk_array(dec, c, dec->rows, 0, NULL);
    }
    rc = form == STRINGS_DICT ? dec_array32(dec, c, dec->rows, out, 0)
                              : mapped_codes(dec, c, ref, out);
    if (rc == CF_OK && dec->k->max32(out, dec->rows) >= *k + (how == NULLS_CODE))
        rc = dec_bad(dec, "a code is outside of its table");
    return rc;
}

int dec_strings(cfi_decoder_t *dec, column_t *col, cursor_t *c, uint8_t how, cf_vec_t *out)
{
    numbers_t *v = &col->values;
    uint8_t form = c->p < c->end ? *c->p : 0;
    uint32_t k;
    int rc = cf_vec_reserve(out, sizeof(uint32_t));

    if (rc != CF_OK)
        return dec_nomem(dec);
    rc = dec_codes(dec, c, how, v->have ? v->p : NULL, out->data, &k, &out->dict);
    if (rc == CF_OK && col->wanted && !v->have && form != STRINGS_ALL) {
        rc = dec_keep(dec, &v->p, &v->size, (size_t)dec->rows * sizeof(uint32_t));
        if (rc != CF_OK)
            return rc;
        memcpy(v->p, out->data, dec->rows * sizeof(uint32_t));
        col->codes = k + (how == NULLS_CODE);
        v->wide = false;
        v->have = true;
    }
    if (rc == CF_OK && how == NULLS_CODE)
        dec->k->equal32(out->data, dec->rows, k, out->null);
    return rc;
}
