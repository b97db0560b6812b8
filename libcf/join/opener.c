/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who opened a connection. Evidence in this order: TCP flags (SYN without ACK), a begin event, a
 * log that names the opener as source, the earlier start, a well-known port. The first that tells
 * decides, and is told with the flow.
 */
#include "join/stitch.h"

#define SYN 2u
#define ACK 16u

static bool only_syn(const cfi_flow_t *f, unsigned d)
{
    unsigned bits = (f->has_sflags >> d & 1) != 0 ? f->sflags[d]
        : (f->has_flags >> d & 1) != 0 ? f->flags[d] : 0;

    return (bits & (SYN | ACK)) == SYN;
}

/* How surely a port is that of a service. */
static unsigned rank(unsigned port)
{
    if (port == 0)
        return 0;
    if (port < 1024)
        return 2;
    return port < 32768 && cf_port_name((uint16_t)port) != NULL;
}

static void found(cfi_flow_t *f, bool back, uint8_t opener, uint8_t openby)
{
    f->swap = back;
    f->opener = opener;
    f->openby = openby;
}

static void find(cfi_flow_t *f)
{
    unsigned sport = (unsigned)(f->tuple.word & 0xffff), dport = (unsigned)(f->tuple.word >> 16) & 0xffff;
    bool both = f->ref[0].chunk != CFI_NONE && f->ref[1].chunk != CFI_NONE;
    bool syn[2] = { only_syn(f, 0), only_syn(f, 1) };

    if (syn[0] != syn[1])
        found(f, syn[1], CF_OPENER_KNOWN, CF_OPENBY_FLAGS);
    else if (both && f->start[0] != f->start[1])
        found(f, f->start[1] < f->start[0], CF_OPENER_GUESSED, CF_OPENBY_EARLIER);
    else if (rank(sport) != rank(dport))
        found(f, rank(sport) > rank(dport), CF_OPENER_GUESSED, CF_OPENBY_PORT);
    else
        found(f, !both && f->ref[0].chunk == CFI_NONE, CF_OPENER_UNKNOWN, CF_OPENBY_NONE);
}

void cfi_orient(const cf_stitch_t *e, cfi_flow_t *f)
{
    bool bi = (f->tuple.word >> CFI_WORD_FREE & 1) != 0;

    f->carried = 0;
    f->swap = f->mirror = false;
    f->opener = f->openby = 255;
    if (!e->o.biflow || f->kind == CFI_RAW)
        return;
    if (bi)
        found(f, false, CF_OPENER_KNOWN, (f->saw & CFI_SAW_BEGIN) != 0 ? CF_OPENBY_BEGIN : CF_OPENBY_LOG);
    else if (f->kind == CFI_OWN)
        found(f, false, CF_OPENER_UNKNOWN, CF_OPENBY_NONE);
    else
        find(f);
    f->carried = f->ref[f->swap].chunk != CFI_NONE ? f->swap : !f->swap;
    f->mirror = f->carried != (unsigned)f->swap;
}
