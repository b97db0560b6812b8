/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One tuple, exactly: it is cut at its commas, the number of values and their sets tell which log
 * it is of, and every value is checked. fast.c takes regular tuples without asking here; both leave
 * the same rows.
 *
 *     NSG 1   time,source,destination,port,port,T|U,I|O,A|D
 *     NSG 2   the same, then B|C|E and four counters or nothing between the commas
 *     VNet    time,source,destination,port,port,number,I|O,B|C|E|D,encryption and four counters
 *
 * "Flow logging for network security groups" and "Virtual network flow logs" of the Azure Network
 * Watcher documentation. Time is in seconds there and in milliseconds here, but one published
 * VNet example has seconds: the number of digits decides.
 */
#include <stdio.h>

#include "azure.h"

#define FIELDS_MAX 14u

const az_span_t az_word[AZ_WORDS] = {
    { "NX", 2 }, { "X", 1 }, { "NX_HW_NOT_SUPPORTED", 19 }, { "NX_LOCAL_DST", 12 },
    { "NX_FALLBACK", 11 }, { "NX_SW_NOT_READY", 15 }, { "NX_NOT_ACCEPTED", 15 },
    { "NX_NOT_SUPPORTED", 16 },
};

/* Does the word say that the packet was dropped for want of encryption, whatever the rule says? */
static bool is_dropped(az_span_t f)
{
    for (int i = AZ_PASSED; i < AZ_WORDS; i++)
        if (az_word[i].n == f.n && memcmp(az_word[i].s, f.s, f.n) == 0)
            return true;
    return false;
}

/* Values between commas; FIELDS_MAX of them means "too many". */
static uint32_t split(const char *s, size_t n, az_span_t *f)
{
    uint32_t count = 0;
    size_t from = 0, i;

    for (i = 0; i <= n && count < FIELDS_MAX; i++) {
        if (i == n || s[i] == ',') {
            f[count].s = s + from;
            f[count++].n = i - from;
            from = i + 1;
        }
    }
    return count;
}

static char letter(az_span_t f)
{
    return f.n == 1 ? f.s[0] : '\0';
}

az_kind_t az_kind(const char *s, size_t n)
{
    az_span_t f[FIELDS_MAX];
    uint32_t count = split(s, n, f);
    bool word;

    if (count != 8 && count != 13)
        return AZ_NONE;
    word = letter(f[5]) == 'T' || letter(f[5]) == 'U';
    if (letter(f[6]) != 'I' && letter(f[6]) != 'O')
        return AZ_NONE;
    if (count == 8)
        return word ? AZ_NSG1 : AZ_NONE;
    if (word)
        return letter(f[7]) == 'A' || letter(f[7]) == 'D' ? AZ_NSG2 : AZ_NONE;
    return f[5].n > 0 && f[5].s[0] >= '0' && f[5].s[0] <= '9' ? AZ_VNET : AZ_NONE;
}

static int wrong(char *why, size_t size, int code, const char *what, az_span_t f, const char *is)
{
    snprintf(why, size, "%s \"%.*s\" %s", what, f.n < 40 ? (int)f.n : 40, f.s, is);
    return code;
}

static int set_time(az_span_t f, int64_t *ns, char *why, size_t size)
{
    uint64_t v;

    if (cf_uint_parse(f.s, f.n, UINT64_MAX, &v) != CF_OK || (f.n != 10 && f.n != 13))
        return wrong(why, size, CF_R_TIME, "time", f, "is not of 10 or 13 digits");
    if (f.n == 10) {
        if (v > (uint64_t)(INT64_MAX / CF_NS_PER_SEC))
            return wrong(why, size, CF_R_TIME, "time", f, "is beyond the year 2262");
        *ns = (int64_t)v * CF_NS_PER_SEC;
    } else {
        if (v > (uint64_t)(INT64_MAX / 1000000))
            return wrong(why, size, CF_R_TIME, "time", f, "is beyond the year 2262");
        *ns = (int64_t)v * 1000000;
    }
    return CF_OK;
}

static int set_ends(const az_span_t *f, az_tuple_t *t, char *why, size_t size)
{
    uint64_t v;
    int rc;

    if (cf_addr_parse(f[1].s, f[1].n, &t->sip) != CF_OK)
        return wrong(why, size, CF_R_ADDR, "source", f[1], "is not an address");
    if (cf_addr_parse(f[2].s, f[2].n, &t->dip) != CF_OK)
        return wrong(why, size, CF_R_ADDR, "destination", f[2], "is not an address");
    rc = cf_uint_parse(f[3].s, f[3].n, UINT16_MAX, &v);
    if (rc != CF_OK)
        return wrong(why, size, rc, "source port", f[3], "is not a port");
    t->sport = (uint16_t)v;
    rc = cf_uint_parse(f[4].s, f[4].n, UINT16_MAX, &v);
    if (rc != CF_OK)
        return wrong(why, size, rc, "destination port", f[4], "is not a port");
    t->dport = (uint16_t)v;
    return CF_OK;
}

/* Protocol, direction and decision: NSG writes letters. */
static int set_nsg(const az_span_t *f, az_tuple_t *t, char *why, size_t size)
{
    char state = t->kind == AZ_NSG2 ? letter(f[8]) : '\0';

    t->proto = letter(f[5]) == 'T' ? 6 : 17;
    if (letter(f[7]) != 'A' && letter(f[7]) != 'D')
        return wrong(why, size, CF_R_ENUM, "decision", f[7], "is neither A nor D");
    if (t->kind == AZ_NSG2 && state != 'B' && state != 'C' && state != 'E')
        return wrong(why, size, CF_R_ENUM, "state", f[8], "is not B, C or E");
    t->action = f[7].s[0] == 'A' ? CF_ACTION_ACCEPT : CF_ACTION_REJECT;
    t->has_state = t->kind == AZ_NSG2 || t->action == CF_ACTION_REJECT;
    t->state = state == 'C' ? CF_STATE_CONTINUE : state == 'E' ? CF_STATE_END : CF_STATE_BEGIN;
    if (t->action == CF_ACTION_REJECT)
        t->state = CF_STATE_DENY;
    return CF_OK;
}

static int set_vnet(const az_span_t *f, az_tuple_t *t, char *why, size_t size)
{
    uint64_t v;
    size_t i;
    int rc = cf_uint_parse(f[5].s, f[5].n, UINT8_MAX, &v);

    if (rc != CF_OK)
        return wrong(why, size, rc, "protocol", f[5], "is not a protocol's number");
    t->proto = (uint8_t)v;
    switch (letter(f[7])) {
    case 'B': t->state = CF_STATE_BEGIN; break;
    case 'C': t->state = CF_STATE_CONTINUE; break;
    case 'E': t->state = CF_STATE_END; break;
    case 'D': t->state = CF_STATE_DENY; break;
    default: return wrong(why, size, CF_R_ENUM, "state", f[7], "is not B, C, E or D");
    }
    t->has_state = true;
    for (i = 0; i < f[8].n; i++) {
        char c = f[8].s[i];

        if (i == 64 || !((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                         (c >= '0' && c <= '9') || c == '_'))
            return wrong(why, size, CF_R_ENUM, "encryption", f[8], "is not a word");
    }
    if (f[8].n > 0) {
        t->encryption = f[8].s;
        t->encryption_len = (uint32_t)f[8].n;
        t->dropped = is_dropped(f[8]);
    }
    t->action = t->state == CF_STATE_DENY || t->dropped ? CF_ACTION_REJECT : CF_ACTION_ACCEPT;
    return CF_OK;
}

static int set_counters(const az_span_t *f, az_tuple_t *t, char *why, size_t size)
{
    uint64_t sum = 0;
    int i, rc;

    for (i = 0; i < 4; i++) {
        if (f[9 + i].n == 0)
            continue;
        rc = cf_uint_parse(f[9 + i].s, f[9 + i].n, UINT64_MAX, &t->count[i].value);
        if (rc != CF_OK)
            return wrong(why, size, rc, i % 2 ? "bytes" : "packets", f[9 + i], "is not a number");
        t->count[i].set = true;
        sum |= t->count[i].value;
    }
    /* Begin and deny have no counters; VNet logs write zeros there. */
    if (sum == 0 && (t->state == CF_STATE_BEGIN || t->state == CF_STATE_DENY))
        memset(t->count, 0, sizeof t->count);
    return CF_OK;
}

int az_exact(const char *s, size_t n, az_tuple_t *t, char *why, size_t size)
{
    az_span_t f[FIELDS_MAX];
    uint32_t count = split(s, n, f);
    char proto;
    int rc;

    memset(t, 0, sizeof *t);
    if (count != 8 && count != 13) {
        snprintf(why, size, "a tuple of %s%u values, not of 8 or 13",
                 count == FIELDS_MAX ? "more than " : "", count == FIELDS_MAX ? 13 : count);
        return n == 0 ? CF_R_EMPTY : CF_R_FIELDS;
    }
    proto = letter(f[5]);
    t->kind = count == 8 ? AZ_NSG1 : proto == 'T' || proto == 'U' ? AZ_NSG2 : AZ_VNET;
    if (t->kind == AZ_NSG1 && proto != 'T' && proto != 'U')
        return wrong(why, size, CF_R_ENUM, "protocol", f[5], "is neither T nor U");
    rc = set_time(f[0], &t->ns, why, size);
    if (rc == CF_OK)
        rc = set_ends(f, t, why, size);
    if (rc != CF_OK)
        return rc;
    if (letter(f[6]) != 'I' && letter(f[6]) != 'O')
        return wrong(why, size, CF_R_ENUM, "direction", f[6], "is neither I nor O");
    t->direction = f[6].s[0] == 'I' ? CF_DIRECTION_INGRESS : CF_DIRECTION_EGRESS;
    rc = t->kind == AZ_VNET ? set_vnet(f, t, why, size) : set_nsg(f, t, why, size);
    if (rc == CF_OK && t->kind != AZ_NSG1)
        rc = set_counters(f, t, why, size);
    return rc;
}
