/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two flow logs of Azure share (azure_vnet.c, azure_nsg.c): interfaces with their MAC
 * addresses, security groups and rules, and the way of documents: a record for each interface and
 * minute, with the tuples of each rule in a list of their own.
 */
#ifndef CFGEN_AZURE_H
#define CFGEN_AZURE_H

#include "provider.h"
#include "spell.h"

#define AZ_REGION "westeurope"
#define AZ_REGION_UPPER "WESTEUROPE"

enum { AZ_MAC = 12, AZ_ROOM = 4096 };

/* Sorted as the lists of a record are. */
enum az_rule {
    AZ_PLATFORM, AZ_UNSPECIFIED, AZ_ADMIN, AZ_OUT_VNET, AZ_OUT_INTERNET, AZ_OUT_STORAGE, AZ_IN_VNET,
    AZ_IN_BALANCER, AZ_IN_HTTPS, AZ_IN_SSH, AZ_IN_APP, AZ_IN_DB, AZ_IN_MONITOR, AZ_DENY_ALL,
    AZ_DENY_LEGACY, AZ_RULES
};

typedef struct az_place {
    char mac[AZ_MAC + 4];
    char *head;            /* of a record, behind its time */
    size_t head_len;
    uint8_t group;         /* security group: site and tier */
} az_place_t;

typedef struct az_writer {
    gen_text_t text;
    const gen_estate_t *e;
    uint64_t epoch;
    az_place_t place[GEN_IFACES_MAX];
    uint32_t iface, rule;  /* of the open record and list, GEN_NOWHERE for none */
    bool lines;            /* a record a line, without a document around them */
    bool ended;            /* the document was just ended */
    uint8_t version;       /* of NSG tuples; 0: of virtual networks */
} az_writer_t;

extern const gen_cloud_t az_cloud[GEN_CLOUDS];
extern const char *const az_rule_name[AZ_RULES];
extern const char *const az_site_name[GEN_SITES], *const az_tier_name[GEN_TIERS];

/* New, without heads; NULL without memory or with fields, and a sentence in `why`. */
az_writer_t *az_open(const gen_estate_t *estate, const char *fields, uint64_t epoch, char *why,
                     size_t why_size);
void az_close(void *writer);
size_t az_row_max(const void *writer);
/* layout=document|lines, the only setting of both. */
int az_set(void *writer, const char *key, const char *value, char *why, size_t why_size);

/* Begin and end of a document. */
char *az_header(const void *writer, char *out);
char *az_finish(void *writer, char *out);

/* The rule that decides about a connection at an interface. */
enum az_rule az_rule_of(const az_writer_t *w, const gen_report_t *r);
uint32_t az_key(const void *writer, const gen_report_t *r);
uint32_t az_group(const gen_estate_t *e, uint32_t iface);
/* The subscription of an interface, in capitals if `upper`. */
char *az_put_subscription(const az_writer_t *w, char *p, uint32_t iface, bool upper);
char *az_put_guid(char *p, uint64_t h, bool upper);
/* {"time":"…" and a separating comma, of a record with the minute's reports. */
char *az_put_time(const az_writer_t *w, char *p, const gen_report_t *r);
char *az_put_addr(const az_writer_t *w, char *p, const gen_report_t *r, uint32_t addr);
/* y=2026/m=03/d=07/h=14/m=00/macAddress=…/PT1H.json behind `p`; 0, or -1 without room. */
int az_put_blob(const az_writer_t *w, char *p, size_t size, uint64_t window_end, uint32_t iface,
                const char *suffix);

#endif
