/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the two logs is it? The first tuple decides, for both have records around their tuples
 * and 13 values in them; without a tuple the category of the first flow record does. Names of
 * files and the order of keys decide nothing.
 */
#include "azure.h"

static bool is(const cf_json_token_t *t, const char *word)
{
    return t->len == strlen(word) && memcmp(t->text, word, t->len) == 0;
}

static int judge(cf_json_t *j, az_kind_t face)
{
    bool category = false, tuples = false;
    cf_json_token_t t;
    int score = 0;

    while (cf_json_next(j, &t, NULL) == CF_OK) {
        if (t.type == CF_JSON_KEY) {
            category = is(&t, "category");
            tuples = is(&t, "flowTuples");
            continue;
        }
        if (t.type == CF_JSON_STRING && tuples) {
            az_kind_t kind = az_kind(t.text, t.len);

            if (kind != AZ_NONE)
                return (kind == AZ_VNET) == (face == AZ_VNET) ? 100 : 0;
        }
        if (t.type == CF_JSON_STRING && category && score == 0) {
            bool nsg = is(&t, "NetworkSecurityGroupFlowEvent"), vnet = is(&t, "FlowLogFlowEvent");

            if ((face == AZ_VNET ? vnet : nsg))
                score = 90;
        }
        category = false;
        tuples = tuples && t.type != CF_JSON_ARRAY_END;
    }
    return score;
}

int az_probe(const cf_probe_t *p, az_kind_t face)
{
    const char *s = p->bytes;
    size_t n = p->len, i = 0;
    cf_input_t *in = NULL;
    cf_json_t *j = NULL;
    int score = 0;

    if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
        i = 3;
    while (i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n'))
        i++;
    if (i == n || (s[i] != '{' && s[i] != '['))
        return 0;
    if (cf_input_open_memory(&in, "probe", s + i, n - i, CF_INPUT_RAW, NULL) != CF_OK)
        return 0;
    if (cf_json_open(&j, in, NULL) == CF_OK)
        score = judge(j, face);
    cf_json_close(j);
    cf_input_close(in);
    return score;
}
