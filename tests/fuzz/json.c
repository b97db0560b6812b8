/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokenizer over any bytes: it agrees with jansson about what they are, gives the same tokens
 * whatever the pieces they come in, and finds its way behind broken ones without standing still.
 */
#include "fuzz.h"

#include "json_oracle.h"

/* Places and texts of all tokens, with resynchronising, as one number; their count in *tokens. */
static uint64_t
walk(const char *text, size_t n, size_t chunk, bool objects, uint64_t *tokens)
{
    static const cf_json_anchor_t anchors[] = { { "time", 2 }, { "a", 1 }, { "records", 0 },
                                                { NULL, 0 } };
    cf_input_t *in = NULL;
    cf_json_t *j = NULL;
    cf_json_token_t t;
    uint64_t sum = 0, skipped, last = 0;
    int rc = cfi_input_open_chunked(&in, "t", text, n, chunk, CF_INPUT_RAW, NULL);

    *tokens = 0;
    if (rc == CF_OK)
        rc = cf_json_open(&j, in, NULL);
    while (rc == CF_OK) {
        cf_diag_t d = CF_DIAG_INIT;

        rc = cf_json_next(j, &t, &d);
        if (rc == CF_OK) {
            FUZZ_CHECK(t.offset >= last && t.offset < n && t.depth <= CF_JSON_DEPTH_MAX);
            last = t.offset;
            sum = (sum ^ t.offset ^ (uint64_t)t.type << 40) * UINT64_C(0x9e3779b97f4a7c15);
            for (size_t i = 0; i < t.len; i++)
                sum = (sum ^ (unsigned char)t.text[i]) * 31;
            FUZZ_CHECK(++*tokens <= n);
        } else if (rc == CF_R_SYNTAX || rc == CF_R_LONG) {
            FUZZ_CHECK(d.has_offset && d.offset <= n && d.text[0] != '\0');
            last = 0;
            sum = (sum ^ d.offset) * 33;
            rc = objects ? cf_json_resync_object(j, anchors, &skipped, &d)
                : cf_json_resync(j, &skipped, &d);
            FUZZ_CHECK(cf_json_offset(j) <= n);
        }
    }
    FUZZ_CHECK(rc == CF_EOF || rc == CF_E_TRUNC);
    cf_json_close(j);
    cf_input_close(in);
    return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *text = (const char *)bytes, *differs = oracle_differs(text, n, 0);
    uint64_t sum, tokens, again;

    if (differs != NULL)
        fprintf(stderr, "%s\n", differs);
    FUZZ_CHECK(differs == NULL);
    for (int objects = 0; objects < 2; objects++) {
        sum = walk(text, n, 0, objects != 0, &tokens);
        FUZZ_CHECK(sum == walk(text, n, 1 + n % 7, objects != 0, &again) && again == tokens);
        FUZZ_CHECK(sum == walk(text, n, 61, objects != 0, &again) && again == tokens);
    }
    return 0;
}
