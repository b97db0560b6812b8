/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String chunks (doc/format.md 5.4). Only words that rows use are stored, in order of first use.
 */
#include "encode.h"

static void put_words(cfi_encoder_t *e, const cf_dict_t *d, const uint32_t *used, uint32_t k)
{
    uint32_t mark = e->top, *lengths = enc_tmp(e, k * sizeof *lengths);
    size_t sum = 0;
    char *all;

    if (lengths == NULL)
        return;
    for (uint32_t i = 0; i < k; i++) {
        (void)cf_dict_text(d, used[i], &lengths[i]);
        sum += lengths[i];
    }
    all = enc_tmp(e, sum);
    if (all == NULL)
        return;
    sum = 0;
    for (uint32_t i = 0; i < k; i++) {
        uint32_t len;
        const char *text = cf_dict_text(d, used[i], &len);

        if (len > 0)
            memcpy(all + sum, text, len);
        sum += len;
    }
    enc_varint(e, k);
    enc_array32(e, lengths, k, HINT_NONE);
    enc_buffer(e, all, sum);
    e->top = mark;
}

void enc_strings(cfi_encoder_t *e, const cf_vec_t *v)
{
    const uint32_t *from = v->data;
    uint32_t *map = enc_tmp(e, ((size_t)v->dict.count + 1) * sizeof *map), *used, *codes, k = 0;

    used = enc_tmp(e, e->rows * sizeof *used);
    codes = enc_tmp(e, e->rows * sizeof *codes);
    if (map == NULL || used == NULL || codes == NULL)
        return;
    memset(map, 0xff, (size_t)v->dict.count * sizeof *map);
    for (uint32_t i = 0; i < e->rows; i++) {
        if (cf_vec_is_null(v, i)) {
            codes[i] = 0;
            continue;
        }
        if (map[from[i]] == UINT32_MAX) {
            used[k] = from[i];
            map[from[i]] = k++;
        }
        codes[i] = map[from[i]];
    }
    enc_u8(e, STRINGS_DICT);
    put_words(e, &v->dict, used, k);
    enc_array32(e, codes, e->rows, HINT_CODES);
}
