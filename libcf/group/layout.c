/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where each key stands in a packed key. The layout of a set begins with the keys of its groups,
 * and first fit in the same order gives them the same places: so the group's key is the masked
 * beginning of the element's.
 */
#include "group/group.h"

static unsigned key_bits(const cf_field_t *f)
{
    if (f->kind == CF_KIND_ADDR || f->kind == CF_KIND_STRING)
        return 32;
    return 8u * f->width;
}

static uint64_t low_bits(unsigned n)
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

void cfi_layout_add(cfi_layout_t *l, const cf_field_t *f)
{
    cfi_place_t *p = &l->place[l->nkeys];
    uint8_t used[CFI_KEY_WORDS] = { 0 };
    unsigned bits = key_bits(f), word = 0;

    for (uint32_t i = 0; i < l->nkeys; i++)
        used[l->place[i].word] = (uint8_t)(used[l->place[i].word] + l->place[i].bits);
    while (used[word] + bits > 64)
        word++;
    p->field = f;
    p->bits = (uint8_t)bits;
    p->word = (uint8_t)word;
    p->shift = used[word];
    if (l->words[CFI_NARROW] < word + 1)
        l->words[CFI_NARROW] = word + 1;
    if (l->words[CFI_WIDE] < 1)
        l->words[CFI_WIDE] = 1;
    p->wide_word = (uint8_t)l->words[CFI_WIDE];
    l->words[CFI_WIDE] += f->kind == CF_KIND_ADDR ? 2 : 1;
    l->nkeys++;
}

bool cfi_layout_get(const cfi_layout_t *l, unsigned form, const uint64_t *key, uint32_t k, cf_addr_t *a)
{
    const cfi_place_t *p = &l->place[k];

    if (form == CFI_NARROW) {
        uint64_t v = key[p->word] >> p->shift & low_bits(p->bits);

        a->hi = 0;
        a->lo = p->field->kind == CF_KIND_ADDR ? CF_V4_MAPPED | v : v;
        return true;
    }
    if ((key[0] >> k & 1) != 0)
        return false;
    a->hi = 0;
    a->lo = key[p->wide_word];
    if (p->field->kind == CF_KIND_ADDR) {
        a->hi = key[p->wide_word];
        a->lo = key[p->wide_word + 1];
    }
    return true;
}

static unsigned wide_prefix(const cfi_layout_t *from, const uint64_t *key, const cfi_layout_t *to, uint64_t *out)
{
    bool narrow = (key[0] & low_bits(to->nkeys)) == 0;
    cf_addr_t a = { 0, 0 };

    for (uint32_t k = 0; k < to->nkeys && narrow; k++)
        if (to->place[k].field->kind == CF_KIND_ADDR)
            narrow = cfi_layout_get(from, CFI_WIDE, key, k, &a) && cf_addr_is_v4(a);
    if (!narrow) {
        memcpy(out, key, to->words[CFI_WIDE] * sizeof *out);
        out[0] &= low_bits(to->nkeys);
        return CFI_WIDE;
    }
    memset(out, 0, to->words[CFI_NARROW] * sizeof *out);
    for (uint32_t k = 0; k < to->nkeys; k++) {
        const cfi_place_t *p = &to->place[k];

        cfi_layout_get(from, CFI_WIDE, key, k, &a);
        out[p->word] |= (a.lo & low_bits(p->bits)) << p->shift;
    }
    return CFI_NARROW;
}

unsigned cfi_layout_prefix(const cfi_layout_t *from, unsigned form, const uint64_t *key,
                           const cfi_layout_t *to, uint64_t *out)
{
    if (form == CFI_WIDE)
        return wide_prefix(from, key, to, out);
    memset(out, 0, to->words[CFI_NARROW] * sizeof *out);
    for (uint32_t k = 0; k < to->nkeys; k++) {
        const cfi_place_t *p = &to->place[k];

        out[p->word] |= key[p->word] & low_bits(p->bits) << p->shift;
    }
    return CFI_NARROW;
}
