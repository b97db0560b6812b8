/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a provider's format is to the generator: a way to spell records, what stands before and
 * behind them, and names for delivered objects.  One file per provider; the table is in provider.c.
 * A provider gets the estate and either observations of capture windows (traffic.h: `row`) or
 * reports of living connections (living.h: `shape` and `report`), and decides alone how they look.
 */
#ifndef CFGEN_PROVIDER_H
#define CFGEN_PROVIDER_H

#include "living.h"

/* Options that mean nothing to a provider and are refused. */
enum {
    GEN_NO_FIELDS = 1,     /* --format-fields */
    GEN_NO_STATUS = 2,     /* --nodata, --skipdata */
    GEN_NO_HEADER = 4,     /* --no-header */
    GEN_NO_REJECT = 8,     /* --reject */
    GEN_NO_CUTS = 16       /* --files, --per-file */
};

/* What is not said here to be wanted may be left NULL or 0. */
typedef struct gen_provider {
    const char *name;
    const char *summary;
    uint32_t refuses;            /* GEN_NO_… */
    const gen_cloud_t *cloud;    /* GEN_CLOUDS public ranges of its own */
    /*
     * Wanted: new writer for the given fields (NULL: the provider's default); NULL with a sentence
     * in `why` if they make no sense.  `epoch` is the start of the span in seconds since 1970.
     */
    void *(*open)(const gen_estate_t *estate, const char *fields, uint64_t epoch, char *why,
                  size_t why_size);
    void (*close)(void *writer);                         /* wanted */
    /* One --set; 0, or -1 with a sentence in `why`. */
    int (*set)(void *writer, const char *key, const char *value, char *why, size_t why_size);
    size_t (*row_max)(const void *writer);               /* wanted: most bytes of any one call */
    char *(*header)(const void *writer, char *out);      /* begins an object; the new end */
    /* Of windows. */
    char *(*row)(const void *writer, char *out, const gen_row_t *row);
    /* Of living connections; `first`: nothing stands in the object yet. */
    void (*shape)(const void *writer, gen_shape_t *shape);
    uint32_t (*key)(const void *writer, const gen_report_t *r);      /* see gen_key_fn */
    char *(*report)(void *writer, char *out, const gen_report_t *r, bool first);
    /* Ends what reports have begun: called when the interface changes and after each batch. */
    char *(*pause)(void *writer, char *out);
    /*
     * What row held back, or what an object ends with; at most row_max bytes. Called until it
     * returns out.
     */
    char *(*finish)(void *writer, char *out);
    /* Seconds of traffic in one delivered object, and the object's name under the output folder. */
    uint32_t delivery;
    int (*object)(const void *writer, char *out, size_t size, uint64_t window_end, uint64_t serial,
                  const char *suffix);
    bool by_iface;         /* objects of one interface each: `serial` is its index */
} gen_provider_t;

extern const gen_provider_t gen_aws_vpc;
extern const gen_provider_t gen_oci_vcn;
extern const gen_provider_t gen_ibm_vpc;
extern const gen_provider_t gen_alibaba_vpc;
extern const gen_provider_t gen_azure_nsg;
extern const gen_provider_t gen_azure_vnet;
extern const gen_provider_t gen_gcp_vpc;
extern const gen_provider_t gen_zeek_conn;
extern const gen_provider_t gen_suricata_flow;
extern const gen_provider_t gen_nfdump_csv;

const gen_provider_t *gen_provider_find(const char *name);
/* The i-th of the table; NULL after the last. */
const gen_provider_t *gen_provider_at(size_t i);

#endif
