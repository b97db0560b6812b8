/* SPDX-License-Identifier: Apache-2.0 */
/* The names of AWS flow logs (names.c): shared by the readers of their text and of their Parquet. */
#ifndef AWS_NAMES_H
#define AWS_NAMES_H

#include <cf/plugin.h>

/* Names of AWS and ours in the order of columns; the first row without theirs ends the names. */
extern const cf_fieldmap_t aws_map[];
/*
 * Our catalogue's name of an AWS field (any case, '_' = '-'), or NULL; *rank: its place among
 * columns.
 */
const char *aws_known(const char *s, size_t n, unsigned *rank);

#endif
