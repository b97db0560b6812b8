/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private: taking records out of JSON. A pull interface, because a batch may be full in the middle
 * of any wrapping.
 */
#ifndef AWS_UNWRAP_H
#define AWS_UNWRAP_H

#include <cf/json.h>

#include "aws.h"

typedef enum aws_item_type {
    AWS_ITEM_TEXT = 1,             /* text of one record, or whatever stood in its place */
    AWS_ITEM_OBJECT = 2,           /* names and values */
    AWS_ITEM_BROKEN = 3            /* text says what could not be unwrapped */
} aws_item_type_t;

typedef struct aws_item {
    aws_item_type_t type;
    aws_span_t text;
    const aws_span_t *names, *values;
    uint32_t n;
    uint64_t offset;               /* in the outermost input */
} aws_item_t;

typedef struct aws_unwrap aws_unwrap_t;

/* New; the input is borrowed. */
aws_unwrap_t *aws_unwrap_create(cf_input_t *in);
/*
 * Next item, borrowed until the next call. values is the number of values of a line when known (0 =
 * not): it helps to tell a record from other text. CF_EOF, or a stream error.
 */
int aws_unwrap_next(aws_unwrap_t *u, uint32_t values, char sep, aws_item_t *item, cf_diag_t *d);

#endif
