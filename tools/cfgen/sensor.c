/* SPDX-License-Identifier: Apache-2.0 */
/* See sensor.h. */
#include "sensor.h"

char *sensor_put_addr(const gen_text_t *x, const gen_estate_t *e, char *p, const gen_report_t *r,
                      uint32_t addr)
{
    uint64_t half[2];

    if (!r->v6)
        return gen_put_v4(x, p, addr);
    if (addr < 65536)
        gen_iface_v6(e, addr, half);
    else
        gen_outside_v6(addr, half);
    return gen_put_v6(p, half);
}

const char *sensor_service(const gen_report_t *r)
{
    static const struct {
        uint16_t port;
        char name[12];
    } known[] = {
        { 443, "ssl" }, { 53, "dns" }, { 8080, "http" }, { 80, "http" }, { 22, "ssh" },
        { 8443, "ssl" }, { 123, "ntp" }, { 3306, "mysql" }, { 5432, "postgresql" },
        { 6379, "redis" }, { 9100, "http" }, { 9090, "http" }, { 9200, "http" }
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].port == r->sport)
            return known[i].name;
    return NULL;
}

char *sensor_put_micros(const gen_text_t *x, char *p, uint64_t ns)
{
    uint32_t part = (uint32_t)(ns % 1000000000u) / 1000;

    p = gen_put_u64(x, p, ns / 1000000000u);
    *p++ = '.';
    p = gen_put_str(p, x->digits[part / 10000] + 2, 2);
    return gen_put_str(p, x->digits[part % 10000], 4);
}

char *sensor_put_date(const gen_text_t *x, char *p, uint64_t secs)
{
    char whole[GEN_ISO_ROOM];

    gen_put_iso(x, whole, secs);
    return gen_put_str(p, whole, 10);
}

char *sensor_put_clock(const gen_text_t *x, char *p, uint64_t secs)
{
    char whole[GEN_ISO_ROOM];

    gen_put_iso(x, whole, secs);
    return gen_put_str(p, whole + 11, 8);
}
