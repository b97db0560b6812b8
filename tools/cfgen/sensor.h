/* SPDX-License-Identifier: Apache-2.0 */
/* What the formats of sensors on premises share: names of services, who is inside. */
#ifndef CFGEN_SENSOR_H
#define CFGEN_SENSOR_H

#include "provider.h"
#include "spell.h"

/* Address of an end, which the sensor sees as it is. */
char *sensor_put_addr(const gen_text_t *x, const gen_estate_t *e, char *p, const gen_report_t *r,
                      uint32_t addr);
/* What runs on a port, in Zeek's word, or NULL; asked only when both sides said something. */
const char *sensor_service(const gen_report_t *r);
/* Seconds and six decimals. */
char *sensor_put_micros(const gen_text_t *x, char *p, uint64_t ns);
/* "2026-03-07" or with another separator, of seconds since 1970. */
char *sensor_put_date(const gen_text_t *x, char *p, uint64_t secs);
/* "14:03:01" */
char *sensor_put_clock(const gen_text_t *x, char *p, uint64_t secs);

#endif
