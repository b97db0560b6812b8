/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON values into buffers, with failures seen. Used for schemas (columns.c) and provenance.
 */
#include "stream/jsonput.h"

typedef struct sink {
    cf_buf_t *out;
    int code;
} sink_t;

static int put(const char *bytes, size_t n, void *ctx)
{
    sink_t *s = ctx;

    if (s->code == CF_OK)
        s->code = cf_buf_put(s->out, bytes, n);
    return s->code == CF_OK ? 0 : -1;
}

int cfi_json_put(const json_t *root, size_t flags, cf_buf_t *out)
{
    sink_t s = { out, CF_OK };

    if (root == NULL || json_dump_callback(root, put, &s, flags) != 0)
        return s.code != CF_OK ? s.code : CF_E_NOMEM;
    return s.code;
}
