/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields that only AWS VPC and Transit Gateway flow logs have ("Flow log records" in the VPC User Guide,
 * "Transit Gateway Flow Logs").
 */
#include "field.h"

const cf_field_t cfi_fields_aws[] = {
    { .name = NULL },
};
