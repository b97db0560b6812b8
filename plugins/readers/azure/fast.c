/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular tuples, one after the other, straight from the bytes of the array into columns, with
 * AVX2. The first 64 bytes give the places of eight commas, the 64 behind the eighth those of the
 * rest and of the closing quote; then numbers are weighed four at a time in lanes, the two
 * addresses together in one register. Every byte of a tuple is judged on the way; a tuple with
 * anything unusual (IPv6, more than eight digits, a rare word, a wrong value) is left to exact.c,
 * so that here nothing need be decided. Elements are strings of digits, letters, dots and commas,
 * so what is taken here is strict JSON too.
 */
#include <stdlib.h>

#include "azure.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define WIDE __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#define INLINE static inline __attribute__((always_inline, target("avx2,bmi,bmi2,lzcnt,popcnt")))

bool az_has_avx2(void)
{
    const char *portable = getenv("CF_PORTABLE");

    return (portable == NULL || portable[0] != '1') && __builtin_cpu_supports("avx2") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("lzcnt") && __builtin_cpu_supports("popcnt");
}

/* ---- pieces ------------------------------------------------------------------------------- */

INLINE uint64_t load8(const char *s)
{
    uint64_t w;

    memcpy(&w, s, sizeof w);
    return w;
}

INLINE __m256i load32(const char *s)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)s);
}

/* Bit for each of 64 bytes that is c. */
INLINE uint64_t places(__m256i a, __m256i b, char c)
{
    const __m256i v = _mm256_set1_epi8(c);

    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, v)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, v)) << 32;
}

/* Four decimal numbers of 1 to 8 digits; good stays set when they all are that. */
INLINE __m128i weigh(__m256i text, __m128i n, unsigned *good)
{
    const __m256i nine = _mm256_set1_epi8(9);
    const __m128i n1 = _mm_sub_epi32(n, _mm_set1_epi32(1));
    const __m128i shift = _mm_sub_epi32(_mm_set1_epi32(64), _mm_slli_epi32(n, 3));
    __m256i x = _mm256_sub_epi8(text, _mm256_set1_epi8('0'));
    __m128i ok = _mm_cmpeq_epi32(_mm_min_epu32(n1, _mm_set1_epi32(7)), n1);

    /* The last digit goes to the lane's top, so what is below it counts as leading zeros. */
    x = _mm256_sllv_epi64(x, _mm256_cvtepu32_epi64(shift));
    *good &= (unsigned)(_mm_movemask_epi8(ok) == 0xffff) &
             (unsigned)_mm256_testz_si256(_mm256_xor_si256(_mm256_max_epu8(x, nine), nine),
                                          _mm256_set1_epi8(-1));
    x = _mm256_maddubs_epi16(x, _mm256_set1_epi16(0x010a));
    x = _mm256_madd_epi16(x, _mm256_set1_epi32(0x00010064));
    x = _mm256_packus_epi32(x, x);
    x = _mm256_madd_epi16(x, _mm256_set1_epi32(0x00012710));
    return _mm256_castsi256_si128(_mm256_permute4x64_epi64(x, 0x08));
}

/* Which quad is a dotted text of n bytes? 0 is none. */
INLINE unsigned quad_of(__m128i text, uint32_t n)
{
    uint32_t m = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8('.')));
    uint32_t a, b, c, l;

    m = _bzhi_u32(m, n);
    a = _tzcnt_u32(m);
    m = _blsr_u32(m);
    b = _tzcnt_u32(m);
    m = _blsr_u32(m);
    c = _tzcnt_u32(m);
    m = _blsr_u32(m);
    /* The lengths of the four numbers, each of two bits when they are 0 to 3. */
    l = (b - a - 1) | (c - b - 1) | (n - c - 1) | a;
    return ((l & ~UINT32_C(3)) | m) != 0 ? 0
        : a | (b - a - 1) << 2 | (c - b - 1) << 4 | (n - c - 1) << 6;
}

INLINE __m256i both(const void *high, const void *low)
{
    return _mm256_set_m128i(_mm_load_si128(high), _mm_load_si128(low));
}

/* Two IPv4 addresses of na and nb bytes. */
INLINE void addresses(const az_quad_t *quads, const char *a, uint32_t na, const char *b,
                      uint32_t nb, uint32_t *va, uint32_t *vb, unsigned *good)
{
    const __m256i nine = _mm256_set1_epi8(9);
    const __m256i order = _mm256_setr_epi8(12, 8, 4, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                           -1, 12, 8, 4, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                           -1, -1);
    const __m128i ta = _mm_loadu_si128((const __m128i *)(const void *)a);
    const __m128i tb = _mm_loadu_si128((const __m128i *)(const void *)b);
    const az_quad_t *qa = &quads[quad_of(ta, na)], *qb = &quads[quad_of(tb, nb)];
    __m256i x = _mm256_set_m128i(tb, ta), sum, bad;

    x = _mm256_shuffle_epi8(_mm256_sub_epi8(x, _mm256_set1_epi8('0')),
                            both(qb->shuffle, qa->shuffle));
    sum = _mm256_madd_epi16(_mm256_maddubs_epi16(x, _mm256_set1_epi32(0x00010a64)),
                            _mm256_set1_epi16(1));
    /* Above nine, above 255, or with leading zeros; the quad that is none has an impossible least. */
    bad = _mm256_or_si256(_mm256_xor_si256(_mm256_max_epu8(x, nine), nine),
                          _mm256_cmpgt_epi32(sum, _mm256_set1_epi32(255)));
    bad = _mm256_or_si256(bad, _mm256_cmpgt_epi32(both(qb->least, qa->least), sum));
    *good &= (unsigned)_mm256_testz_si256(bad, bad);
    sum = _mm256_shuffle_epi8(sum, order);
    *va = (uint32_t)_mm256_extract_epi32(sum, 0);
    *vb = (uint32_t)_mm256_extract_epi32(sum, 4);
}

az_quad_t *az_quads(void)
{
    static const uint32_t least[] = { 0, 0, 10, 100 };
    az_quad_t *quads = cf_alloc_aligned(256, sizeof *quads);

    for (unsigned form = 0; quads != NULL && form < 256; form++) {
        az_quad_t *q = &quads[form];
        unsigned at = 0;
        bool none = false;

        for (unsigned octet = 0; octet < 4; octet++) {
            unsigned n = form >> (2 * octet) & 3;

            none = none || n == 0;
            for (unsigned k = 0; k < 3; k++)
                q->shuffle[4 * octet + k] = k + n >= 3 ? (uint8_t)(at + k + n - 3) : 0x80;
            q->shuffle[4 * octet + 3] = 0x80;
            q->least[octet] = least[n];
            at += n + 1;
        }
        /* Lengths of an octet that are none. */
        for (unsigned octet = 0; none && octet < 4; octet++) {
            memset(q->shuffle, 0x80, sizeof q->shuffle);
            q->least[octet] = 1000;
        }
    }
    return quads;
}

/* ---- one tuple ---------------------------------------------------------------------------- */

typedef struct columns {
    int64_t *stime;
    cf_vec_t *sip, *dip;
    uint16_t *sport, *dport;
    uint8_t *proto, *direction, *state, *action;
    uint32_t *encryption;          /* NULL = not wanted */
    uint64_t *encryption_null;
    uint64_t *count[4];
    uint64_t *none[4];             /* null bits of counters */
    uint64_t *state_null;
} columns_t;

/* What the loop keeps between tuples. */
typedef struct state {
    columns_t c;
    const az_quad_t *quads;
    uint64_t head;                 /* leading bytes of the time and what they are worth */
    int64_t base;
    const uint32_t *word;          /* codes of az_word; UINT32_MAX = not in the dictionary yet */
    bool wide;
} state_t;

INLINE void put_addr(cf_vec_t *v, uint32_t row, uint32_t v4, bool wide)
{
    if (wide)
        ((cf_addr_t *)v->data)[row] = cf_addr_v4(v4);
    else
        ((uint32_t *)v->data)[row] = v4;
}

/* Leading digits of a time, rarely others than before. */
static __attribute__((noinline)) bool new_head(state_t *k, const char *s, uint32_t n,
                                               int64_t worth)
{
    int64_t v = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        v = v * 10 + (s[i] - '0');
    }
    /* Exactly decided elsewhere near the end of time. */
    if (v > (n == 2 ? 91 : 92232))
        return false;
    k->base = v * worth;
    return true;
}

/* Places of the first eight commas; 64 = not within 64 bytes. */
INLINE void commas_of(const char *s, unsigned p[8])
{
    uint64_t commas = places(load32(s), load32(s + 32), ',');

    for (unsigned i = 0; i < 8; i++) {
        p[i] = (unsigned)_tzcnt_u64(commas);
        commas = _blsr_u64(commas);
    }
}

/* Up to the eighth comma. False: not regular, and the row holds anything. */
INLINE bool front(state_t *k, const char *s, const unsigned p[8], uint32_t row, az_kind_t kind)
{
    const columns_t *c = &k->c;
    const unsigned time = kind == AZ_VNET ? 13 : 10, lead = time - 8;
    const uint64_t lead_mask = (UINT64_C(1) << (8 * lead)) - 1;
    const int64_t unit = kind == AZ_VNET ? 1000000 : CF_NS_PER_SEC;
    const __m128i most = _mm_setr_epi32(-1, UINT16_MAX, UINT16_MAX, UINT8_MAX);
    unsigned good = 1;
    uint32_t sip, dip;
    __m128i v;

    if (p[0] != time)
        return false;
    if ((load8(s) & lead_mask) != k->head) {
        k->head = UINT64_MAX;
        if (!new_head(k, s, lead, unit * 100000000))
            return false;
        k->head = load8(s) & lead_mask;
    }
    addresses(k->quads, s + time + 1, p[1] - time - 1, s + p[1] + 1, p[2] - p[1] - 1, &sip, &dip,
              &good);
    v = weigh(_mm256_setr_epi64x((long long)load8(s + lead), (long long)load8(s + p[2] + 1),
                                 (long long)load8(s + p[3] + 1),
                                 (long long)(kind == AZ_VNET ? load8(s + p[4] + 1) : '0')),
              _mm_setr_epi32(8, (int)(p[3] - p[2] - 1), (int)(p[4] - p[3] - 1),
                             kind == AZ_VNET ? (int)(p[5] - p[4] - 1) : 1), &good);
    good &= _mm_movemask_epi8(_mm_cmpeq_epi32(_mm_min_epu32(v, most), v)) == 0xffff;
    /* Letters stand between commas that are two apart. */
    good &= p[6] == p[5] + 2;
    good &= s[p[5] + 1] == 'I' || s[p[5] + 1] == 'O';
    c->stime[row] = k->base + (int64_t)(uint32_t)_mm_cvtsi128_si32(v) * unit;
    put_addr(c->sip, row, sip, k->wide);
    put_addr(c->dip, row, dip, k->wide);
    c->sport[row] = (uint16_t)_mm_extract_epi32(v, 1);
    c->dport[row] = (uint16_t)_mm_extract_epi32(v, 2);
    c->proto[row] = (uint8_t)_mm_extract_epi32(v, 3);
    c->direction[row] = s[p[5] + 1] == 'O';
    return good != 0;
}

/* Protocol and decision of an NSG tuple. */
INLINE bool letters(const columns_t *c, const char *s, const unsigned p[8], uint32_t row,
                    uint8_t *action)
{
    const char l = s[p[4] + 1], decision = s[p[6] + 1];

    c->proto[row] = l == 'T' ? 6 : 17;
    *action = decision == 'A' ? CF_ACTION_ACCEPT : CF_ACTION_REJECT;
    return ((l == 'T') | (l == 'U')) & (p[5] == p[4] + 2) &
           ((decision == 'A') | (decision == 'D'));
}

/* From the eighth comma on: four counters and the quote behind them. */
INLINE bool back(const columns_t *c, const char *t, const unsigned e[5], uint32_t row,
                 az_kind_t kind, uint8_t state)
{
    const __m128i from = _mm_setr_epi32((int)e[0], (int)e[1], (int)e[2], (int)e[3]);
    const __m128i to = _mm_setr_epi32((int)e[1], (int)e[2], (int)e[3], (int)e[4]);
    __m128i v = _mm_setzero_si128();
    unsigned good = 1, none = 1;

    if (kind != AZ_NSG2 || e[4] - e[0] != 4) {     /* NSG: nothing between the commas */
        v = weigh(_mm256_setr_epi64x((long long)load8(t + e[0] + 1), (long long)load8(t + e[1] + 1),
                                     (long long)load8(t + e[2] + 1),
                                     (long long)load8(t + e[3] + 1)),
                  _mm_sub_epi32(_mm_sub_epi32(to, from), _mm_set1_epi32(1)), &good);
        none = ((state == CF_STATE_BEGIN) | (state == CF_STATE_DENY)) &
               (unsigned)_mm_testz_si128(v, v);
    }
    c->count[0][row] = (uint32_t)_mm_extract_epi32(v, 0);
    c->count[1][row] = (uint32_t)_mm_extract_epi32(v, 1);
    c->count[2][row] = (uint32_t)_mm_extract_epi32(v, 2);
    c->count[3][row] = (uint32_t)_mm_extract_epi32(v, 3);
    for (unsigned i = 0; i < 4; i++)
        c->none[i][row >> 6] |= (uint64_t)(none & good) << (row & 63);
    return good != 0;
}

/* The four commas and the quote that end a tuple. */
INLINE bool ends_of(const char *t, unsigned e[5])
{
    const __m256i a = load32(t), b = load32(t + 32);
    const uint64_t quotes = places(a, b, '"');
    uint64_t all = places(a, b, ',') | quotes;

    for (unsigned i = 0; i < 5; i++) {
        e[i] = (unsigned)_tzcnt_u64(all);
        all = _blsr_u64(all);
    }
    /* The fifth of them is the first quote, so the four before it are commas. */
    return quotes != 0 && (unsigned)_tzcnt_u64(quotes) == e[4];
}

/* Code of a known word of encryption other than NX that lets traffic pass, or UINT32_MAX. */
static __attribute__((noinline)) uint32_t word_code(const state_t *k, const char *s, unsigned n)
{
    for (int i = 1; i < AZ_PASSED; i++)
        if (az_word[i].n == n && memcmp(az_word[i].s, s, n) == 0)
            return k->word[i];
    return UINT32_MAX;
}

INLINE uint32_t vnet(state_t *k, const char *s, uint32_t row)
{
    const columns_t *c = &k->c;
    unsigned p[8], e[5];
    const char *t;
    uint8_t state;
    uint32_t word;

    commas_of(s, p);
    if (!front(k, s, p, row, AZ_VNET))
        return 0;
    t = s + p[7] + 1;
    switch (s[p[6] + 1]) {
    case 'B': state = CF_STATE_BEGIN; break;
    case 'C': state = CF_STATE_CONTINUE; break;
    case 'E': state = CF_STATE_END; break;
    case 'D': state = CF_STATE_DENY; break;
    default: return 0;
    }
    if (p[7] != p[6] + 2 || p[7] == 64 || !ends_of(t, e))
        return 0;
    word = e[0] == 2 && t[0] == 'N' && t[1] == 'X' ? k->word[0] : word_code(k, t, e[0]);
    if (word == UINT32_MAX || !back(c, t, e, row, AZ_VNET, state))
        return 0;
    c->state[row] = state;
    c->action[row] = state == CF_STATE_DENY ? CF_ACTION_REJECT : CF_ACTION_ACCEPT;
    if (c->encryption != NULL) {
        c->encryption[row] = word;
        c->encryption_null[row >> 6] &= ~(UINT64_C(1) << (row & 63));
    }
    return p[7] + 1 + e[4];
}

INLINE uint32_t nsg2(state_t *k, const char *s, uint32_t row)
{
    const columns_t *c = &k->c;
    unsigned p[8], e[5];
    const char *t;
    uint8_t state, action;

    commas_of(s, p);
    if (!front(k, s, p, row, AZ_NSG2) || !letters(c, s, p, row, &action))
        return 0;
    t = s + p[7] + 1;
    state = t[0] == 'B' ? CF_STATE_BEGIN : t[0] == 'C' ? CF_STATE_CONTINUE : CF_STATE_END;
    if (p[7] != p[6] + 2 || p[7] == 64 || (t[0] != 'B' && t[0] != 'C' && t[0] != 'E') ||
        !ends_of(t, e) || e[0] != 1)
        return 0;
    state = action == CF_ACTION_REJECT ? CF_STATE_DENY : state;
    if (!back(c, t, e, row, AZ_NSG2, state))
        return 0;
    c->state[row] = state;
    c->action[row] = action;
    return p[7] + 1 + e[4];
}

INLINE uint32_t nsg1(state_t *k, const char *s, uint32_t row)
{
    const columns_t *c = &k->c;
    const uint64_t bit = UINT64_C(1) << (row & 63);
    unsigned p[8];
    uint8_t action;

    commas_of(s, p);
    if (!front(k, s, p, row, AZ_NSG1) || !letters(c, s, p, row, &action) || p[6] == 64 ||
        s[p[6] + 2] != '"')
        return 0;
    c->action[row] = action;
    c->state[row] = action == CF_ACTION_REJECT ? CF_STATE_DENY : 0;
    c->state_null[row >> 6] |= action == CF_ACTION_REJECT ? 0 : bit;
    for (unsigned i = 0; i < 4; i++) {
        c->count[i][row] = 0;
        c->none[i][row >> 6] |= bit;
    }
    return p[6] + 2;
}

/* ---- runs --------------------------------------------------------------------------------- */

/*
 * Tuples of one kind from p on; one() gives the length of a regular tuple up to its closing quote,
 * 0 for another.
 */
#define RUN(name, one)                                                                             \
    WIDE static uint32_t name(state_t *k, const char *p, size_t n, uint32_t row, size_t *used)     \
    {                                                                                              \
        uint32_t count = 0, len;                                                                   \
        size_t at = 0;                                                                             \
                                                                                                   \
        while (n - at >= AZ_TUPLE_PAD && row + count < CF_BATCH_ROWS && p[at] == '"') {            \
            len = one(k, p + at + 1, row + count);                                                 \
            if (len == 0)                                                                          \
                break;                                                                             \
            count++;                                                                               \
            at += len + 2;                                                                         \
            *used = at;                                                                            \
            if (p[at] != ',')                                                                      \
                break;                                                                             \
            at++;                                                                                  \
        }                                                                                          \
        return count;                                                                              \
    }

RUN(run_nsg1, nsg1)
RUN(run_nsg2, nsg2)
RUN(run_vnet, vnet)

uint32_t az_fast(az_t *st, const char *p, size_t n, size_t *used)
{
    static const uint8_t counters[4] = { AZ_PACKETS, AZ_BYTES, AZ_RPACKETS, AZ_RBYTES };
    az_batch_t *h = az_now(st);
    cf_vec_t *const *v = h->v;
    uint32_t row = h->b->rows, count;
    state_t k = { .quads = st->quads, .head = UINT64_MAX, .wide = v[AZ_SIP]->width == 16 };

    *used = 0;
    if (v[AZ_SIP]->width != v[AZ_DIP]->width) {
        /* One of them met IPv6: both have room for it then. */
        if (cf_vec_widen(v[AZ_SIP], row) != CF_OK || cf_vec_widen(v[AZ_DIP], row) != CF_OK)
            return 0;
        k.wide = true;
    }
    k.c = (columns_t){
        .stime = v[AZ_STIME]->data, .sip = v[AZ_SIP], .dip = v[AZ_DIP],
        .sport = v[AZ_SPORT]->data, .dport = v[AZ_DPORT]->data, .proto = v[AZ_PROTO]->data,
        .direction = v[AZ_DIRECTION]->data, .state = v[AZ_STATE]->data,
        .action = v[AZ_ACTION]->data, .state_null = v[AZ_STATE]->null,
    };
    for (int i = 0; i < 4; i++) {
        k.c.count[i] = v[counters[i]]->data;
        k.c.none[i] = v[counters[i]]->null;
    }
    k.word = h->word;
    if (v[AZ_ENCRYPTION] == NULL)
        memset(h->word, 0, sizeof h->word);
    if (st->kind == AZ_VNET && v[AZ_ENCRYPTION] != NULL) {
        k.c.encryption = v[AZ_ENCRYPTION]->data;
        k.c.encryption_null = v[AZ_ENCRYPTION]->null;
    }
    switch (st->kind) {
    case AZ_NSG1: count = run_nsg1(&k, p, n, row, used); break;
    case AZ_NSG2: count = run_nsg2(&k, p, n, row, used); break;
    case AZ_VNET: count = run_vnet(&k, p, n, row, used); break;
    default: count = 0;
    }
    h->b->rows += count;
    return count;
}

#else

bool az_has_avx2(void)
{
    return false;
}

az_quad_t *az_quads(void)
{
    return cf_alloc_aligned(1, sizeof(az_quad_t));
}

uint32_t az_fast(az_t *st, const char *p, size_t n, size_t *used)
{
    (void)st;
    (void)p;
    (void)n;
    *used = 0;
    return 0;
}

#endif
