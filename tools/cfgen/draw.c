/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What conversations are drawn from: the tables of classes, networks and servers, the daily curve,
 * and the shares of the plan.  Both clocks use it.
 */
#include "model.h"

#include <string.h>

/* Weight of each hour of the day. */
static const uint32_t curve[25] = {
    52, 44, 39, 36, 35, 38, 46, 60, 78, 94, 104, 110, 112, 112, 113, 111, 106, 100, 97, 98, 100, 95,
    82, 66, 52
};

/* Of the region of the estate, and global; see gen_cloud_t. */
static const gen_cloud_t aws[GEN_CLOUDS] = {
    { 0x34da0000, 0x7fff, GEN_SVC_STORE }, { 0x345c0000, 0x7fff, GEN_SVC_STORE },
    { 0x03054000, 0x07ff, GEN_SVC_STORE },
    { 0x345e1800, 0x01ff, GEN_SVC_TABLES }, { 0x3477f000, 0x07ff, GEN_SVC_TABLES },
    { 0x345e1800, 0x007f, GEN_SVC_TABLES },
    { 0x0d200000, 0xffff, GEN_SVC_CDN }, { 0x82b00000, 0x3fff, GEN_SVC_CDN },
    { 0x22f00000, 0xffff, GEN_SVC_COMPUTE }, { 0x34d00000, 0xffff, GEN_SVC_COMPUTE },
    { 0x364a0000, 0x1fff, GEN_SVC_COMPUTE }, { 0x03f80000, 0x3fff, GEN_SVC_ANY },
    { 0x345f7000, 0x0fff, GEN_SVC_ANY }, { 0x36e41000, 0x003f, GEN_SVC_HEALTH },
    { 0x03fd9400, 0x03ff, GEN_SVC_API }
};

static int build_tables(gen_draw_t *d)
{
    uint32_t w[64] = { 0 };
    int bad = 0;

    for (uint32_t i = 0; i < gen_n_classes; i++)
        w[i] = gen_classes[i].day;
    bad |= gen_alias_init(&d->by_day, w, gen_n_classes);
    for (uint32_t i = 0; i < gen_n_classes; i++)
        w[i] = gen_classes[i].night;
    bad |= gen_alias_init(&d->by_night, w, gen_n_classes);
    bad |= gen_alias_init_zipf(&d->nets, GEN_CLIENT_NETS, 120);
    bad |= gen_alias_init_zipf(&d->servers, GEN_SERVER_HOSTS, 4);
    return bad;
}

int gen_draw_init(gen_draw_t *d, gen_estate_t *e, const gen_plan_t *plan)
{
    memset(d, 0, sizeof *d);
    d->e = e;
    d->plan = *plan;
    d->cloud = plan->cloud != NULL ? plan->cloud : aws;
    gen_rng_init(&d->r, plan->seed, 2);
    if (build_tables(d) != 0)
        return -1;
    gen_scan_init(d);
    return 0;
}

void gen_draw_fini(gen_draw_t *d)
{
    gen_alias_fini(&d->by_day);
    gen_alias_fini(&d->by_night);
    gen_alias_fini(&d->nets);
    gen_alias_fini(&d->servers);
}

uint32_t gen_curve_at(const gen_plan_t *p, uint32_t minute)
{
    uint32_t m = p->hour * 60 + minute, h = (m / 60) % 24, f = m % 60;

    return curve[h] * (60 - f) + curve[h + 1] * f;
}

void gen_draw_minute(gen_draw_t *d, uint32_t minute)
{
    d->minute = minute;
    d->daylight = (gen_curve_at(&d->plan, minute) - 35 * 60) * 65536 / (78 * 60);
}

uint64_t gen_share(uint64_t flows, uint64_t done, uint64_t sum)
{
    uint64_t q = flows / sum, r = flows % sum;

    return q * done + r * done / sum;
}

uint32_t gen_draw_class(gen_draw_t *d)
{
    uint64_t made = d->drawn + d->n + d->owed, wanted = made * d->plan.ppm_reject / 1000000;

    if (d->n_reject < wanted && (d->n_reject + 64 < wanted || gen_chance(&d->r, 40000)))
        return GEN_CLASS_SCAN;
    if (d->n_v6 + 64 < made * d->plan.ppm_v6 / 1000000)
        return GEN_CLASS_V6;
    if (gen_chance(&d->r, d->daylight))
        return gen_alias_draw(&d->by_day, &d->r);
    return gen_alias_draw(&d->by_night, &d->r);
}
