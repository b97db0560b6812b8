/* SPDX-License-Identifier: Apache-2.0 */
/* The table of providers; see provider.h. */
#include "provider.h"

#include <string.h>

static const gen_provider_t *const table[] = {
    &gen_aws_vpc, &gen_oci_vcn, &gen_ibm_vpc, &gen_alibaba_vpc, &gen_azure_nsg, &gen_azure_vnet,
    &gen_gcp_vpc, &gen_zeek_conn, &gen_suricata_flow, &gen_nfdump_csv
};

const gen_provider_t *gen_provider_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? table[i] : NULL;
}

const gen_provider_t *gen_provider_find(const char *name)
{
    for (size_t i = 0; gen_provider_at(i) != NULL; i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}
