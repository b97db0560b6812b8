/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a provider's format is to the generator: a way to spell records, a header, and names for
 * delivered objects.  One file per provider; the table is in provider.c.  A provider gets the
 * estate and observations of the traffic model and decides alone how they look.
 */
#ifndef CFGEN_PROVIDER_H
#define CFGEN_PROVIDER_H

#include "traffic.h"

typedef struct gen_provider {
    const char *name;
    const char *summary;
    /*
     * New writer for the given fields (NULL: the provider's default); NULL with a sentence in
     * `why` if they make no sense.  `epoch` is the start of the span in seconds since 1970.
     */
    void *(*open)(const gen_estate_t *estate, const char *fields, uint64_t epoch, char *why,
                  size_t why_size);
    void (*close)(void *writer);
    size_t (*row_max)(const void *writer);               /* most bytes of a record or header */
    char *(*header)(const void *writer, char *out);      /* returns the new end */
    char *(*row)(const void *writer, char *out, const gen_row_t *row);
    /*
     * Optional: what row held back, when the object ends; at most row_max bytes. Called until it
     * returns out.
     */
    char *(*finish)(const void *writer, char *out);
    /* Seconds of traffic in one delivered object, and the object's name under the output folder. */
    uint32_t delivery;
    int (*object)(const void *writer, char *out, size_t size, uint64_t window_end, uint64_t serial,
                  const char *suffix);
} gen_provider_t;

extern const gen_provider_t gen_aws_vpc;
extern const gen_provider_t gen_oci_vcn;
extern const gen_provider_t gen_ibm_vpc;
extern const gen_provider_t gen_alibaba_vpc;

const gen_provider_t *gen_provider_find(const char *name);
/* The i-th of the table; NULL after the last. */
const gen_provider_t *gen_provider_at(size_t i);

#endif
