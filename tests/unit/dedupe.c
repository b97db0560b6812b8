/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that tell the same traffic: each rule by hand-made rows, then what memory and order may and
 * may not change.
 */
#include "joinkit.h"

#define LIST "sport,iface,reporter,dup"
#define SEC CF_NS_PER_SEC

static cf_dedupe_options_t preset(joinkit_out_t *o)
{
    cf_dedupe_options_t p = { .tolerance = 5 * SEC, .wait = 900 * SEC, .memory = 64u << 20,
                              .sink = joinkit_sink, .ctx = o };

    return p;
}

static void run(const cf_dedupe_options_t *p, const char *const *tables, cf_dedupe_summary_t *s)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_dedupe_t *e;

    CU_ASSERT_EQUAL_FATAL(cf_dedupe_create(&e, p, &d), CF_OK);
    for (; *tables != NULL; tables++) {
        cf_batch_t *b = joinkit_batch(*tables);

        CFUNIT_INT(cf_dedupe_put(e, b, &d), CF_OK);
        cf_batch_destroy(b);
    }
    CFUNIT_INT(cf_dedupe_finish(e, &d), CF_OK);
    cf_dedupe_summary(e, s);
    cf_dedupe_destroy(e);
}

#define AWS "provider iface stime etime sip dip sport dport proto bytes direction action logstatus\n"

static void test_interfaces(void)
{
    const char *const t[] = { AWS
        "aws eni-1 100 110 10.0.0.1 10.0.0.2 1 443 6 10 egress accept ok\n"
        "aws eni-2 101 111 10.0.0.1 10.0.0.2 1 443 6 10 ingress accept ok\n"     /* dup */
        "aws eni-2 101 111 10.0.0.1 10.0.0.2 2 443 6 10 ingress accept ok\n"     /* dup: egress comes */
        "aws eni-1 100 110 10.0.0.1 10.0.0.2 2 443 6 10 egress accept ok\n"
        "aws eni-1 100 110 10.0.0.1 10.0.0.2 3 443 6 10 egress reject ok\n"      /* other verdict */
        "aws eni-2 100 110 10.0.0.1 10.0.0.2 3 443 6 10 ingress accept ok\n"
        "aws eni-1 100 110 10.0.0.1 10.0.0.2 4 443 6 10 egress accept ok\n"      /* 6 s apart */
        "aws eni-2 116 120 10.0.0.1 10.0.0.2 4 443 6 10 ingress accept ok\n"
        "aws eni-1 100 110 10.0.0.1 10.0.0.2 5 443 6 10 egress accept ok\n"      /* 5 s apart */
        "aws eni-2 115 120 10.0.0.1 10.0.0.2 5 443 6 10 ingress accept ok\n"     /* dup */
        "aws eni-1 100 110 10.0.0.1 10.0.0.2 6 443 6 10 egress accept ok\n"      /* same direction */
        "aws eni-2 100 110 10.0.0.1 10.0.0.2 6 443 6 10 egress accept ok\n"
        "aws eni-1 100 110 10.0.0.1 10.0.0.2 7 443 6 10 - accept ok\n"           /* not told */
        "aws eni-2 100 110 10.0.0.1 10.0.0.2 7 443 6 11 - accept ok\n"           /* dup: second */
        "aws eni-3 100 110 10.0.0.1 10.0.0.2 7 443 6 12 - accept ok\n"           /* pairs only */
        "aws eni-1 100 160 - - - - - - - - nodata\n"
        "zeek eni-1 100 110 10.0.0.1 10.0.0.2 8 443 6 10 egress accept ok\n"     /* no such rule */
        "zeek eni-2 100 110 10.0.0.1 10.0.0.2 8 443 6 10 ingress accept ok\n", NULL };
    joinkit_out_t o;
    cf_dedupe_options_t p = preset(&o);
    cf_dedupe_summary_t s;

    joinkit_out(&o, LIST);
    run(&p, t, &s);
    CFUNIT_STR(o.text.data, "1,eni-1,,0\n1,eni-2,,1\n2,eni-2,,1\n2,eni-1,,0\n3,eni-1,,0\n"
               "3,eni-2,,0\n4,eni-1,,0\n4,eni-2,,0\n5,eni-1,,0\n5,eni-2,,1\n6,eni-1,,0\n"
               "6,eni-2,,0\n7,eni-1,,0\n7,eni-2,,1\n7,eni-3,,0\n,eni-1,,\n8,eni-1,,0\n"
               "8,eni-2,,0\n");
    CFUNIT_INT(s.found[3], 4);
    CFUNIT_INT(s.found[0] + s.found[1] + s.found[2], 0);
    CFUNIT_INT(s.rows, 18);
    CFUNIT_INT(s.status, 1);
    cf_buf_fini(&o.text);
}

static void test_azure(void)
{
    const char *const t[] = { "provider iface stime sip dip sport dport proto direction state\n"
        "azure A 100 10.0.0.1 10.0.0.2 1 443 6 egress begin\n"
        "azure A 101 10.0.0.1 10.0.0.2 1 443 6 egress end\n"
        "azure A 101 10.0.0.1 10.0.0.2 1 443 6 egress end\n"         /* delivered twice */
        "azure B 103 10.0.0.1 10.0.0.2 1 443 6 ingress end\n"        /* other machine */
        "azure B 99 10.0.0.1 10.0.0.2 1 443 6 ingress begin\n"       /* other machine */
        "azure A 102 10.0.0.1 10.0.0.2 2 443 6 egress begin\n"
        "azure B 102 10.0.0.1 10.0.0.2 2 443 6 ingress end\n", NULL };
    joinkit_out_t o;
    cf_dedupe_options_t p = preset(&o);
    cf_dedupe_summary_t s;

    joinkit_out(&o, "stime,iface,dup");
    run(&p, t, &s);
    CFUNIT_STR(o.text.data, "100,A,0\n101,A,0\n101,A,1\n103,B,1\n99,B,1\n102,A,0\n102,B,0\n");
    CFUNIT_INT(s.found[0], 1);
    CFUNIT_INT(s.found[3], 2);
    cf_buf_fini(&o.text);
}

#define GCP "provider reporter stime etime sip dip sport dport proto uid\n"

static void test_reporters(void)
{
    const char *const t[] = { GCP
        "gcp dest 100.5 104 10.0.0.1 10.0.0.2 1 443 6 a\n"           /* dup: src comes */
        "gcp src 100 104.5 10.0.0.1 10.0.0.2 1 443 6 b\n"
        "gcp dest 105.5 109 10.0.0.1 10.0.0.2 1 443 6 c\n"           /* next interval: alone */
        "gcp src 130 134 10.0.0.1 10.0.0.2 1 443 6 d\n"
        "gcp dest 130 133 10.0.0.1 10.0.0.2 1 443 6 e\n"             /* dup */
        "gcp src-gateway 131 133 10.0.0.1 10.0.0.2 1 443 6 f\n"      /* dup */
        "gcp dest 140 143 10.0.0.1 10.0.0.2 1 443 6 g\n"             /* dup of src */
        "gcp dest-gateway 140 143 10.0.0.1 10.0.0.2 1 443 6 h\n"     /* dup of dest, then src */
        "gcp src 141 143 10.0.0.1 10.0.0.2 1 443 6 i\n"
        "gcp src 141 143 10.0.0.1 10.0.0.2 1 443 6 i\n",             /* delivered twice */
        GCP "gcp dest 200 204 198.51.100.1 10.0.0.2 9 443 6 j\n", NULL };
    joinkit_out_t o;
    cf_dedupe_options_t p = preset(&o);
    cf_dedupe_summary_t s;

    joinkit_out(&o, "uid,dup");
    run(&p, t, &s);
    CFUNIT_STR(o.text.data, "a,1\nb,0\nc,0\nd,0\ne,1\nf,1\ng,1\nh,1\ni,0\ni,1\nj,0\n");
    CFUNIT_INT(s.found[2], 5);
    CFUNIT_INT(s.found[0], 1);
    cf_buf_fini(&o.text);
}

static void test_uid(void)
{
    const char *const t[] = { "provider stime etime sip dip sport uid bytes\n"
        "gcp 100 101 10.0.0.1 10.0.0.2 1 a 5\n"
        "gcp 100 101 10.0.0.1 10.0.0.2 1 a 6\n"        /* dup by identifier */
        "gcp 100 102 10.0.0.1 10.0.0.2 1 a 6\n"        /* goes on: other time */
        "gcp 100 101 10.0.0.1 10.0.0.2 1 b 5\n"
        "gcp 100 101 10.0.0.1 10.0.0.2 1 - 5\n"
        "gcp 100 101 10.0.0.1 10.0.0.2 1 - 6\n", NULL };
    joinkit_out_t o;
    cf_dedupe_options_t p = preset(&o);
    cf_dedupe_summary_t s;

    joinkit_out(&o, "uid,bytes,dup");
    run(&p, t, &s);
    CFUNIT_STR(o.text.data, "a,5,0\na,6,1\na,6,0\nb,5,0\n,5,0\n,6,0\n");
    CFUNIT_INT(s.found[1], 1);
    p.rules = CF_DEDUPE_EXACT;
    o.text.len = 0;
    run(&p, t, &s);
    CFUNIT_INT(s.found[0] + s.found[1], 0);
    cf_buf_fini(&o.text);
}

static void test_delete_and_again(void)
{
    const char *const t[] = { "provider iface stime sip dip sport direction dup\n"
        "aws eni-1 100 10.0.0.1 10.0.0.2 1 egress 1\n"      /* marked before: takes no part */
        "aws eni-2 100 10.0.0.1 10.0.0.2 1 ingress 0\n"
        "aws eni-2 100 10.0.0.1 10.0.0.2 1 ingress -\n", NULL };
    joinkit_out_t o;
    cf_dedupe_options_t p = preset(&o);
    cf_dedupe_summary_t s;

    joinkit_out(&o, "iface,dup");
    run(&p, t, &s);
    CFUNIT_STR(o.text.data, "eni-1,1\neni-2,0\neni-2,1\n");
    CFUNIT_INT(s.before, 1);
    CFUNIT_INT(s.found[0], 1);
    o.text.len = 0;
    p.remove = true;
    run(&p, t, &s);
    CFUNIT_STR(o.text.data, "eni-2,0\n");
    cf_buf_fini(&o.text);
}

/* ---- many rows ------------------------------------------------------------------------------- */

static uint64_t rng = 1;

static uint32_t draw(uint32_t n)
{
    rng = rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((rng >> 33) % n);
}

#define PAIRS 30000u

/* Pairs of rows at two interfaces, a second apart in time, ingress first when it is odd. */
static void many(cf_dedupe_t *e, bool shuffled)
{
    cf_schema_t *s = cf_schema_create();
    static const char *const names[] = { "iface", "stime", "etime", "sip", "dip", "sport", "direction" };
    uint32_t *order = malloc(2 * PAIRS * sizeof *order);
    cf_batch_t *b;
    cf_rows_t r;
    cf_diag_t d = CF_DIAG_INIT;

    for (unsigned i = 0; i < 7; i++)
        CU_ASSERT_FATAL(cf_schema_add(s, cf_field_find(names[i])) >= 0);
    for (uint32_t i = 0; i < 2 * PAIRS; i++)
        order[i] = i;
    for (uint32_t i = 2 * PAIRS - 1; shuffled && i > 0; i--) {
        uint32_t j = i > 600 ? i - draw(600) : draw(i), t = order[i];

        order[i] = order[j];
        order[j] = t;
    }
    b = cf_batch_create(s);
    CU_ASSERT_FATAL(b != NULL && cf_rows_begin(&r, b) == CF_OK);
    for (uint32_t i = 0; i < 2 * PAIRS; i++) {
        uint32_t n = order[i] / 2, egress = (order[i] ^ n) & 1;

        CU_ASSERT_FATAL(cf_rows_set_string(&r, 0, egress ? "a" : "b", 1) == CF_OK);
        cf_rows_set_time(&r, 1, (int64_t)n * SEC);
        cf_rows_set_time(&r, 2, (int64_t)n * SEC + 30 * SEC);
        CU_ASSERT_FATAL(cf_rows_set_addr(&r, 3, cf_addr_v4(n)) == CF_OK);
        CU_ASSERT_FATAL(cf_rows_set_addr(&r, 4, cf_addr_v4(7)) == CF_OK);
        cf_rows_set_uint(&r, 5, n & 0xffff);
        cf_rows_set_uint(&r, 6, egress ? CF_DIRECTION_EGRESS : CF_DIRECTION_INGRESS);
        if ((cf_rows_commit(&r), r.row >= 1000 + i % 7)) {
            cf_rows_end(&r);
            CU_ASSERT_EQUAL_FATAL(cf_dedupe_put(e, b, &d), CF_OK);
            CU_ASSERT_FATAL(cf_rows_begin(&r, b) == CF_OK);
        }
    }
    cf_rows_end(&r);
    CU_ASSERT_EQUAL_FATAL(cf_dedupe_put(e, b, &d), CF_OK);
    CU_ASSERT_EQUAL_FATAL(cf_dedupe_finish(e, &d), CF_OK);
    cf_batch_destroy(b);
    cf_schema_put(s);
    free(order);
}

/* Each pair keeps one row, in any order within the window; the right one where memory allows. */
static void check_many(uint64_t memory, bool shuffled, bool roomy)
{
    joinkit_out_t o;
    cf_dedupe_options_t p = preset(&o);
    cf_dedupe_summary_t s;
    cf_diag_t d = CF_DIAG_INIT;
    cf_dedupe_t *e;
    uint64_t ingress = 0;

    joinkit_out(&o, "direction");
    p.memory = memory;
    p.remove = true;
    CU_ASSERT_EQUAL_FATAL(cf_dedupe_create(&e, &p, &d), CF_OK);
    many(e, shuffled);
    cf_dedupe_summary(e, &s);
    cf_dedupe_destroy(e);
    CU_ASSERT(roomy ? s.found[3] == PAIRS : s.found[3] > PAIRS - PAIRS / 50 && s.found[3] < PAIRS);
    CFUNIT_INT(o.rows + s.found[3], 2 * PAIRS);
    for (const char *at = o.text.data; (at = strstr(at, "in")) != NULL; at++)
        ingress++;
    CU_ASSERT(ingress >= s.other_side && ingress <= s.other_side + o.rows - PAIRS);
    CFUNIT_INT(s.forgotten > 0, !roomy);
    cf_buf_fini(&o.text);
}

static void test_many(void)
{
    check_many(64u << 20, false, true);
    check_many(64u << 20, true, true);
}

static void test_memory(void)
{
    /* less memory looks back less far; what it does not find stays */
    check_many(1u << 20, true, false);
}

static void test_extremes(void)
{
    const char *const t[] = { "iface stime etime sip dip direction\n"
        "a last last ::1 ::2 egress\n"
        "b first last ::1 ::2 ingress\n"
        "b first first ::1 ::2 egress\n"
        "c - - ::1 ::2 ingress\n"
        "d 5 - - ::2 ingress\n", NULL };
    joinkit_out_t o;
    cf_dedupe_options_t p = preset(&o);
    cf_dedupe_summary_t s;

    p.tolerance = INT64_MAX;
    joinkit_out(&o, "iface,dup");
    run(&p, t, &s);
    CFUNIT_STR(o.text.data, "a,0\nb,1\nb,0\nc,0\nd,0\n");
    cf_buf_fini(&o.text);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_interfaces), CFUNIT(test_azure), CFUNIT(test_reporters), CFUNIT(test_uid),
    CFUNIT(test_delete_and_again), CFUNIT(test_many), CFUNIT(test_memory), CFUNIT(test_extremes),
    { NULL, NULL }
};
CFUNIT_MAIN("dedupe", tests)
