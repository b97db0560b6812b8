/* SPDX-License-Identifier: Apache-2.0 */
/* What the entry (gcp_vpc.c) and its annotations (gcp_meta.c) share. */
#ifndef CFGEN_GCP_H
#define CFGEN_GCP_H

#include "provider.h"
#include "spell.h"

#define GCP_REGION "europe-west1"

enum { GCP_ROOM = 1024, GCP_PROJECT_ROOM = 32 };

/* What hangs on an interface alone, spelled once. */
typedef struct gcp_place {
    char instance[GCP_ROOM];       /* of …_instance, behind the colon */
    char vpc[GCP_ROOM];            /* of …_vpc */
    char tail[GCP_ROOM];           /* from logName up to the time of receipt */
    char resource[GCP_ROOM];       /* from there up to the time of the entry */
    uint16_t instance_len, vpc_len, tail_len, resource_len;
} gcp_place_t;

/* Place of the two ends of an entry, the sender's and the receiver's. */
typedef struct gcp_end {
    uint32_t addr;
    uint16_t port, iface;          /* GEN_NOWHERE outside */
    uint8_t  service;
} gcp_end_t;

/* Places, by interface: new, or NULL without memory. */
gcp_place_t *gcp_places(const gen_estate_t *e);
/*
 * Annotations of an end, named "src" or "dest", in the order of their keys, each with a comma
 * behind it.  `ours`: its project is that of the reporter.
 */
char *gcp_put_end(const gen_estate_t *e, const gcp_place_t *places, const gen_text_t *x, char *p,
                  const char *name, const gcp_end_t *end, bool ours, bool v6);
/* Does a pod stand behind this address of a node? */
bool gcp_is_pod(const gen_estate_t *e, const gcp_end_t *end);

#endif
