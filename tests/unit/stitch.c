/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows to flows: each way of joining by hand-made rows, then sums, order and memory over many.
 */
#include "joinkit.h"

#define SEC CF_NS_PER_SEC

static cf_stitch_options_t preset(joinkit_out_t *o)
{
    cf_stitch_options_t p = { .idle = 900 * SEC, .reorder = 120 * SEC, .memory = 64u << 20,
                              .sink = joinkit_sink, .ctx = o };

    return p;
}

static bool agree(const cf_stitch_summary_t *s)
{
    return memcmp(&s->packets[0], &s->packets[1], sizeof s->packets[0]) == 0 &&
        memcmp(&s->bytes[0], &s->bytes[1], sizeof s->bytes[0]) == 0;
}

/* Stitch the tables; the result must be as wanted. */
static void check(const cf_stitch_options_t *p, joinkit_out_t *o, const char *const *tables, cf_stitch_summary_t *s,
                  const char *wanted)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_stitch_t *e;

    CU_ASSERT_EQUAL_FATAL(cf_stitch_create(&e, p, &d), CF_OK);
    for (; *tables != NULL; tables++) {
        cf_batch_t *b = joinkit_batch(*tables);

        CFUNIT_INT(cf_stitch_put(e, b, &d), CF_OK);
        cf_batch_destroy(b);
    }
    CFUNIT_INT(cf_stitch_finish(e, &d), CF_OK);
    cf_stitch_summary(e, s);
    cf_stitch_destroy(e);
    CFUNIT_STR(o->text.data, wanted);
    CU_ASSERT(agree(s));
    cf_buf_fini(&o->text);
}

#define AZURE "iface stime sip dip sport dport proto direction action state shape packets bytes rpackets rbytes rule\n"
#define A1 " 10.0.0.1 10.0.0.2 1000 443 6 egress accept "
#define A2 " 10.0.0.1 10.0.0.2 2000 443 6 egress accept "

static void test_events(void)
{
    const char *const t[] = { AZURE
        "m1 100" A1 "begin event - - - - r\n"
        "m1 110" A1 "continue event 3 300 2 200 r\n"
        "m1 120" A1 "end event 1 100 1 100 r\n"
        "m1 130" A1 "begin event - - - - r\n"          /* the ports again */
        "m1 131" A1 "end event 0 0 0 0 r\n"
        "m1 140" A1 "begin event - - - - r\n"          /* and its end in a later file */
        "m1 141" A2 "end event 5 500 - - r\n"          /* begin in an earlier file; one direction */
        "m1 150" A2 "begin event - - - - r\n"
        "m1 160" A2 "begin event - - - - r\n"          /* closes what was open */
        "m1 170" A2 "continue event 1 10 1 10 r\n"
        "m2 100" A1 "begin event - - - - r\n"          /* another interface */
        "m2 101" A1 "end event 7 700 7 700 r\n"
        "m1 100 10.0.0.9 10.0.0.1 5 22 6 ingress - deny event - - - - d\n"
        "m1 101 10.0.0.9 10.0.0.1 5 22 6 ingress - deny event - - - - d\n"
        "m1 100 10.0.0.9 10.0.0.1 6 22 6 ingress reject begin event - - - - d\n"
        "m1 101 10.0.0.9 10.0.0.1 6 22 6 ingress reject begin event - - - - d\n", NULL };
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    joinkit_out(&o, "stime,etime,iface,sport,state,shape,packets,bytes,rpackets,rbytes,parts,complete");
    check(&p, &o, t, &s,
          "100,101,m2,1000,whole,bi,7,700,7,700,2,whole\n"
          "100,120,m1,1000,whole,bi,4,400,3,300,3,whole\n"
          "100,100,m1,5,deny,event,,,,,1,whole\n"
          "100,100,m1,6,begin,event,,,,,1,whole\n"
          "101,101,m1,5,deny,event,,,,,1,whole\n"
          "101,101,m1,6,begin,event,,,,,1,whole\n"
          "130,131,m1,1000,whole,bi,0,0,0,0,2,whole\n"
          "140,140,m1,1000,whole,bi,,,,,1,no-end\n"
          "141,141,m1,2000,whole,bi,5,500,,,1,no-begin\n"
          "150,150,m1,2000,whole,bi,,,,,1,no-end\n"
          "160,170,m1,2000,whole,bi,1,10,1,10,2,no-end\n");
    CFUNIT_INT(s.flows, 11);
    CFUNIT_INT(s.complete[CF_COMPLETE_WHOLE], 7);
    CFUNIT_INT(s.complete[CF_COMPLETE_NO_END], 3);
    CFUNIT_INT(s.complete[CF_COMPLETE_NO_BEGIN], 1);
    CFUNIT_INT(s.bytes[1].lo, 2620);
}

static void test_order(void)
{
    /* the end stands before its begin, twice within a minute; equal times */
    const char *const t[] = { AZURE
        "m1 131" A1 "end event 0 0 0 1 r\n"
        "m1 130" A1 "begin event - - - - r\n"
        "m1 120" A1 "end event 1 100 1 100 r\n"
        "m1 100" A1 "begin event - - - - r\n"
        "m1 140" A1 "end event 2 2 2 2 r\n"
        "m1 140" A1 "begin event - - - - r\n", NULL };
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    joinkit_out(&o, "stime,etime,rbytes,bytes,complete");
    check(&p, &o, t, &s, "100,120,100,100,whole\n130,131,1,0,whole\n140,140,2,2,whole\n");
    CFUNIT_INT(s.late, 0);
    /* without waiting they cannot be put in order, and that is said */
    p.reorder = 0;
    joinkit_out(&o, "stime,etime,complete");
    check(&p, &o, t, &s, "100,100,no-end\n120,120,no-begin\n130,140,whole\n131,131,no-begin\n"
          "140,140,no-end\n");
}

static void test_rule(void)
{
    const char *const t[] = { AZURE
        "m1 100" A1 "begin event - - - - r1\n"
        "m1 110" A1 "end event 1 1 1 1 r2\n", NULL };
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    joinkit_out(&o, "stime,rule,complete");
    check(&p, &o, t, &s, "100,r1,whole\n");
    p.by_rule = true;
    joinkit_out(&o, "stime,rule,complete");
    check(&p, &o, t, &s, "100,r1,no-end\n110,r2,no-begin\n");
}

#define AWS "iface stime etime sip dip sport dport proto action packets bytes flags logstatus lost_mtu\n"
#define W1 " 10.0.0.1 10.0.0.2 1000 443 6 accept "
#define W2 " 10.0.0.2 10.0.0.1 443 1000 6 accept "

static void test_windows(void)
{
    const char *const t[] = { AWS
        "e1 100 150" W1 "3 300 S ok 1\n"
        "e1 160 210" W1 "4 400 - ok -\n"
        "e1 220 230" W1 "5 500 F ok 2\n"
        "e1 240 250" W1 "1 100 SF ok -\n"                      /* the ports again */
        "e1 100 150 10.0.0.1 10.0.0.2 7 7 17 accept 1 10 - ok -\n"
        "e1 1051 1060 10.0.0.1 10.0.0.2 7 7 17 accept 1 10 - ok -\n"     /* 901 s later */
        "e1 100 150 10.0.0.1 10.0.0.2 8 8 17 accept 1 10 - ok -\n"
        "e1 1050 1060 10.0.0.1 10.0.0.2 8 8 17 accept 1 10 - ok -\n"     /* 900 s later */
        "e2 100 160 - - - - - - - - - nodata -\n"
        "e1 100 150 10.0.0.1 10.0.0.2 9 9 17 accept 1 10 - ok -\n"
        "e1 100 150 10.0.0.1 10.0.0.2 9 9 17 reject 1 10 - ok -\n", NULL };
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    joinkit_out(&o, "stime,etime,sport,action,packets,bytes,flags,lost_mtu,parts,complete");
    check(&p, &o, t, &s,
          "100,160,,,,,,,,\n"
          "100,150,7,accept,1,10,,,1,unknown\n"
          "100,1060,8,accept,2,20,,,2,unknown\n"
          "100,150,9,accept,1,10,,,1,unknown\n"
          "100,150,9,reject,1,10,,,1,unknown\n"
          "100,230,1000,accept,12,1200,FS,3,3,whole\n"
          "240,250,1000,accept,1,100,FS,,1,whole\n"
          "1051,1060,7,accept,1,10,,,1,unknown\n");
    CFUNIT_INT(s.status, 1);
    CFUNIT_INT(s.passed, 1);
}

static void test_active(void)
{
    const char *const t[] = { AWS
        "e1 100 150" W1 "1 100 S ok -\n"
        "e1 160 210" W1 "1 100 0 ok -\n"
        "e1 220 230" W1 "1 100 F ok -\n", NULL };
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    p.active = 120 * SEC;
    joinkit_out(&o, "stime,etime,bytes,parts,complete");
    check(&p, &o, t, &s, "100,210,200,2,cut\n220,230,100,1,no-begin\n");
    CFUNIT_INT(s.cut_active, 1);
}

static void test_biflow(void)
{
    const char *const t[] = { AWS
        "e1 100 150" W2 "30 3000 SA ok 5\n"                    /* the answer first */
        "e1 100 150" W1 "3 300 S ok 1\n"
        "e1 160 210" W2 "40 4000 F ok -\n"
        "e1 161 210" W1 "4 400 F ok -\n"
        "e1 100 110 10.0.0.8 10.0.0.9 53 4000 17 accept 1 90 - ok -\n"         /* earlier */
        "e1 101 110 10.0.0.9 10.0.0.8 4000 53 17 accept 1 60 - ok -\n"
        "e1 100 110 10.0.0.8 10.0.0.9 53 4001 17 accept 1 90 - ok -\n"         /* port */
        "e1 100 110 10.0.0.9 10.0.0.8 4001 53 17 accept 1 60 - ok -\n"
        "e1 100 110 10.0.0.8 10.0.0.9 4002 4003 17 accept 1 90 - ok -\n"       /* nothing */
        "e1 100 110 10.0.0.9 10.0.0.8 4003 4002 17 accept 1 60 - ok -\n"
        "e1 100 110 10.0.0.8 10.0.0.9 123 4004 17 accept 1 90 - ok -\n"        /* answer alone */
        "e1 100 160 - - - - - - - - - skipdata -\n", NULL };
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    p.biflow = true;
    joinkit_out(&o, "stime,etime,sip,sport,dip,dport,packets,bytes,flags,rpackets,rbytes,rflags,lost_mtu,parts,"
                "opener,openby");
    check(&p, &o, t, &s,
          "100,160,,,,,,,,,,,,,,\n"
          "100,210,10.0.0.1,1000,10.0.0.2,443,7,700,FS,70,7000,FSA,6,4,known,flags\n"
          "100,110,10.0.0.8,53,10.0.0.9,4000,1,90,,1,60,,,2,guessed,earlier\n"
          "100,110,10.0.0.9,4001,10.0.0.8,53,1,60,,1,90,,,2,guessed,port\n"
          "100,110,10.0.0.9,4004,10.0.0.8,123,,,,1,90,,,1,guessed,port\n"
          "100,110,10.0.0.8,4002,10.0.0.9,4003,1,90,,1,60,,,2,unknown,none\n");
    CFUNIT_INT(s.opener[0], 1);
    CFUNIT_INT(s.opener[1], 3);
    CFUNIT_INT(s.openby[CF_OPENBY_PORT], 2);
}

/* Google: each end reports both directions, as source and as destination. */
static void test_biflow_reporters(void)
{
    const char *const t[] = { "reporter stime etime sip dip sport dport proto bytes\n"
        "dest 90 91 10.0.0.3 10.0.0.1 443 40000 6 9\n"             /* the answer alone */
        "src 100 104 10.0.0.1 10.0.0.2 1000 443 6 1\n"
        "dest 100 104 10.0.0.1 10.0.0.2 1000 443 6 2\n"
        "src 101 104 10.0.0.2 10.0.0.1 443 1000 6 4\n"
        "dest 101 104 10.0.0.2 10.0.0.1 443 1000 6 8\n", NULL };
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    p.biflow = true;
    joinkit_out(&o, "reporter,sip,bytes,rbytes,parts,openby");
    check(&p, &o, t, &s, "src,10.0.0.1,,9,1,port\nsrc,10.0.0.1,1,8,2,earlier\ndest,10.0.0.1,2,4,2,earlier\n");
}

/* A log that has both directions names the opener. */
static void test_biflow_events(void)
{
    const char *const t[] = { AZURE
        "m1 100" A1 "begin event - - - - r\n"
        "m1 120" A1 "end event 1 100 2 200 r\n"
        "m1 141" A2 "end event 5 500 6 600 r\n", NULL };
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    p.biflow = true;
    joinkit_out(&o, "sip,sport,bytes,rbytes,opener,openby");
    check(&p, &o, t, &s, "10.0.0.1,1000,100,200,known,begin\n10.0.0.1,2000,500,600,known,log\n");
}

static void test_pass(void)
{
    const char *const t[] = { "iface stime etime sip dip sport dport bytes counts shape dup uid\n"
        "z 100 110 10.0.0.1 10.0.0.2 1 2 5 total bi - a\n"             /* whole already */
        "z 111 112 10.0.0.1 10.0.0.2 1 2 6 total bi - b\n"
        "e 100 110 10.0.0.1 10.0.0.2 3 4 5 delta uni 1 c\n"            /* a copy: not joined */
        "e 100 110 10.0.0.1 10.0.0.2 3 4 5 delta uni 0 d\n"
        "e 111 112 10.0.0.1 10.0.0.2 3 4 7 delta uni - e\n"
        "e 200 210 - 10.0.0.2 3 4 7 delta uni - f\n", NULL };
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    joinkit_out(&o, "stime,sport,bytes,counts,dup,uid,parts,complete");
    check(&p, &o, t, &s, "100,1,5,total,,a,1,whole\n100,3,5,delta,1,c,,\n100,3,12,total,0,d,2,unknown\n"
          "111,1,6,total,,b,1,whole\n200,3,7,delta,,f,,\n");
}

/* Columns that come up with the second batch; IPv6 beside IPv4. */
static void test_columns(void)
{
    const char *const t[] = {
        "iface stime etime sip dip sport dport bytes\n"
        "e 100 110 10.0.0.1 10.0.0.2 1 2 5\n",
        "iface stime etime sip dip sport dport bytes account flags\n"
        "e 120 130 10.0.0.1 10.0.0.2 1 2 5 acc S\n"
        "e 120 130 2001:db8::1 10.0.0.2 1 2 5 acc -\n", NULL };
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    joinkit_out(&o, "stime,sip,bytes,account,flags,parts");
    check(&p, &o, t, &s, "100,10.0.0.1,10,,S,2\n120,2001:db8::1,5,acc,,1\n");
}

static void test_overflow(void)
{
    const char *const t[] = { "iface stime etime sip dip sport dport bytes\n"
        "e 100 110 10.0.0.1 10.0.0.2 1 2 18446744073709551615\n"
        "e 111 120 10.0.0.1 10.0.0.2 1 2 18446744073709551615\n"
        "e first first 10.0.0.1 10.0.0.2 1 2 1\n"
        "e last last 10.0.0.1 10.0.0.2 1 2 1\n", NULL };
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    joinkit_out(&o, "bytes,parts,complete");
    check(&p, &o, t, &s, "1,1,unknown\n18446744073709551615,1,cut\n18446744073709551615,1,unknown\n1,1,unknown\n");
}

/* ---- many rows ------------------------------------------------------------------------------- */

static uint64_t rng = 1;

static uint32_t draw(uint32_t n)
{
    rng = rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((rng >> 33) % n);
}

typedef struct row {
    uint32_t time, flow;
    uint8_t state;
} row_t;

#define FLOWS 20000u

/* Begin, some parts and an end for each flow; a tenth of ends or begins is missing. In time order. */
static size_t make_rows(row_t *r)
{
    size_t n = 0;

    rng = 7;
    for (uint32_t f = 0; f < FLOWS; f++) {
        uint32_t at = f / 4, parts = draw(4);

        if (draw(10) != 0)
            r[n++] = (row_t){ at, f, CF_STATE_BEGIN };
        for (uint32_t i = 0; i < parts; i++)
            r[n++] = (row_t){ at += 1 + draw(300), f, CF_STATE_CONTINUE };
        if (draw(10) != 0)
            r[n++] = (row_t){ at + 1 + draw(60), f, CF_STATE_END };
    }
    return n;
}

static int by_time(const void *a, const void *b)
{
    const row_t *x = a, *y = b;

    return x->time != y->time ? (x->time < y->time ? -1 : 1) : (x->flow > y->flow) - (x->flow < y->flow);
}

/* Stitch rows in batches of some size into o. */
static void feed(const cf_stitch_options_t *p, const row_t *r, size_t n, cf_stitch_summary_t *s)
{
    static const char *const names[] = { "iface", "stime", "sip", "dip", "sport", "state", "shape",
                                         "packets", "bytes", "rbytes", "uid" };
    cf_schema_t *schema = cf_schema_create();
    cf_diag_t d = CF_DIAG_INIT;
    cf_stitch_t *e;
    cf_batch_t *b;
    cf_rows_t rows;
    char text[24];

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        CU_ASSERT_FATAL(cf_schema_add(schema, cf_field_find(names[i])) >= 0);
    CU_ASSERT_EQUAL_FATAL(cf_stitch_create(&e, p, &d), CF_OK);
    b = cf_batch_create(schema);
    CU_ASSERT_FATAL(b != NULL && cf_rows_begin(&rows, b) == CF_OK);
    for (size_t i = 0; i < n; i++) {
        uint32_t f = r[i].flow;

        CU_ASSERT_FATAL(cf_rows_set_string(&rows, 0, f & 1 ? "m1" : "m2", 2) == CF_OK);
        cf_rows_set_time(&rows, 1, (int64_t)r[i].time * SEC);
        CU_ASSERT_FATAL(cf_rows_set_addr(&rows, 2, cf_addr_v4(f)) == CF_OK);
        CU_ASSERT_FATAL(cf_rows_set_addr(&rows, 3, cf_addr_v4(f % 100)) == CF_OK);
        cf_rows_set_uint(&rows, 4, f & 0xffff);
        cf_rows_set_uint(&rows, 5, r[i].state);
        cf_rows_set_uint(&rows, 6, CF_SHAPE_EVENT);
        if (r[i].state != CF_STATE_BEGIN) {
            cf_rows_set_uint(&rows, 7, f % 7);
            cf_rows_set_uint(&rows, 8, (uint64_t)f * 1000 + r[i].time);
            cf_rows_set_uint(&rows, 9, r[i].time);
        }
        snprintf(text, sizeof text, "%u-%u", f, r[i].time);
        CU_ASSERT_FATAL(cf_rows_set_string(&rows, 10, text, strlen(text)) == CF_OK);
        cf_rows_commit(&rows);
        if (rows.row >= 2000 + i % 11) {
            cf_rows_end(&rows);
            CU_ASSERT_EQUAL_FATAL(cf_stitch_put(e, b, &d), CF_OK);
            CU_ASSERT_FATAL(cf_rows_begin(&rows, b) == CF_OK);
        }
    }
    cf_rows_end(&rows);
    CU_ASSERT_EQUAL_FATAL(cf_stitch_put(e, b, &d), CF_OK);
    CU_ASSERT_EQUAL_FATAL(cf_stitch_finish(e, &d), CF_OK);
    cf_stitch_summary(e, s);
    cf_stitch_destroy(e);
    cf_batch_destroy(b);
    cf_schema_put(schema);
}

#define MANY "stime,etime,iface,sip,packets,bytes,rbytes,uid,parts,complete"

static void test_many(void)
{
    row_t *r = malloc(6 * FLOWS * sizeof *r);
    size_t n = make_rows(r);
    joinkit_out_t sorted, shuffled;
    cf_stitch_options_t p = preset(&sorted);
    cf_stitch_summary_t s, t;

    qsort(r, n, sizeof *r, by_time);
    joinkit_out(&sorted, MANY);
    feed(&p, r, n, &s);
    CU_ASSERT(agree(&s));
    CFUNIT_INT(s.late + s.unordered + s.cut_memory, 0);
    CU_ASSERT(s.flows <= FLOWS && s.flows > FLOWS / 10 * 9);
    /* shuffled within the time that is waited: the same, byte for byte */
    for (size_t i = 0; i + 1 < n; i++) {
        size_t j = i + draw(200);

        if (j < n && r[j].time < r[i].time + 50) {
            row_t x = r[i];

            r[i] = r[j];
            r[j] = x;
        }
    }
    joinkit_out(&shuffled, MANY);
    p.ctx = &shuffled;
    feed(&p, r, n, &t);
    CFUNIT_INT(t.late, 0);
    CU_ASSERT(strcmp(sorted.text.data, shuffled.text.data) == 0);
    cf_buf_fini(&sorted.text);
    cf_buf_fini(&shuffled.text);
    free(r);
}

/* Interfaces one after the other, each from the begin of the time on: the same again. */
static void test_files(void)
{
    row_t *r = malloc(12 * FLOWS * sizeof *r), *q = r + 6 * FLOWS;
    size_t n = make_rows(r), m = 0;
    joinkit_out_t sorted, files;
    cf_stitch_options_t p = preset(&sorted);
    cf_stitch_summary_t s;

    qsort(r, n, sizeof *r, by_time);
    joinkit_out(&sorted, MANY);
    feed(&p, r, n, &s);
    for (uint32_t odd = 0; odd < 2; odd++)
        for (size_t i = 0; i < n; i++)
            if ((r[i].flow & 1) == odd)
                q[m++] = r[i];
    joinkit_out(&files, MANY);
    p.ctx = &files;
    feed(&p, q, m, &s);
    CFUNIT_INT(s.late + s.unordered + s.cut_memory, 0);
    CU_ASSERT(strcmp(sorted.text.data, files.text.data) == 0);
    cf_buf_fini(&sorted.text);
    cf_buf_fini(&files.text);
    free(r);
}

static void test_memory(void)
{
    row_t *r = malloc(6 * FLOWS * sizeof *r);
    size_t n = make_rows(r);
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    qsort(r, n, sizeof *r, by_time);
    /* enough for what is open at a time, not for all: nothing is cut, the order is kept */
    p.memory = 6u << 20;
    joinkit_out(&o, MANY);
    feed(&p, r, n, &s);
    CU_ASSERT(agree(&s));
    CFUNIT_INT(s.cut_memory, 0);
    CFUNIT_INT(o.rows, s.flows);
    cf_buf_fini(&o.text);
    /* not even for that: cut, and the sums are right still */
    p.memory = 1u << 20;
    joinkit_out(&o, MANY);
    feed(&p, r, n, &s);
    CU_ASSERT(agree(&s));
    CU_ASSERT(s.cut_memory > 0);
    CFUNIT_INT(s.complete[CF_COMPLETE_CUT], s.cut_memory);
    CFUNIT_INT(o.rows, s.flows);
    cf_buf_fini(&o.text);
    free(r);
}

/* One key only, and a thousand interfaces: lists and clocks stay short. */
static void test_hostile(void)
{
    row_t *r = malloc(6 * FLOWS * sizeof *r);
    joinkit_out_t o;
    cf_stitch_options_t p = preset(&o);
    cf_stitch_summary_t s;

    for (uint32_t i = 0; i < 6 * FLOWS; i++)
        r[i] = (row_t){ draw(100), 1, (uint8_t)draw(3) };
    p.memory = 1u << 20;
    joinkit_out(&o, MANY);
    feed(&p, r, 6 * FLOWS, &s);
    CU_ASSERT(agree(&s));
    CU_ASSERT(s.late > 0);
    cf_buf_fini(&o.text);
    free(r);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_events), CFUNIT(test_order), CFUNIT(test_rule), CFUNIT(test_windows), CFUNIT(test_active),
    CFUNIT(test_biflow), CFUNIT(test_biflow_reporters), CFUNIT(test_biflow_events),
    CFUNIT(test_pass), CFUNIT(test_columns),
    CFUNIT(test_overflow), CFUNIT(test_many), CFUNIT(test_files), CFUNIT(test_memory), CFUNIT(test_hostile),
    { NULL, NULL }
};
CFUNIT_MAIN("stitch", tests)
