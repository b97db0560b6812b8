/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields that come from the flow logs of Oracle Cloud, IBM Cloud and Alibaba Cloud, and that the
 * common record (fields_flow.c) lacks.
 */
#include "field.h"

#define STRING .kind = CF_KIND_STRING, .width = 4
/* Since the connection began: no counters, for adding them up counts traffic many times. */
#define TOTAL(u) .kind = CF_KIND_UINT, .width = 8, .unit = (u)

const cf_field_t cfi_fields_clouds[] = {
    { .name = "flowid", STRING,
      .meaning = "identifier that the provider gives to all records of one flow and side" },
    { .name = "log", STRING, .meaning = "the provider's log, or collector, that the record belongs to" },
    { .name = "compartment", STRING, .flags = CF_FIELD_ACCOUNTING,
      .meaning = "compartment that the interface belongs to" },
    { .name = "cstime", .kind = CF_KIND_TIME, .width = 8, .unit = CF_UNIT_NS, .aliases = "connection-start-time",
      .meaning = "begin of the connection, which may be long before the row's" },
    { .name = "total_packets", TOTAL(CF_UNIT_PACKETS),
      .meaning = "packets from source to destination since the connection began", .ipfix_id = 86 },
    { .name = "total_bytes", TOTAL(CF_UNIT_BYTES),
      .meaning = "bytes from source to destination since the connection began", .ipfix_id = 85 },
    { .name = "total_rpackets", TOTAL(CF_UNIT_PACKETS),
      .meaning = "packets from destination to source since the connection began",
      .ipfix_pen = 29305, .ipfix_id = 86 },
    { .name = "total_rbytes", TOTAL(CF_UNIT_BYTES),
      .meaning = "bytes from destination to source since the connection began",
      .ipfix_pen = 29305, .ipfix_id = 85 },
    { .name = "pathname", STRING, .meaning = "way that the traffic takes, the provider's word" },
    { .name = "srctype", STRING, .meaning = "network of the source address, as the provider sorts it" },
    { .name = "dsttype", STRING, .meaning = "network of the destination address, as the provider sorts it" },
    { .name = NULL },
};
