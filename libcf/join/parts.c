/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a row is to its flow. Tuples of Azure tell begin, continue and end; what others write are
 * windows; denied and whole ones are flows of their own.
 */
#include <string.h>

#include "join/stitch.h"

static uint64_t counter(const cf_stitch_t *e, cfi_col_t col, uint32_t row, unsigned bit, uint8_t *known)
{
    const cf_vec_t *v = e->cols.v[col];

    if (v == NULL || cf_vec_is_null(v, row))
        return 0;
    *known |= (uint8_t)(1u << bit);
    return cf_vec_uint(v, row);
}

static uint16_t flags(const cf_stitch_t *e, cfi_col_t col, uint32_t row, bool *has)
{
    const cf_vec_t *v = e->cols.v[col];

    *has = v != NULL && !cf_vec_is_null(v, row);
    return *has ? (uint16_t)cf_vec_uint(v, row) : 0;
}

/* Both directions in one row? */
static bool two_way(const cf_stitch_t *e, uint32_t row, unsigned state, uint8_t known)
{
    uint64_t shape = cfi_uint(&e->cols, CFI_SHAPE, row, 255);

    return shape == CF_SHAPE_BI || shape == CF_SHAPE_EVENT || state <= CF_STATE_DENY ||
        (known & (1u << CFI_RPACKETS_N | 1u << CFI_RBYTES_N)) != 0;
}

static cfi_kind_t kind_of(const cf_stitch_t *e, uint32_t row, uint32_t i, bool bi)
{
    unsigned state = CFI_WORD_GET(e->keys.tuple[i].word, STATE, 4);
    unsigned action = CFI_WORD_GET(e->keys.tuple[i].word, ACTION, 2);
    bool whole = state == CF_STATE_WHOLE || cfi_uint(&e->cols, CFI_COUNTS, row, 255) == CF_COUNTS_TOTAL;

    if (!e->keys.usable[i] || cfi_uint(&e->cols, CFI_DUP, row, 0) == 1)
        return CFI_RAW;
    if (state == CF_STATE_DENY || (state < CF_STATE_DENY && action == CF_ACTION_REJECT))
        return CFI_OWN;
    if (state == CF_STATE_BEGIN)
        return CFI_BEGIN;
    if (state == CF_STATE_CONTINUE)
        return CFI_PART;
    if (state == CF_STATE_END)
        return CFI_END;
    /* a tuple of an old log that tells of a new flow and nothing more */
    if (cfi_uint(&e->cols, CFI_SHAPE, row, 255) == CF_SHAPE_EVENT)
        return CFI_OWN;
    /* one direction of a whole flow may find the other */
    return whole && (bi || !e->o.biflow) ? CFI_OWN : CFI_WINDOW;
}

/* Would the key of both directions be the other way round? */
static bool runs_back(const cfi_tuple_t *t)
{
    unsigned sport = (unsigned)(t->word & 0xffff), dport = (unsigned)(t->word >> 16) & 0xffff;

    if (t->addr[0] != t->addr[2])
        return t->addr[0] > t->addr[2];
    if (t->addr[1] != t->addr[3])
        return t->addr[1] > t->addr[3];
    return sport > dport;
}

static void turn(cfi_part_t *p, cfi_tuple_t *t)
{
    cfi_tuple_t was = *t;
    cfi_part_t old = *p;

    t->addr[0] = was.addr[2];
    t->addr[1] = was.addr[3];
    t->addr[2] = was.addr[0];
    t->addr[3] = was.addr[1];
    t->word = (was.word & ~UINT64_C(0xffffffff)) | (was.word & 0xffff) << 16 | (was.word >> 16 & 0xffff);
    /* one end reports what it sends as source and what it gets as destination */
    if (CFI_WORD_GET(was.word, REPORTER, 3) != 7)
        t->word ^= UINT64_C(1) << CFI_WORD_REPORTER;
    for (unsigned i = 0; i < 2; i++) {
        p->n[i] = old.n[i + 2];
        p->n[i + 2] = old.n[i];
        p->flags[i] = old.flags[!i];
        p->has_flags[i] = old.has_flags[!i];
    }
    p->known = (uint8_t)((old.known & 3) << 2 | old.known >> 2);
    p->back = true;
}

void cfi_part_of(const cf_stitch_t *e, uint32_t row, uint32_t i, cfi_part_t *p, cfi_tuple_t *t, uint64_t *rule)
{
    const uint64_t state = UINT64_C(15) << CFI_WORD_STATE, direction = UINT64_C(3) << CFI_WORD_DIRECTION;
    bool bi;

    memset(p, 0, sizeof *p);
    *t = e->keys.tuple[i];
    p->stime = e->keys.stime[i];
    p->etime = e->keys.etime[i];
    p->next = CFI_NONE;
    p->parts = (uint32_t)cfi_uint(&e->cols, CFI_PARTS, row, 1);
    p->n[0] = counter(e, CFI_PACKETS, row, 0, &p->known);
    p->n[1] = counter(e, CFI_BYTES, row, 1, &p->known);
    p->n[2] = counter(e, CFI_RPACKETS, row, 2, &p->known);
    p->n[3] = counter(e, CFI_RBYTES, row, 3, &p->known);
    p->flags[0] = flags(e, CFI_FLAGS, row, &p->has_flags[0]);
    p->flags[1] = flags(e, CFI_RFLAGS, row, &p->has_flags[1]);
    p->sflags = flags(e, CFI_SFLAGS, row, &p->has_sflags);
    bi = two_way(e, row, CFI_WORD_GET(t->word, STATE, 4), p->known);
    p->kind = (uint8_t)kind_of(e, row, i, bi);
    p->complete = p->kind == CFI_RAW ? 255 : CFI_WORD_GET(t->word, STATE, 4) == 15 &&
        cfi_uint(&e->cols, CFI_SHAPE, row, 255) == CF_SHAPE_EVENT ? CF_COMPLETE_NO_END : CF_COMPLETE_WHOLE;
    t->word &= ~state;
    *rule = e->o.by_rule ? cfi_text(&e->cols, CFI_RULE, row) : 0;
    if (bi)
        t->word |= UINT64_C(1) << CFI_WORD_FREE;
    if (!e->o.biflow || bi || p->kind >= CFI_OWN)
        return;
    t->word |= direction;      /* each direction is another one at the interface */
    if (runs_back(t))
        turn(p, t);
}
