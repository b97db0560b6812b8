/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: the tables that make up the built-in catalogue. A table ends with a row whose
 * name is NULL.
 */
#ifndef CFI_FIELD_H
#define CFI_FIELD_H

#include <cf/field.h>

extern const cf_field_t cfi_fields_flow[];     /* the common record, design: every provider */
extern const cf_field_t cfi_fields_aws[];      /* what only AWS logs */
extern const cf_field_t cfi_fields_join[];     /* flows out of several rows */
extern const cf_field_t cfi_fields_onprem[];  /* Zeek, Suricata, nfdump */
extern const cf_field_t cfi_fields_clouds[];   /* OCI, IBM, Alibaba */
extern const cf_field_t cfi_fields_azure[];    /* what only Azure logs */
extern const cf_field_t cfi_fields_gcp[];      /* what only Google Cloud logs */

/* Derived fields' functions (derive.c). */
int cfi_derive_duration(const struct cf_vec *const *in, struct cf_vec *out, uint32_t n);
int cfi_derive_bpp(const struct cf_vec *const *in, struct cf_vec *out, uint32_t n);
int cfi_derive_first(const struct cf_vec *const *in, struct cf_vec *out, uint32_t n);

#endif
