/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields that only Azure flow logs have ("Virtual network flow logs" in the Azure Network Watcher
 * documentation).
 */
#include "field.h"

const cf_field_t cfi_fields_azure[] = {
    { .name = "encryption_state", .kind = CF_KIND_STRING, .width = 4,
      .meaning = "whether the virtual network encrypted, the provider's word: X, NX, NX_FALLBACK" },
    { .name = NULL },
};
