/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The framer over any bytes: the same objects, rejects and end whatever the pieces the bytes come
 * in; each object is within the input's bytes or their unpacked form; a cursor stays in bounds.
 */
#include <string.h>

#include <cf/jsonmap.h>
#include <cf/jsonrec.h>

#include "fuzz.h"
#include "input/layer.h"

static const char *const lists[] = { "records", "entries", NULL };
static const char *const texts[] = { "_raw", "message", "event.original", NULL };
static const char *const payloads[] = { "data", NULL };
static const char *const wrappers[] = { "message", "event", "body", NULL };
static const cf_jsonpath_t paths[] = { { "r", 0 }, { NULL, 0 } };

static uint64_t
walk(const char *text, size_t n, size_t chunk, size_t max)
{
    cf_account_t account;
    cf_rejects_t rejects;
    cf_jsonrec_options_t o = { .lists = lists, .texts = texts, .payloads = payloads,
                               .wrappers = wrappers, .max = max, .rejects = &rejects };
    cf_diag_t d = CF_DIAG_INIT;
    cf_cursor_t c;
    cf_input_t *in = NULL;
    cf_jsonrec_t *r = NULL;
    cf_jsonmap_t *m = NULL;
    cf_jsonobj_t obj;
    uint64_t sum = 0, met = 0;
    int rc = cfi_input_open_chunked(&in, "t", text, n, chunk, CF_INPUT_RAW, NULL);

    cf_account_init(&account);
    cf_rejects_init(&rejects, &account);
    if (rc != CF_OK || cf_jsonrec_open(&r, in, &o, NULL) != CF_OK ||
        cf_jsonmap_open(&m, paths, 1, 0, NULL) != CF_OK)
        goto done;
    while ((rc = cf_jsonrec_next(r, &obj, &d)) == CF_OK) {
        FUZZ_CHECK(obj.len >= 2 && obj.len <= max && obj.offset < n);
        FUZZ_CHECK(obj.text[0] == '{');
        /* a payload may unpack to a great deal, but not without end */
        FUZZ_CHECK(++met < 100000000);
        sum = (sum ^ obj.len ^ obj.offset << 20) * UINT64_C(0x9e3779b97f4a7c15);
        if (cf_jsonmap_read(m, obj.text, obj.len, obj.behind, NULL) != CF_OK) {
            cf_jsonrec_broken(r, 0, "broken");
            sum += 1;
        } else if (cf_jsonmap_values(m, NULL)->type != 0) {
            account.rows_read++;
            sum += 2;
        } else {
            sum += cf_jsonrec_enter(r) ? 3 : 4;
        }
    }
    FUZZ_CHECK(rc == CF_EOF || rc == CF_E_TRUNC || rc == CF_E_FORMAT);
    FUZZ_CHECK(rc == CF_EOF || d.text[0] != '\0');
    if (cf_jsonrec_cursor(r, &c, &d) == CF_OK) {
        FUZZ_CHECK(c.offset <= n && c.head + c.head_len <= c.offset);
        FUZZ_CHECK(c.head_len <= CF_CURSOR_HEAD_MAX);
        sum = sum * 31 + c.offset + c.skip + c.head_len;
    }
    sum = sum * 31 + cf_account_rejected(&account) + (uint64_t)rc;
done:
    cf_jsonmap_close(m);
    cf_jsonrec_close(r);
    cf_input_close(in);
    return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *text = (const char *)bytes;
    uint64_t sum = walk(text, n, 0, 1u << 20);

    FUZZ_CHECK(walk(text, n, 1 + n % 7, 1u << 20) == sum);
    FUZZ_CHECK(walk(text, n, 64, 1u << 20) == sum);
    (void)walk(text, n, 100, 64);
    return 0;
}
