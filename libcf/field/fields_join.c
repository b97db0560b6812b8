/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields of flows that were put together out of several rows (cfstitch).
 */
#include "field.h"

#define WORD(list) .kind = CF_KIND_ENUM, .width = 1, .names = (list)

static const char *const completes[] = { "whole", "no-begin", "no-end", "middle", "cut", "unknown",
                                         NULL };
static const char *const openers[] = { "known", "guessed", "unknown", NULL };
static const char *const evidence[] = { "flags", "begin", "log", "earlier", "port", "none", NULL };

const cf_field_t cfi_fields_join[] = {
    { .name = "parts", .kind = CF_KIND_UINT, .width = 4, .flags = CF_FIELD_COUNTER,
      .meaning = "rows of the log that the flow was put together of" },
    { .name = "complete", WORD(completes),
      .meaning = "whole when the log has begin and end of the flow; middle has neither, cut was given out "
                 "before its end, unknown when the log cannot tell" },
    { .name = "opener", WORD(openers),
      .meaning = "whether it is known that the source opened the connection" },
    { .name = "openby", WORD(evidence),
      .meaning = "by what the source was taken for the opener: TCP flags, a begin event, a log that "
                 "names the opener as source, the earlier start, a well-known port, nothing" },
    { .name = NULL },
};
