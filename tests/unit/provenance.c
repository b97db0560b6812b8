/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provenance: steps survive the way through JSON, and a history that grows without end stays
 * bounded with its ends kept.
 */
#include <cf/provenance.h>

#include "cfunit.h"

static void test_json(void)
{
    static const char *const inputs[] = { "a.log", "b\xff.log", NULL };
    static const char *const dropped[] = { "account", NULL };
    cf_step_t s = { .command = "cfimport -o x.cf", .version = "cftools 0.1.0",
                    .time = INT64_C(1795420800) * 1000000000,
                    .reader = "aws-vpc", .inputs = inputs, .kept_inputs = 2, .ninputs = 40,
                        .rows_read = 100, .rows_kept = 98,
                    .rows_rejected = 2, .has_rows = true, .dropped = dropped };
    cf_provenance_t *p = cf_provenance_create(), *q = cf_provenance_create();
    cf_diag_t d = CF_DIAG_INIT;
    cf_buf_t text;
    cf_step_t r;

    s.rejected[2] = 2;
    cf_buf_init(&text, 1 << 20);
    CFUNIT_INT(cf_provenance_add(p, &s), CF_OK);
    CFUNIT_INT(cf_provenance_to_json(p, &text), CF_OK);
    CFUNIT_STR(text.data, "{\"steps\":[{\"command\":\"cfimport -o x.cf\",\"dropped\":[\"account\"],"
               "\"inputs\":[\"a.log\",\"b?.log\"],"
                          "\"ninputs\":40,\"reader\":\"aws-vpc\",\"rejected\":{\"addr\":2},"
                          "\"rows\":{\"kept\":98,\"read\":100,\"rejected\":2},\"time\":\"2026-11-23T08:00:00Z\","
                          "\"version\":\"cftools 0.1.0\"}]}");
    CFUNIT_INT(cf_provenance_from_json(q, text.data, text.len, &d), CF_OK);
    CFUNIT_INT(cf_provenance_count(q), 1);
    CFUNIT_INT(cf_provenance_step(q, 0, &r), CF_OK);
    CFUNIT_INT(cf_provenance_step(q, 1, &r), CF_EOF);
    CFUNIT_INT(cf_provenance_step(q, 0, &r), CF_OK);
    CFUNIT_STR(r.command, s.command);
    CFUNIT_STR(r.reader, "aws-vpc");
    CFUNIT_STR(r.inputs[1], "b?.log");
    CFUNIT_STR(r.dropped[0], "account");
    CU_ASSERT(r.time == s.time && r.ninputs == 40 && r.kept_inputs == 2 && r.rows_read == 100 &&
              r.rejected[2] == 2);
    cf_buf_fini(&text);
    cf_provenance_destroy(p);
    cf_provenance_destroy(q);
}

static void test_bad_json(void)
{
    static const char *const bad[] = { "", "{", "[]", "{\"steps\":1}", "{\"steps\":[{}]", NULL };
    static const char *const odd[] = { "{\"steps\":[1,null,{}]}",
                                       "{\"steps\":[{\"time\":\"x\",\"rows\":[],\"inputs\":{}}]}",
                                       "{\"steps\":[{\"rows\":{\"read\":-5}}]}", NULL };
    cf_diag_t d = CF_DIAG_INIT;
    size_t i;

    for (i = 0; bad[i] != NULL; i++) {
        cf_provenance_t *p = cf_provenance_create();

        CFUNIT_INT(cf_provenance_from_json(p, bad[i], strlen(bad[i]), &d), CF_E_FORMAT);
        CU_ASSERT(d.text[0] != '\0');
        cf_provenance_destroy(p);
    }
    for (i = 0; odd[i] != NULL; i++) {
        cf_provenance_t *p = cf_provenance_create();

        CFUNIT_INT(cf_provenance_from_json(p, odd[i], strlen(odd[i]), &d), CF_OK);
        cf_provenance_destroy(p);
    }
}

static void test_bounded(void)
{
    cf_provenance_t *p = cf_provenance_create();
    char command[64];
    cf_step_t s = { .command = command }, r;
    int i;

    for (i = 0; i < 3000; i++) {
        (void)snprintf(command, sizeof command, "step %d", i);
        CFUNIT_INT(cf_provenance_add(p, &s), CF_OK);
    }
    CFUNIT_INT(cf_provenance_count(p), 1000);
    CFUNIT_INT(cf_provenance_step(p, 0, &r), CF_OK);
    CFUNIT_STR(r.command, "step 0");
    CFUNIT_INT(cf_provenance_step(p, 999, &r), CF_OK);
    CFUNIT_STR(r.command, "step 2999");
    for (i = 0; i < 1000; i++) {
        CFUNIT_INT(cf_provenance_step(p, (size_t)i, &r), CF_OK);
        if (r.command[0] == '(')
            CFUNIT_STR(r.command, "(2001 steps left out)");
    }
    cf_provenance_destroy(p);
}

static void test_bounded_bytes(void)
{
    cf_provenance_t *p = cf_provenance_create(), *q = cf_provenance_create();
    char *command = malloc(10001);
    cf_step_t s = { .command = command };
    cf_buf_t text;
    int i;

    memset(command, 'x', 10000);
    command[10000] = '\0';
    for (i = 0; i < 600; i++)
        CFUNIT_INT(cf_provenance_add(p, &s), CF_OK);
    CFUNIT_INT(cf_provenance_merge(q, p), CF_OK);
    CFUNIT_INT(cf_provenance_merge(q, p), CF_OK);
    cf_buf_init(&text, 4 << 20);
    CFUNIT_INT(cf_provenance_to_json(q, &text), CF_OK);
    CU_ASSERT(text.len < (1 << 20) + (1 << 17));
    cf_buf_fini(&text);
    free(command);
    cf_provenance_destroy(p);
    cf_provenance_destroy(q);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_json), CFUNIT(test_bad_json), CFUNIT(test_bounded), CFUNIT(test_bounded_bytes),
        { NULL, NULL }
};
CFUNIT_MAIN("provenance", tests)
