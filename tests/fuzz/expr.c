/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filter expressions: what parses has a canonical text, and that text parses to the same one. What
 * does not parse names a column within the text.
 */
#include <cf/expr.h>

#include <string.h>

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const cf_expr_env_t env = { NULL, NULL, INT64_C(1700000000) * CF_NS_PER_SEC };
    cf_diag_t d = CF_DIAG_INIT;
    cf_expr_t *e = NULL, *again = NULL;
    cf_buf_t first, second;
    char *text = malloc(n + 1);

    if (text == NULL)
        return 0;
    memcpy(text, bytes, n);
    text[n] = '\0';
    cf_buf_init(&first, 1u << 24);
    cf_buf_init(&second, 1u << 24);
    if (cf_expr_parse(&e, text, &env, &d) != CF_OK) {
        FUZZ_CHECK(d.column <= strlen(text) + 1);
        FUZZ_CHECK(d.text[0] != '\0');
    } else if (cf_expr_print(e, &first) == CF_OK) {
        cf_diag_clear(&d);
        FUZZ_CHECK(cf_expr_parse(&again, first.data, &env, &d) == CF_OK);
        FUZZ_CHECK(cf_expr_print(again, &second) == CF_OK);
        FUZZ_CHECK(strcmp(first.data, second.data) == 0);
    }
    cf_expr_destroy(e);
    cf_expr_destroy(again);
    cf_buf_fini(&first);
    cf_buf_fini(&second);
    free(text);
    return 0;
}
