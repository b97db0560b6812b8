/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no column of conn.log says by itself: the end, ICMP out of the ports, TCP flags out of the
 * history; and the escapes of the ASCII writer.
 */
#include "zeek.h"

#define ICMP 1
#define ICMPV6 58

static bool has(const cf_cell_t *cells, int i)
{
    return i >= 0 && !cells[i].null;
}

static void set(cf_cell_t *cells, int i, uint64_t v)
{
    if (i >= 0) {
        cells[i].v.u = v;
        cells[i].null = false;
    }
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* "\x2d" and "\\" of the ASCII writer; plain has room for the line. */
static void unescape(const zeek_t *st, cf_cell_t *cells)
{
    char *out = st->plain;

    for (uint32_t k = 0; k < st->nstrings; k++) {
        cf_cell_t *c = &cells[st->strings[k]];
        const char *s, *end, *start = out;

        if (c->null || memchr(c->v.s.s, '\\', c->v.s.n) == NULL)
            continue;
        for (s = c->v.s.s, end = s + c->v.s.n; s < end;) {
            if (end - s >= 4 && s[0] == '\\' && s[1] == 'x' && hex(s[2]) >= 0 && hex(s[3]) >= 0 &&
                (s[2] != '0' || s[3] != '0')) {
                *out++ = (char)(hex(s[2]) << 4 | hex(s[3]));
                s += 4;
            } else if (end - s >= 2 && s[0] == '\\' && s[1] == '\\') {
                *out++ = '\\';
                s += 2;
            } else {
                *out++ = *s++;
            }
        }
        c->v.s.s = start;
        c->v.s.n = (size_t)(out - start);
    }
}

/*
 * Types whose answer has a type of its own: Zeek puts that into the responder's port, the code of
 * others (ICMP4_counterpart and ICMP6_counterpart of its analyzer).
 */
static bool answered(uint64_t proto, uint64_t type)
{
    if (proto == ICMP)
        return type == 0 || type == 8 || type == 9 || type == 10 || (type >= 13 && type <= 18);
    return (type >= 128 && type <= 131) || (type >= 133 && type <= 136) || type == 139 || type == 140 ||
           type == 144 || type == 145;
}

static int icmp(const zeek_cells_t *at, cf_cell_t *cells, const char **why)
{
    const uint64_t proto = cells[at->proto].v.u;

    if (has(cells, at->sport)) {
        if (cells[at->sport].v.u > UINT8_MAX) {
            *why = "type of ICMP is above 255";
            return CF_R_RANGE;
        }
        set(cells, at->itype, cells[at->sport].v.u);
        if (has(cells, at->dport) && cells[at->dport].v.u <= UINT8_MAX &&
            !answered(proto, cells[at->sport].v.u))
            set(cells, at->icode, cells[at->dport].v.u);
        set(cells, at->sport, 0);
    }
    if (has(cells, at->dport))
        set(cells, at->dport, 0);
    return CF_OK;
}

/* Bits that a letter is sure of; capitals are the originator's. */
static const uint8_t letter_flags[128] = {
    ['s'] = 0x02, ['h'] = 0x12, ['a'] = 0x10, ['f'] = 0x01, ['r'] = 0x04,
};

static void flags(const zeek_cells_t *at, cf_cell_t *cells)
{
    const cf_text_t h = cells[at->history].v.s;
    uint64_t bits[2] = { 0, 0 };

    for (size_t i = 0; i < h.n; i++) {
        unsigned c = (unsigned char)h.s[i];

        bits[(c & 0x20) != 0] |= c < 128 ? letter_flags[c | 0x20] : 0;
    }
    set(cells, at->flags, bits[0]);
    set(cells, at->rflags, bits[1]);
}

int zeek_row(void *ctx, cf_cell_t *cells, const char **why)
{
    const zeek_t *st = ctx;
    const zeek_cells_t *at = &st->at;

    if (st->escaped)
        unescape(st, cells);
    if (has(cells, at->ip_proto))
        set(cells, at->proto, cells[at->ip_proto].v.u);
    if (has(cells, at->stime) && at->etime >= 0) {
        /* the cell has the duration; Zeek leaves it out when it is 0 */
        int64_t length = cells[at->etime].null ? 0 : cells[at->etime].v.t, end;

        if (__builtin_add_overflow(cells[at->stime].v.t, length, &end)) {
            *why = "duration is out of range";
            return CF_R_TIME;
        }
        cells[at->etime].v.t = end;
        cells[at->etime].null = false;
    } else if (at->etime >= 0) {
        cells[at->etime].null = true;
    }
    if (!has(cells, at->proto))
        return CF_OK;
    if (cells[at->proto].v.u == ICMP && has(cells, at->sip) && !cf_addr_is_v4(cells[at->sip].v.a))
        cells[at->proto].v.u = ICMPV6;
    if (cells[at->proto].v.u == ICMP || cells[at->proto].v.u == ICMPV6)
        return icmp(at, cells, why);
    if (cells[at->proto].v.u == 6 && has(cells, at->history))
        flags(at, cells);
    return CF_OK;
}
