/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The aws-vpc reader through its contract: what each form of log gives, what is rejected and why,
 * and that the same bytes give the same rows and dictionaries whatever the size of the pieces they
 * come in and with or without wide instructions.
 */
#include "cfunit.h"

#include <inttypes.h>

#include "../../plugins/readers/aws-vpc/aws.h"
#include "input/layer.h"

extern const cf_plugin_t CF_PLUGIN_SYMBOL(aws_vpc);

#define V2 "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets " \
    "bytes start end action log-status\n"
#define ROW "2 111122223333 eni-0a1b2c3d 10.0.0.5 203.0.113.9 40122 443 6 12 5120 1700000001 " \
    "1700000044 ACCEPT OK\n"

static int put_text(char *out, const char *text)
{
    size_t n = strlen(text);

    memcpy(out, text, n);
    return (int)n;
}

typedef struct result {
    cf_buf_t rows;             /* one line a row, "field=value" */
    cf_buf_t dicts;            /* dictionaries of all batches */
    cf_account_t account;
    cf_rejects_t rejects;
    cf_diag_t diag;
    int rc;                    /* CF_EOF or the error that ended it */
    uint32_t batches;
} result_t;

static void put_value(cf_buf_t *out, const cf_field_t *f, const cf_vec_t *v, uint32_t row)
{
    char text[64];
    const char *s;
    uint32_t len;
    int rc;

    switch (f->kind) {
    case CF_KIND_TIME:
        rc = cf_buf_putf(out, "%" PRId64, cf_vec_time(v, row) / CF_NS_PER_SEC);
        break;
    case CF_KIND_ADDR:
        rc = cf_buf_put(out, text, cf_addr_print(text, cf_vec_addr(v, row)));
        break;
    case CF_KIND_STRING:
        s = cf_vec_string(v, row, &len);
        rc = cf_buf_put(out, s, len);
        break;
    case CF_KIND_ENUM:
        rc = cf_buf_puts(out, f->names[cf_vec_uint(v, row)]);
        break;
    default:
        rc = cf_buf_putf(out, "%" PRIu64, cf_vec_uint(v, row));
    }
    CU_ASSERT_FATAL(rc == CF_OK);
}

static void dump(result_t *r, const cf_batch_t *b)
{
    uint32_t row, i, code, len;

    for (row = 0; row < b->rows; row++) {
        for (i = 0; i < b->ncols; i++) {
            const cf_field_t *f = cf_schema_field(b->schema, i);

            if (strcmp(f->name, "shape") == 0 || strcmp(f->name, "counts") == 0 || strcmp(f->name,
                    "bytekind") == 0)
                continue;
            if (cf_vec_is_null(&b->cols[i], row))
                continue;
            CU_ASSERT_FATAL(cf_buf_putf(&r->rows, "%s=", f->name) == CF_OK);
            put_value(&r->rows, f, &b->cols[i], row);
            CU_ASSERT_FATAL(cf_buf_puts(&r->rows, " ") == CF_OK);
        }
        r->rows.data[r->rows.len - 1] = '\n';
    }
    for (i = 0; i < b->ncols; i++) {
        CU_ASSERT_FATAL(cf_buf_putf(&r->dicts, "%s %u:", cf_schema_field(b->schema, i)->name,
                                    b->cols[i].width) == CF_OK);
        for (code = 0; code < b->cols[i].dict.count; code++) {
            const char *s = cf_dict_text(&b->cols[i].dict, code, &len);

            CU_ASSERT_FATAL(cf_buf_put(&r->dicts, s, len) == CF_OK && cf_buf_puts(&r->dicts,
                    " ") == CF_OK);
        }
        CU_ASSERT_FATAL(cf_buf_puts(&r->dicts, "\n") == CF_OK);
    }
}

typedef struct how {
    size_t chunk;
    const char *format;
    bool drop_unknown, plain;
    bool (*wanted)(void *ctx, const cf_field_t *f, const char *name);
} how_t;

static void read_bytes(result_t *r, const void *bytes, size_t n, const how_t *how)
{
    const cf_reader_ops_t *ops = CF_PLUGIN_SYMBOL(aws_vpc).ops;
    cf_setting_value_t v[2] = { { .set = how->format != NULL, .text = how->format },
                                { .set = true, .number = how->drop_unknown, .text = "keep" } };
    cf_reader_env_t env = { .name = "test", .settings = v, .rejects = &r->rejects,
                            .account = &r->account,
                            .wanted = how->wanted };
    cf_schema_t *empty = cf_schema_create();
    cf_batch_t *b = cf_batch_create(empty);
    cf_input_t *in = NULL;
    void *state = NULL;

    memset(r, 0, sizeof *r);
    cf_buf_init(&r->rows, 256u << 20);
    cf_buf_init(&r->dicts, 256u << 20);
    CU_ASSERT_FATAL(cf_buf_puts(&r->rows, "") == CF_OK);
    cf_account_init(&r->account);
    cf_rejects_init(&r->rejects, &r->account);
    CU_ASSERT_FATAL(cfi_input_open_chunked(&in, "test", bytes, n, how->chunk, 0, NULL) == CF_OK);
    CU_ASSERT_FATAL(ops->open(&state, &env, &r->diag) == CF_OK);
    if (how->plain)
        ((aws_t *)state)->avx2 = false;
    while ((r->rc = ops->read(state, in, b, &r->diag)) == CF_OK) {
        r->batches += b->rows > 0;
        dump(r, b);
        b->rows = 0;
    }
    ops->close(state);
    cf_input_close(in);
    cf_batch_destroy(b);
    cf_schema_put(empty);
}

static void read_text(result_t *r, const char *text)
{
    how_t how = { 0 };

    read_bytes(r, text, strlen(text), &how);
}

static void done(result_t *r)
{
    cf_buf_fini(&r->rows);
    cf_buf_fini(&r->dicts);
}

/* The text gives these rows, so many rejects, and ends well. */
static void expect(const char *text, const char *rows, unsigned rejects)
{
    result_t r;

    read_text(&r, text);
    CFUNIT_INT(r.rc, CF_EOF);
    CFUNIT_STR(r.rows.data, rows);
    CFUNIT_INT(cf_account_rejected(&r.account), rejects);
    CFUNIT_INT(r.account.rows_read, r.account.rows_kept + rejects);
    done(&r);
}

#define ROW_OUT "stime=1700000001 etime=1700000044 sip=10.0.0.5 dip=203.0.113.9 sport=40122 " \
    "dport=443 proto=6 packets=12 bytes=5120 action=accept logstatus=ok iface=eni-0a1b2c3d " \
    "account=111122223333 version=2 provider=aws\n"

static void test_default_format(void)
{
    expect(V2 ROW, ROW_OUT, 0);
    expect(ROW, ROW_OUT, 0);
    expect("\xef\xbb\xbf" V2 "\r\n\n" ROW "\n", ROW_OUT, 0);
    expect(ROW V2 ROW, ROW_OUT ROW_OUT, 0);
    expect("2026-01-02T03:04:05.000Z " ROW "2026-01-02T03:04:05Z " ROW, ROW_OUT ROW_OUT, 0);
    expect("2 111122223333  eni-0a1b2c3d 10.0.0.5 203.0.113.9 40122 443 6 12 5120 1700000001 "
           "1700000044 ACCEPT OK  \r\n",
           ROW_OUT, 0);
    expect("Permission Check Successful", "", 0);
    expect("", "", 0);
}

static void test_transit_gateway(void)
{
    /* Without a header, by number of values and the second of them. */
    expect("6 TransitGateway 111122223333 tgw-0a tgw-attach-0b 111122223333 444455556666 vpc-0a vpc-0b "
           "subnet-0a subnet-0b eni-0a eni-0b euw1-az1 euw1-az2 tgw-attach-0c 10.0.0.5 10.1.0.9 40122 "
           "443 6 12 5120 1700000001 1700000044 OK IPv4 1 2 3 4 26 eu-west-1 ingress - S3\n"
           "6 TransitGateway 111122223333 tgw-0a tgw-attach-0b - - - - - - - - - - - - - - - - - - "
           "1700000001 1700000061 NODATA - - - - - - - - - -\n",
           "stime=1700000001 etime=1700000044 sip=10.0.0.5 dip=10.1.0.9 sport=40122 dport=443 proto=6 "
           "packets=12 bytes=5120 flags=26 logstatus=ok direction=ingress type=IPv4 dstservice=S3 "
           "lost_no_route=1 lost_blackhole=2 lost_mtu=3 lost_ttl=4 account=111122223333 "
           "region=eu-west-1 resource_type=TransitGateway tgw=tgw-0a tgw_attachment=tgw-attach-0b "
           "tgw_pair_attachment=tgw-attach-0c tgw_src_account=111122223333 "
           "tgw_dst_account=444455556666 tgw_src_vpc=vpc-0a tgw_dst_vpc=vpc-0b "
           "tgw_src_subnet=subnet-0a tgw_dst_subnet=subnet-0b tgw_src_iface=eni-0a "
           "tgw_dst_iface=eni-0b tgw_src_zone=euw1-az1 tgw_dst_zone=euw1-az2 version=6 "
           "provider=aws\n"
           "stime=1700000001 etime=1700000061 logstatus=nodata account=111122223333 "
           "resource_type=TransitGateway tgw=tgw-0a tgw_attachment=tgw-attach-0b version=6 "
           "provider=aws\n", 0);
}

/* Fields of versions 3 to 11 that no other test names. */
static void test_newer_fields(void)
{
    expect("vpc-id subnet-id instance-id az-id sublocation-type sublocation-id pkt-src-aws-service "
           "ecs-cluster-name ecs-second-container-id ecs-task-id reject-reason resource-id "
           "encryption-status instance-tag-2 asg-tag interface-type next-hop-interface-id "
           "next-hop-az-id next-hop-interface-type version interface-id\n"
           "vpc-0 subnet-0 i-0 use2-az2 outpost op-0 AMAZON c t2 t BPA nat-0 3 a%20b - vpc_endpoint "
           "eni-1 use2-az1 nat_gateway 11 -\n",
           "reason=BPA srcservice=AMAZON encryption=3 instance=i-0 subnet=subnet-0 vpc=vpc-0 "
           "zone=use2-az2 sublocation_type=outpost sublocation=op-0 resource=nat-0 "
           "interface_type=vpc_endpoint nexthop_iface=eni-1 nexthop_zone=use2-az1 "
           "nexthop_type=nat_gateway ecs_cluster=c ecs_container2=t2 ecs_task=t instance_tag2=a%20b "
           "version=11 provider=aws\n", 0);
}

static void test_status_rows(void)
{
    expect(V2 "2 111122223333 eni-1 - - - - - - - 1431280876 1431280934 - NODATA\n"
           "2 111122223333 eni-2 - - - - - - - 1431280876 1431280934 - SKIPDATA\n"
           "2 111122223333 eni-2 10.0.0.1 10.0.0.2 1 2 6 7 8 1431280876 1431280934 ACCEPT NODATA\n",
           "stime=1431280876 etime=1431280934 logstatus=nodata iface=eni-1 account=111122223333 "
           "version=2 provider=aws\n"
           "stime=1431280876 etime=1431280934 logstatus=skipdata iface=eni-2 "
           "account=111122223333 version=2 provider=aws\n"
           "stime=1431280876 etime=1431280934 sip=10.0.0.1 dip=10.0.0.2 sport=1 dport=2 proto=6 "
           "action=accept "
           "logstatus=nodata iface=eni-2 account=111122223333 version=2 provider=aws\n", 0);
    /* Without log-status a record without source, protocol and packets is one. */
    expect("interface-id srcaddr packets\neni-1 10.0.0.1 5\neni-1 - -\neni-1 - 0\n",
           "sip=10.0.0.1 packets=5 iface=eni-1 provider=aws\niface=eni-1 provider=aws "
           "logstatus=nodata\n"
           "packets=0 iface=eni-1 provider=aws\n", 0);
}

/* One value of one field, in a format of its own. */
static void expect_value(const char *name, const char *value, const char *rows, unsigned rejects)
{
    char text[700];

    snprintf(text, sizeof text, "interface-id %s srcport\neni-1 %s 7\n", name, value);
    expect(text, rows, rejects);
    /* The same in the middle of a block, where the fast way takes it. */
    {
        cf_buf_t many, want;
        int i, rc = CF_OK;

        cf_buf_init(&many, 1u << 20);
        cf_buf_init(&want, 1u << 20);
        rc |= cf_buf_putf(&many, "interface-id %s srcport\n", name) | cf_buf_puts(&want, "");
        for (i = 0; i < 40; i++)
            rc |= cf_buf_putf(&many, "eni-1 %s 7\n", value) | cf_buf_puts(&want, rows);
        CU_ASSERT(rc == CF_OK);
        expect(many.data, want.data, 40 * rejects);
        cf_buf_fini(&many);
        cf_buf_fini(&want);
    }
}

static void good(const char *name, const char *value, const char *shown)
{
    char rows[700];

    snprintf(rows, sizeof rows, "%s%s\n", shown, " provider=aws");
    expect_value(name, value, rows, 0);
}

static void test_addresses(void)
{
    static const char *const v4[] = { "0.0.0.0", "255.255.255.255", "1.2.3.4", "10.200.3.40",
                                      "100.99.10.9", "9.10.99.100",
                                      "192.168.100.200", NULL };
    static const char *const v6[] = { "::", "::1", "2001:db8::1", "fe80::1:2:3:4",
                                      "2001:db8:1:2:3:4:5:6", NULL };
    static const char *const bad[] = { "256.1.1.1", "1.2.3", "1.2.3.4.5", "1..2.3", ".1.2.3",
                                       "1.2.3.", "01.2.3.4",
                                       "1.2.3.04", "1.2.3.4x", "1.2.3.x", "1.2.3.-4",
                                               "300.300.300.300", "1:2", "g::1",
                                       "1.2.3.0004", "1/2.3.4", "1.2.3:4", "00.0.0.0", "12345::",
                                               NULL };
    char shown[100];
    int i;

    for (i = 0; v4[i] != NULL; i++) {
        snprintf(shown, sizeof shown, "sport=7 pktsip=%s iface=eni-1", v4[i]);
        good("pkt-srcaddr", v4[i], shown);
    }
    for (i = 0; v6[i] != NULL; i++) {
        snprintf(shown, sizeof shown, "sport=7 pktsip=%s iface=eni-1", v6[i]);
        good("pkt-srcaddr", v6[i], shown);
    }
    good("pkt-srcaddr", "::ffff:10.0.0.1", "sport=7 pktsip=10.0.0.1 iface=eni-1");
    good("pkt-srcaddr", "-", "sport=7 iface=eni-1");
    for (i = 0; bad[i] != NULL; i++)
        expect_value("pkt-srcaddr", bad[i], "", 1);
}

static void test_numbers(void)
{
    static const struct { const char *name, *ours, *ok, *bad; } cases[] = {
        { "protocol", "proto", "0 1 6 17 255", "256 999 -1 1.0 x 6x +6 99999999999999999999" },
        { "traffic-path", "path", "1 8 255", "256 8a" },
        { "encryption-status", "encryption", "0 3", "300 three" },
        { "tcp-flags", "flags", "0 2 18 19 65535", "65536 SYN" },
        { "dstport", "dport", "0 1 80 443 8080 65535", "65536 70000 123456789 -5" },
        { "packets", "packets",
          "0 9 12345678 123456789 1234567890123456 12345678901234567 18446744073709551615",
          "18446744073709551616 99999999999999999999999 1e3 1.5 12345678x 1234567x "
          "123456789012345x" },
        { "bytes", "bytes", "0 99999999 100000000 9999999999999999", "0x10 9,9 --" },
        { NULL, NULL, NULL, NULL }
    };
    int i;

    for (i = 0; cases[i].name != NULL; i++) {
        char list[200], rows[200], *value, *rest;

        snprintf(list, sizeof list, "%s", cases[i].ok);
        for (value = strtok_r(list, " ", &rest); value != NULL; value = strtok_r(NULL, " ",
                &rest)) {
            snprintf(rows, sizeof rows, "sport=7 %s=%s iface=eni-1", cases[i].ours, value);
            good(cases[i].name, value, rows);
        }
        snprintf(list, sizeof list, "%s", cases[i].bad);
        for (value = strtok_r(list, " ", &rest); value != NULL; value = strtok_r(NULL, " ", &rest))
            expect_value(cases[i].name, value, "", 1);
    }
}

static void test_times(void)
{
    good("start", "0", "stime=0 sport=7 iface=eni-1");
    good("start", "999999999", "stime=999999999 sport=7 iface=eni-1");
    good("start", "1700000000", "stime=1700000000 sport=7 iface=eni-1");
    good("start", "9223372035", "stime=9223372035 sport=7 iface=eni-1");
    good("start", "-", "sport=7 iface=eni-1");
    expect_value("start", "9223372036", "", 1);
    expect_value("start", "1700000000000", "", 1);
    expect_value("start", "17000000.5", "", 1);
    expect_value("start", "2026-01-01", "", 1);
    expect("start end srcport\n10 9 1\n10 10 2\n- 5 3\n5 - 4\n",
           "stime=10 etime=10 sport=2 provider=aws\n"
           "etime=5 sport=3 provider=aws\nstime=5 sport=4 provider=aws\n", 1);
}

static void test_words(void)
{
    good("action", "ACCEPT", "sport=7 action=accept iface=eni-1");
    good("action", "REJECT", "sport=7 action=reject iface=eni-1");
    good("action", "Accepted", "sport=7 action=accept iface=eni-1");
    good("action", "-", "sport=7 iface=eni-1");
    good("flow-direction", "ingress", "sport=7 direction=ingress iface=eni-1");
    good("flow-direction", "egress", "sport=7 direction=egress iface=eni-1");
    expect_value("action", "ACCEP", "", 1);
    expect_value("action", "ACCEPTX", "", 1);
    expect_value("action", "DROP", "", 1);
    expect_value("log-status", "SKIPDATAX", "", 1);
    expect_value("log-status", "ok1", "", 1);
}

static void test_strings(void)
{
    char value[400], shown[500];
    int n;

    for (n = 2; n < 300; n += n < 40 ? 1 : 37) {
        memset(value, 'a', sizeof value);
        value[0] = 'x';
        value[n / 2] = 'b';
        value[n - 1] = 'z';
        value[n] = '\0';
        snprintf(shown, sizeof shown, "sport=7 iface=eni-1 vpc=%s", value);
        good("vpc-id", value, shown);
    }
    good("vpc-id", "z", "sport=7 iface=eni-1 vpc=z");
    good("account-id", "29nnnnnnnn55", "sport=7 iface=eni-1 account=29nnnnnnnn55");
    good("instance-tag", "a%20b", "sport=7 iface=eni-1 instance_tag=a%20b");
    /* Texts that differ only where the memo does not look at once. */
    expect("interface-id srcport\neni-00000000000000000000A00000000000000000000 1\n"
           "eni-00000000000000000000B00000000000000000000 2\n",
           "sport=1 iface=eni-00000000000000000000A00000000000000000000 provider=aws\n"
           "sport=2 iface=eni-00000000000000000000B00000000000000000000 provider=aws\n", 0);
}

static void test_unknown_fields(void)
{
    static const char text[] = "version security-groups srcaddr duration srcport\n2 sg-1,sg-2 "
        "10.0.0.1 5 80\n2 - 10.0.0.2 - 81\n";
    how_t drop = { .drop_unknown = true };
    result_t r;

    expect(text,
           "sip=10.0.0.1 sport=80 version=2 provider=aws security-groups=sg-1,sg-2 aws_duration=5\n"
           "sip=10.0.0.2 sport=81 version=2 provider=aws\n", 0);
    read_bytes(&r, text, sizeof text - 1, &drop);
    CFUNIT_STR(r.rows.data,
               "sip=10.0.0.1 sport=80 version=2 provider=aws\nsip=10.0.0.2 sport=81 version=2 "
               "provider=aws\n");
    done(&r);
}

static void test_csv(void)
{
    expect("srcaddr,dst_port,Log_Status,vpc_id\n10.0.0.1,80,OK,-\n"
           "\"10.0.0.2\",\"81\",OK,\"vpc-1\"\n10.0.0.3,,OK,vpc-2\n",
           "sip=10.0.0.1 logstatus=ok provider=aws dst_port=80\n"
           "sip=10.0.0.2 logstatus=ok vpc=vpc-1 provider=aws dst_port=81\n"
           "sip=10.0.0.3 logstatus=ok vpc=vpc-2 provider=aws\n", 0);
    expect("srcaddr, srcport\n10.0.0.1, 5\n", "sip=10.0.0.1 sport=5 provider=aws\n", 0);
    expect("srcaddr\tsrcport\n10.0.0.1\t5\n", "sip=10.0.0.1 sport=5 provider=aws\n", 0);
}

static void test_formats(void)
{
    how_t how = { .format = "${srcport} ${srcaddr} ${future-field}" };
    result_t r;

    read_bytes(&r, "80 10.0.0.1 x\n", 14, &how);
    CFUNIT_INT(r.rc, CF_EOF);
    CFUNIT_STR(r.rows.data, "sip=10.0.0.1 sport=80 provider=aws future-field=x\n");
    done(&r);
    how.format = "srcport,srcaddr";
    read_bytes(&r, "80 10.0.0.1\n", 12, &how);
    CFUNIT_STR(r.rows.data, "sip=10.0.0.1 sport=80 provider=aws\n");
    done(&r);
    /* A header knows better. */
    read_bytes(&r, "srcaddr srcport\n10.0.0.1 80\n", 28, &how);
    CFUNIT_STR(r.rows.data, "sip=10.0.0.1 sport=80 provider=aws\n");
    done(&r);
    /* The format changes in the middle. */
    expect("srcaddr srcport\n10.0.0.1 80\nsrcaddr dstport\n10.0.0.2 443\nsrcaddr srcport\n"
           "10.0.0.3 81\n",
           "sip=10.0.0.1 sport=80 provider=aws\nsip=10.0.0.2 dport=443 provider=aws\n"
           "sip=10.0.0.3 sport=81 provider=aws\n", 0);
    read_text(&r, "srcaddr srcport srcaddr\n");
    CFUNIT_INT(r.rc, CF_E_FORMAT);
    done(&r);
}

static void test_refusal(void)
{
    result_t r;

    read_text(&r, "7 1 eni-1 a b c\n7 2 eni-1 a b c\n");
    CFUNIT_INT(r.rc, CF_E_DETECT);
    CU_ASSERT(strstr(r.diag.text, "--set format=") != NULL);
    CFUNIT_INT(r.account.rejected[CF_R_FIELDS - CF_R_FIELDS], 2);
    done(&r);
    /* Rubbish first, the default format then. */
    expect("garbage line\n" ROW, ROW_OUT, 1);
}

static void test_rejects(void)
{
    static const char text[] = V2 ROW "2 111122223333 eni-1 10.0.0.5 203.0.113.9 40122 443 6 12 "
        "5120 1700000001 1700000044 ACCEPT\n"
        "2 111122223333 eni-1 10.0.0.5 203.0.113.9 70000 443 6 12 5120 1700000001 1700000044 "
        "ACCEPT OK\n"
        "2 111122223333 eni-1 10.0.0.5 203.0.113.9 40122 443 6 12 5120 1700000044 1700000001 "
        "ACCEPT OK\n"
        "2 111122223333 eni-\x01 10.0.0.5 203.0.113.9 40122 443 6 12 5120 1700000001 1700000044 "
        "ACCEPT OK\n"
        "2 111122223333 eni-1 10.0.0 203.0.113.9 40122 443 6 12 5120 1700000001 1700000044 "
        "ACCEPT OK\n" ROW;
    result_t r;

    read_text(&r, text);
    CFUNIT_STR(r.rows.data, ROW_OUT ROW_OUT);
    CFUNIT_INT(r.rejects.shown, 5);
    CFUNIT_INT(r.rejects.first[0].code, CF_R_FIELDS);
    CFUNIT_INT(r.rejects.first[0].line, 3);
    CFUNIT_INT(r.rejects.first[0].offset, strlen(V2 ROW));
    CFUNIT_STR(r.rejects.first[0].reason, "13 values instead of 14");
    CFUNIT_STR(r.rejects.first[1].reason, "srcport 70000 is above 65535");
    CFUNIT_STR(r.rejects.first[2].reason, "end is before start");
    CFUNIT_INT(r.rejects.first[2].line, 5);
    CFUNIT_STR(r.rejects.first[3].reason, "line holds control characters");
    CU_ASSERT(strstr(r.rejects.first[3].excerpt, "eni-\\x01") != NULL);
    CFUNIT_STR(r.rejects.first[4].reason, "srcaddr \"10.0.0\" is not an address");
    CFUNIT_INT(r.account.tmin / CF_NS_PER_SEC, 1700000001);
    CFUNIT_INT(r.account.headers, 1);
    CFUNIT_INT(r.account.bytes, sizeof text - 1);
    done(&r);
}

static void test_long_and_odd_lines(void)
{
    size_t size = 1u << 20;
    char *text = malloc(size + 1000);
    how_t how = { 0 };
    result_t r;
    size_t at;

    at = (size_t)put_text(text, V2 ROW);
    memset(text + at, 'x', size);
    at += size;
    at += (size_t)put_text(text + at, "\n" ROW);
    text[at++] = '2';
    text[at++] = '\0';
    text[at++] = '\n';
    at += (size_t)put_text(text + at, ROW);
    for (how.chunk = 0; how.chunk < 200000; how.chunk = how.chunk * 7 + 5000) {
        read_bytes(&r, text, at, &how);
        CFUNIT_STR(r.rows.data, ROW_OUT ROW_OUT ROW_OUT);
        CFUNIT_INT(r.account.rejected[CF_R_FIELDS - CF_R_LONG], 1);
        CFUNIT_INT(r.account.rejected[CF_R_FIELDS - CF_R_BYTES], 1);
        CFUNIT_INT(r.rejects.first[0].line, 3);
        CFUNIT_INT(r.rejects.first[1].line, 5);
        done(&r);
    }
    free(text);
}

/* ---- JSON --------------------------------------------------------------------------------- */

#define LINE "2 111122223333 eni-0a1b2c3d 10.0.0.5 203.0.113.9 40122 443 6 12 5120 1700000001 " \
    "1700000044 ACCEPT OK"

static void test_json_wrappers(void)
{
    expect("{\"message\":\"" LINE "\"}", ROW_OUT, 0);
    expect("{\"message\":\"" LINE "\\n\"}\n{\"message\":\"" LINE "\"}", ROW_OUT ROW_OUT, 0);
    expect("{\"message\":\"" LINE "\"}{\"_raw\":\"" LINE "\"}{\"body\":\"" LINE "\"}",
           ROW_OUT ROW_OUT ROW_OUT, 0);
    expect("{\"events\":[{\"logStreamName\":\"eni-1-all\",\"timestamp\":1,"
           "\"message\":\"" LINE "\",\"eventId\":\"2\"}]}", ROW_OUT, 0);
    expect("{\"message\":\"" LINE "\",\"event\":{\"original\":\"" LINE "\"}}", ROW_OUT, 0);
    expect("{\"event\":{\"original\":\"" LINE "\"},\"message\":\"" LINE "\"}", ROW_OUT, 0);
    expect("[{\"event.original\":\"" LINE "\"},{\"message\":\"not a "
           "record\",\"_raw\":\"" LINE "\"}]", ROW_OUT ROW_OUT, 0);
    expect("{\"message\":\"{\\\"message\\\":\\\"" LINE "\\\"}\\n\"}", ROW_OUT, 0);
    expect("{\"message\":\"" LINE "\\n" LINE "\\n\"}", ROW_OUT ROW_OUT, 0);
    expect("[\"" LINE "\",\"" LINE "\"]", ROW_OUT ROW_OUT, 0);
    expect("{\"messageType\":\"DATA_MESSAGE\",\"subscriptionFilters\":[\"x\"],"
           "\"logEvents\":[{\"id\":\"1\",\"message\":\"" LINE
           "\"}]}{\"messageType\":\"CONTROL_MESSAGE\",\"logEvents\":[{\"message\":\"" LINE "\"}]}",
                   ROW_OUT, 0);
    expect("{\"logEvents\":[{\"message\":\"CWL CONTROL MESSAGE: Checking health of destination "
           "Kinesis stream.\"}],"
           "\"messageType\":\"CONTROL_MESSAGE\"}", "", 0);
    expect("[{\"_raw\":\"version srcaddr srcport\"},{\"_raw\":\"2 10.0.0.1 80\"}]",
           "sip=10.0.0.1 sport=80 version=2 provider=aws\n", 0);
    expect("{\"hits\":{\"hits\":[{\"_source\":{\"message\":\"" LINE "\"}}]}}", ROW_OUT, 0);
}

static void test_json_payloads(void)
{
    /* base64 of gzip of an envelope with one record, made with gzip -n and base64. */
    static const char packed[] =
        "H4sIAAAAAAACA02OzQrCMBCEX2XZs0o2iYreilYPIgrtTUSqxhKwPyRREfHd3aiIE8Im3wzDPrAy3helye+twTHgNMmT3TLNsmSe"
        "YgewudXGRYPi79yUc9dc2gjKL8iCM0UViY/EX/b+4GwbbFPP7DkY59nb4Am3n3x6NXV4swfa4686WN4kFFXspqH4iPiy990xZiUQ"
        "S7IUC0xtu6KgvTyoI5DoxdMHKRRPItUbgRacBq0VDIAk9EmKv/7fU2tIJpN0ncNqgc/t8wUDJsGBGQEAAA==";
    cf_buf_t text;

    cf_buf_init(&text, 1u << 20);
    CFUNIT_INT(cf_buf_putf(&text, "{\"awslogs\":{\"data\":\"%s\"}}", packed), CF_OK);
    expect(text.data, ROW_OUT, 0);
    text.len = 0;
    CFUNIT_INT(cf_buf_putf(&text,
                           "{\"Records\":[{\"kinesis\":{\"data\":\"%s\"}},{\"kinesis\":{\"data\":\"%s\"}}]}", packed,
                           packed), CF_OK);
    expect(text.data, ROW_OUT ROW_OUT, 0);
    text.len = 0;
    CFUNIT_INT(cf_buf_putf(&text, "{\"records\":[{\"recordId\":\"1\",\"data\":\"%s\"}]}", packed),
               CF_OK);
    expect(text.data, ROW_OUT, 0);
    expect("{\"awslogs\":{\"data\":\"####\"}}", "", 1);
    /* cut */
    text.len = 0;
    CFUNIT_INT(cf_buf_putf(&text, "{\"awslogs\":{\"data\":\"%.60s\"}}", packed), CF_OK);
    expect(text.data, "", 1);
    cf_buf_fini(&text);
}

static void test_json_objects(void)
{
    expect("{\"version\":\"2\",\"srcaddr\":\"10.0.0.1\",\"src_port\":1,\"dstport\":443,"
           "\"packets\":\"-\",\"bytes\":null}\n"
           "{\"srcaddr\":\"10.0.0.2\",\"dstport\":80,\"packets\":3,\"interface_id\":\"eni-1\",\"host\":\"h\"}\n",
           "sip=10.0.0.1 dport=443 version=2 provider=aws src_port=1\n"
           "sip=10.0.0.2 dport=80 packets=3 iface=eni-1 provider=aws host=h\n", 0);
    expect("{\"srcaddr\":\"10.0.0.2\",\"dstport\":99999,\"packets\":3}\n", "", 1);
    /* Lines and objects in one input. */
    expect("{\"message\":\"" LINE "\"}\n"
           "{\"srcaddr\":\"10.0.0.2\",\"dstport\":80,\"packets\":3}\n{\"message\":\"" LINE "\"}",
           ROW_OUT "sip=10.0.0.2 dport=80 packets=3 provider=aws\n" ROW_OUT, 0);
    /* Objects that are no rows. */
    expect("{\"host\":\"h\",\"region\":\"r\",\"type\":\"t\"}", "", 0);
}

static void test_json_broken(void)
{
    result_t r;

    expect("{\"message\":\"" LINE "\"}\n{\"message\" \"x\"}\n{\"message\":\"" LINE "\"}\n",
           ROW_OUT ROW_OUT, 1);
    read_text(&r, "{\"message\":\"" LINE "\"}{\"message\":\"" LINE);
    CFUNIT_INT(r.rc, CF_E_TRUNC);
    CFUNIT_STR(r.rows.data, ROW_OUT);
    done(&r);
    read_text(&r, "{\"message\":\"" LINE "\"}}{\"message\":\"" LINE "\"}");
    CFUNIT_INT(r.rc, CF_E_FORMAT);
    CFUNIT_STR(r.rows.data, ROW_OUT);
    done(&r);
    /* Text in a record's place that is none. */
    expect("{\"message\":\"" LINE "\"}\n{\"message\":\"hello\"}", ROW_OUT, 1);
}

/* ---- the same whatever the pieces --------------------------------------------------------- */

static uint32_t next_random(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 8;
}

/* A log with everything in it: addresses of both kinds, nulls, faults, headers, odd lines. */
static char *make_log(uint32_t rows, size_t *n)
{
    char *text = malloc((size_t)rows * 400 + 1000), one[400];
    uint32_t x = 99, i;
    size_t at = 0;

    at += (size_t)put_text(text,
                           "version vpc-id interface-id type srcaddr dstaddr srcport protocol "
                           "packets bytes start end action "
                              "log-status flow-direction note\n");
    for (i = 0; i < rows; i++) {
        uint32_t k = next_random(&x) % 100, v = next_random(&x), w = next_random(&x);
        const char *eol = k == 7 ? "\r\n" : "\n";

        if (k == 0)
            snprintf(one, sizeof one,
                     "5 vpc-%u eni-%u - - - - - - - 1700000000 1700000060 - %s - -\n", v % 3,
                             v % 99,
                     v & 1 ? "NODATA" : "SKIPDATA");
        else if (k == 1)
            snprintf(one, sizeof one, "5 vpc-%u broken\n", v);
        else if (k == 2)
            snprintf(one, sizeof one,
                     "5 vpc-%u eni-%u IPv4 10.0.0.1 10.0.0.%u 1 %u 1 1 1700000000 17 ACCEPT OK "
                     "egress n%u\n",
                     v % 5, v % 999, v % 300, w % 300, w);
        else if (k == 3 && i % 3 == 0)
            snprintf(one, sizeof one, "%s",
                     "version vpc-id interface-id type srcaddr dstaddr srcport protocol packets "
                     "bytes "
                     "start end action log-status flow-direction note\n");
        else if (k == 4)
            snprintf(one, sizeof one, "\n");
        else if (k == 5 && rows > 1000 && i > rows / 2)
            snprintf(one, sizeof one,
                     "5 vpc-%u eni-%u IPv6 2001:db8::%x fe80::%x 1 6 1 1 1700000000 1700000001 "
                     "REJECT OK "
                     "ingress note-%u\n", v % 5, v % 99, v, w, w % 7);
        else
            snprintf(one, sizeof one,
                     "5 vpc-%u eni-%08x IPv4 10.%u.%u.%u 192.168.%u.9 %u 6 %u %u %u %u ACCEPT "
                     "OK %s a-rather-long-note-%u%s",
                     v % 5, v % 500, v % 256, w % 256, v % 199, w % 99, v % 65536, w % 1000, w,
                             1700000000 + w % 1000,
                     1700001000 + v % 1000, v & 1 ? "egress" : "ingress", w % 3000, eol);
        at += (size_t)put_text(text + at, one);
    }
    *n = at;
    return text;
}

static void same_result(const result_t *a, const result_t *b)
{
    CU_ASSERT(a->rc == b->rc && a->batches == b->batches);
    CU_ASSERT(a->rows.len == b->rows.len && memcmp(a->rows.data, b->rows.data, a->rows.len) == 0);
    CU_ASSERT(a->dicts.len == b->dicts.len && memcmp(a->dicts.data, b->dicts.data,
                                                     a->dicts.len) == 0);
    CU_ASSERT(memcmp(&a->account, &b->account, sizeof a->account) == 0);
    CU_ASSERT(a->rejects.shown == b->rejects.shown &&
              memcmp(a->rejects.first, b->rejects.first, sizeof a->rejects.first) == 0);
}

static void test_pieces(void)
{
    static const size_t chunks[] = { 7, 100, 1000, 4096, 65536, 100001 };
    size_t n, i;
    char *text = make_log(70000, &n);
    how_t how = { 0 };
    result_t whole, r;

    read_bytes(&whole, text, n, &how);
    CFUNIT_INT(whole.rc, CF_EOF);
    CU_ASSERT(whole.account.rows_kept > 60000 && whole.batches == 2);
    CU_ASSERT(whole.account.nodata > 0 && whole.account.skipdata > 0 && whole.account.headers > 1);
    for (i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        how.chunk = chunks[i];
        read_bytes(&r, text, n, &how);
        same_result(&whole, &r);
        done(&r);
    }
    how.chunk = 0;
    how.plain = true;
    read_bytes(&r, text, n, &how);
    same_result(&whole, &r);
    done(&r);
    done(&whole);
    free(text);
    text = make_log(300, &n);
    how.plain = false;
    read_bytes(&whole, text, n, &how);
    for (how.chunk = 1; how.chunk < 60; how.chunk += 1 + how.chunk / 8) {
        read_bytes(&r, text, n, &how);
        same_result(&whole, &r);
        done(&r);
    }
    done(&whole);
    free(text);
}

static void test_index(void)
{
    size_t n, at;
    char *text = make_log(2000, &n);
    aws_index_t *a, *b;
    uint32_t i, size;

    if (!aws_has_avx2()) {
        cfunit_skip("no AVX2 here");
        free(text);
        return;
    }
    a = malloc(sizeof *a);
    b = malloc(sizeof *b);
    for (at = 0; at + 40000 < n; at += 1237) {
        size = (uint32_t)(at * 7 % AWS_BLOCK);
        aws_index_avx2(a, text + at, size, ' ', 1 + size % AWS_BLOCK_ROWS);
        aws_index_plain(b, text + at, size, ' ', 1 + size % AWS_BLOCK_ROWS);
        CU_ASSERT(a->rows == b->rows && a->bytes == b->bytes);
        CU_ASSERT(memcmp(a->end, b->end, a->rows * sizeof a->end[0]) == 0);
        for (i = 0; a->rows > 0 && i <= a->end[a->rows - 1]; i++)
            CU_ASSERT(a->d[i] == b->d[i]);
        /* Odd lines may be more, by a piece's width, never fewer. */
        for (i = 0; i < a->rows; i++)
            CU_ASSERT(a->odd[i] == b->odd[i]);
    }
    free(a);
    free(b);
    free(text);
}

static bool only_ports(void *ctx, const cf_field_t *f, const char *name)
{
    (void)ctx;
    (void)name;
    return f != NULL && (strcmp(f->name, "sport") == 0 || strcmp(f->name, "vpc") == 0);
}

/* What is not wanted is checked all the same. */
static void test_wanted(void)
{
    how_t how = { .wanted = only_ports };
    size_t n;
    char *text = make_log(3000, &n);
    result_t all, some;

    read_bytes(&some, text, n, &how);
    CU_ASSERT(strncmp(some.rows.data, "sport=", 6) == 0);
    CU_ASSERT(strstr(some.rows.data, "sip=") == NULL && strstr(some.rows.data, "note=") == NULL);
    how.wanted = NULL;
    read_bytes(&all, text, n, &how);
    CU_ASSERT(memcmp(&all.account, &some.account, sizeof all.account) == 0);
    done(&all);
    done(&some);
    free(text);
}

static int probe(const char *text)
{
    const cf_reader_ops_t *ops = CF_PLUGIN_SYMBOL(aws_vpc).ops;
    cf_probe_t p = { .name = "x", .bytes = text, .len = strlen(text), .whole = true };

    return ops->probe(&p);
}

static void test_probe(void)
{
    CFUNIT_INT(probe(V2), 100);
    CFUNIT_INT(probe(ROW), 100);
    CFUNIT_INT(probe("garbage\n" ROW), 100);
    CFUNIT_INT(probe("{\"message\":\"" LINE "\"}"), 95);
    CFUNIT_INT(probe("{\"srcaddr\":\"10.0.0.2\",\"dstport\":99999,\"packets\":3}"), 95);
    CFUNIT_INT(probe("7 1 eni-0a 10.0.0.1 OK x\n"), 90);
    CFUNIT_INT(probe(""), 0);
    CFUNIT_INT(probe("Phony unsupported log format.\n"), 0);
    CFUNIT_INT(probe("{\"Records\":[{\"eventVersion\":\"1.08\"}]}"), 0);
    CFUNIT_INT(probe("ts\tuid\tid.orig_h\n"), 0);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_default_format), CFUNIT(test_transit_gateway), CFUNIT(test_newer_fields),
    CFUNIT(test_status_rows), CFUNIT(test_addresses),
            CFUNIT(test_numbers),
    CFUNIT(test_times), CFUNIT(test_words), CFUNIT(test_strings), CFUNIT(test_unknown_fields),
            CFUNIT(test_csv),
    CFUNIT(test_formats), CFUNIT(test_refusal), CFUNIT(test_rejects),
            CFUNIT(test_long_and_odd_lines),
    CFUNIT(test_json_wrappers), CFUNIT(test_json_payloads), CFUNIT(test_json_objects),
            CFUNIT(test_json_broken),
    CFUNIT(test_pieces), CFUNIT(test_index), CFUNIT(test_wanted), CFUNIT(test_probe),
    { NULL, NULL }
};

CFUNIT_MAIN("aws", tests)
