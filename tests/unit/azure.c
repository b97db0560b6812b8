/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers of Azure flow logs: what becomes of each value, the fast way and the exact one, keys
 * in any order and late, going on behind broken records, and in inputs that have grown.
 */
#include "cfunit.h"

#include <inttypes.h>

#include "azure.h"
#include "input/layer.h"

typedef struct result {
    cf_buf_t rows;                 /* one line a row */
    uint64_t kept;
    cf_account_t account;
    cf_rejects_t rejects;
    int ended, cursor_rc;
    cf_cursor_t cursor;
    char sentence[512];
    uint32_t batches;
} result_t;

static bool wanted(void *ctx, const cf_field_t *f, const char *name)
{
    const char *at = ctx;
    size_t n = strlen(name);

    (void)f;
    while (at != NULL && (at = strstr(at, name)) != NULL) {
        if ((at == ctx || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
        at += n;
    }
    return ctx == NULL;
}

static void dump(result_t *r, const cf_batch_t *b)
{
    for (uint32_t row = 0; row < b->rows; row++) {
        for (uint32_t i = 0; i < b->ncols; i++) {
            const cf_vec_t *v = &b->cols[i];
            char text[CF_ADDR_TEXT];
            uint32_t n;
            const char *s;
            int rc;

            if (cf_vec_is_null(v, row)) {
                rc = cf_buf_puts(&r->rows, "-|");
            } else if (v->kind == CF_KIND_STRING) {
                s = cf_vec_string(v, row, &n);
                rc = cf_buf_putf(&r->rows, "%.*s|", (int)n, s);
            } else if (v->kind == CF_KIND_ADDR) {
                n = (uint32_t)cf_addr_print(text, cf_vec_addr(v, row));
                rc = cf_buf_putf(&r->rows, "%.*s|", (int)n, text);
            } else if (v->kind == CF_KIND_TIME) {
                rc = cf_buf_putf(&r->rows, "%" PRId64 "|", cf_vec_time(v, row));
            } else {
                rc = cf_buf_putf(&r->rows, "%" PRIu64 "|", cf_vec_uint(v, row));
            }
            CU_ASSERT_FATAL(rc == CF_OK);
        }
        CU_ASSERT_FATAL(cf_buf_puts(&r->rows, "\n") == CF_OK);
    }
}

/* Read a text; columns: names of those wanted, NULL = all; quiet: count only. */
static void read_text(result_t *r, const char *text, size_t n, size_t chunk, az_kind_t face,
                      uint64_t skip, const char *columns, bool quiet)
{
    cf_reader_env_t env = { .name = "t", .rejects = &r->rejects, .account = &r->account,
                            .wanted = wanted, .ctx = (void *)columns, .skip = skip };
    cf_schema_t *none = cf_schema_create();
    cf_batch_t *b = cf_batch_create(none);
    cf_diag_t d = CF_DIAG_INIT;
    cf_input_t *in = NULL;
    void *state = NULL;

    memset(r, 0, sizeof *r);
    cf_buf_init(&r->rows, 1u << 30);
    CU_ASSERT_FATAL(cf_buf_puts(&r->rows, "") == CF_OK);
    cf_account_init(&r->account);
    cf_rejects_init(&r->rejects, &r->account);
    CU_ASSERT_FATAL(cfi_input_open_chunked(&in, "t", text, n, chunk, CF_INPUT_RAW, NULL) == CF_OK);
    CU_ASSERT_FATAL(az_open(&state, &env, face, NULL) == CF_OK);
    while ((r->ended = az_read(state, in, b, &d)) == CF_OK) {
        r->kept += b->rows;
        r->batches++;
        if (!quiet)
            dump(r, b);
    }
    memcpy(r->sentence, d.text, sizeof r->sentence);
    cf_diag_clear(&d);
    r->cursor_rc = az_cursor(state, &r->cursor, &d);
    CFUNIT_INT(r->account.rows_kept, r->kept);
    az_close(state);
    cf_input_close(in);
    cf_batch_destroy(b);
    cf_schema_put(none);
}

static void done(result_t *r)
{
    cf_buf_fini(&r->rows);
}

/* ---- values ------------------------------------------------------------------------------- */

#define NSG_ID "/SUBSCRIPTIONS/AAAA-BB/RESOURCEGROUPS/WEB/PROVIDERS/MICROSOFT.NETWORK/" \
    "NETWORKSECURITYGROUPS/WEB-NSG"
#define NSG_HEAD "{\"time\":\"2026-03-07T14:03:00Z\",\"macAddress\":\"000D3A1B2C3D\"," \
    "\"category\":\"NetworkSecurityGroupFlowEvent\",\"resourceId\":\"" NSG_ID "\"," \
    "\"properties\":{\"Version\":2,\"flows\":[{\"rule\":\"UserRule_web\",\"flows\":[" \
    "{\"mac\":\"000D3A1B2C3D\",\"flowTuples\":["
#define NSG_TAIL "]}]}]}}"
#define VNET_HEAD "{\"time\":\"2026-03-07T14:03:21Z\",\"flowLogVersion\":4," \
    "\"macAddress\":\"000D3A1B2C3D\",\"category\":\"FlowLogFlowEvent\"," \
    "\"flowLogResourceID\":\"/SUBSCRIPTIONS/AA/RESOURCEGROUPS/N/PROVIDERS/MICROSOFT.NETWORK/" \
    "NETWORKWATCHERS/NETWORKWATCHER_WESTUS/FLOWLOGS/L\"," \
    "\"targetResourceID\":\"/subscriptions/AA/resourceGroups/g/providers/Microsoft.Network/" \
    "virtualNetworks/hub/subnets/web\"," \
    "\"flowRecords\":{\"flows\":[{\"aclID\":\"ACL\",\"flowGroups\":[{\"rule\":\"R\"," \
    "\"flowTuples\":["
#define VNET_TAIL "]}]}]}}"

static void expect(az_kind_t face, const char *text, const char *columns, const char *want)
{
    size_t chunk;
    result_t r;

    for (chunk = 0; chunk < 100; chunk += chunk < 3 ? 1 : 31) {
        read_text(&r, text, strlen(text), chunk, face, 0, columns, false);
        CFUNIT_STR(r.rows.data, want);
        CFUNIT_INT(r.ended, CF_EOF);
        done(&r);
    }
}

static void test_nsg(void)
{
    static const char all[] =
        "{\"records\":[" NSG_HEAD
        "\"1772892181,10.1.0.4,203.0.113.7,49152,443,T,O,A,B,,,,\","
        "\"1772892241,10.1.0.4,203.0.113.7,49152,443,T,O,A,C,30,16978,24,14008\","
        "\"1772892301,10.1.0.4,203.0.113.7,49152,443,U,O,A,E,0,0,0,0\","
        "\"1772892302,10.1.0.4,203.0.113.7,49152,443,U,O,A,E,1,60,,\","
        "\"1772892190,198.51.100.9,10.1.0.4,61234,22,T,I,D,B,,,,\","
        "\"1772892191,198.51.100.9,2001:db8::1,61234,22,T,I,D\","
        "\"1772892192,198.51.100.9,10.1.0.4,61234,22,T,I,A\"" NSG_TAIL "]}";

    expect(AZ_NSG2, all, NULL,
           "1772892181000000000|10.1.0.4|203.0.113.7|49152|443|6|-|-|-|-|0|0|1|UserRule_web|"
           NSG_ID "|000D3A1B2C3D|" NSG_ID "|aaaa-bb|azure|2|0|1|\n"
           "1772892241000000000|10.1.0.4|203.0.113.7|49152|443|6|30|16978|24|14008|0|1|1|"
           "UserRule_web|" NSG_ID "|000D3A1B2C3D|" NSG_ID "|aaaa-bb|azure|2|0|1|\n"
           "1772892301000000000|10.1.0.4|203.0.113.7|49152|443|17|0|0|0|0|0|2|1|"
           "UserRule_web|" NSG_ID "|000D3A1B2C3D|" NSG_ID "|aaaa-bb|azure|2|0|1|\n"
           "1772892302000000000|10.1.0.4|203.0.113.7|49152|443|17|1|60|-|-|0|2|1|"
           "UserRule_web|" NSG_ID "|000D3A1B2C3D|" NSG_ID "|aaaa-bb|azure|2|0|1|\n"
           "1772892190000000000|198.51.100.9|10.1.0.4|61234|22|6|-|-|-|-|1|3|0|"
           "UserRule_web|" NSG_ID "|000D3A1B2C3D|" NSG_ID "|aaaa-bb|azure|2|0|1|\n"
           "1772892191000000000|198.51.100.9|2001:db8::1|61234|22|6|-|-|-|-|1|3|0|"
           "UserRule_web|" NSG_ID "|000D3A1B2C3D|" NSG_ID "|aaaa-bb|azure|2|0|1|\n"
           "1772892192000000000|198.51.100.9|10.1.0.4|61234|22|6|-|-|-|-|0|-|0|"
           "UserRule_web|" NSG_ID "|000D3A1B2C3D|" NSG_ID "|aaaa-bb|azure|2|0|1|\n");
}

static void test_vnet(void)
{
    static const char all[] =
        VNET_HEAD
        "\"1772892181123,10.1.0.4,203.0.113.7,49152,443,6,O,B,NX,0,0,0,0\","
        "\"1772892241123,10.1.0.4,203.0.113.7,49152,443,6,O,C,NX,30,16978,24,14008\","
        "\"1772892301,10.1.0.4,203.0.113.7,49152,443,6,O,E,X,12,4100,9,123456789012\","
        "\"1772892190456,198.51.100.9,10.1.0.4,61234,22,6,I,D,NX,0,0,0,0\","
        "\"1772892190456,198.51.100.9,10.1.0.4,61234,22,6,I,B,NX_NOT_ACCEPTED,,,,\","
        "\"1772892190456,198.51.100.9,10.1.0.4,0,0,1,I,E,FUTURE,0,0,0,0\"" VNET_TAIL;

    expect(AZ_VNET, all, "stime proto packets rbytes action state encryption_state reason",
           "1772892181123000000|6|-|-|0|0|NX|-|\n"
           "1772892241123000000|6|30|14008|0|1|NX|-|\n"
           "1772892301000000000|6|12|123456789012|0|2|X|-|\n"
           "1772892190456000000|6|-|-|1|3|NX|-|\n"
           "1772892190456000000|6|-|-|1|0|NX_NOT_ACCEPTED|NX_NOT_ACCEPTED|\n"
           "1772892190456000000|1|0|0|0|2|FUTURE|-|\n");
    expect(AZ_VNET, VNET_HEAD "\"1772892181123,::1,203.0.113.7,1,2,6,O,B,NX,0,0,0,0\"" VNET_TAIL,
           "sip dip rule acl iface resource account region vpc subnet provider",
           "::1|203.0.113.7|R|ACL|000D3A1B2C3D|/subscriptions/AA/resourceGroups/g/providers/"
           "Microsoft.Network/virtualNetworks/hub/subnets/web|aa|westus|hub|web|azure|\n");
}

/* Shapes in which records come; the key that tells comes where it likes. */
static void test_shapes(void)
{
#define ONE(t) "{\"properties\":{\"flows\":[{\"flows\":[{\"flowTuples\":[\"17728921" t \
    ",1.1.1.1,2.2.2.2,1,2,T,O,A\"],\"mac\":\"M" t "\"}],\"rule\":\"R" t "\"}]}," \
    "\"resourceid\":\"/r\",\"unknown\":{\"rule\":\"no\",\"flows\":[{\"flowTuples\":[\"x\"]}]}}"
    static const char *const texts[] = {
        "{\"records\":[" ONE("81") "," ONE("82") "]}",
        "[" ONE("81") "," ONE("82") "]",
        ONE("81") "\n" ONE("82") "\n",
        ONE("81") "\r\n" ONE("82") "\r\n",
        "\xef\xbb\xbf" ONE("81") ONE("82"),
        "{\"records\":[" ONE("81") "]}{\"records\":[" ONE("82") "]}",
        "[{\"records\":[" ONE("81") "]},{\"records\":[" ONE("82") "]}]",
        "{\"records\":[{\"time\":\"x\",\"records\":[" ONE("81") "]}," ONE("82") "]}",
        "{\"a\":[1,{}],\"records\":[[" ONE("81") "," ONE("82") "]],\"b\":\"c\"}",
        "{\"records\":[" ONE("81") ",{\"properties\":{\"flows\":[]}},{\"properties\":{\"flows\":"
        "[{\"flows\":[{\"flowTuples\":[]}]}]}}," ONE("82") "]}",
    };
    size_t i;

    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect(AZ_NSG2, texts[i], "rule iface resource", "R81|M81|/r|\nR82|M82|/r|\n");
}

/* A stream of both logs and others: rows of both, others counted. */
static void test_mixed(void)
{
    static const char text[] = "{\"records\":["
        NSG_HEAD "\"1772892181,1.1.1.1,2.2.2.2,1,2,T,O,A,B,,,,\"" NSG_TAIL ","
        "{\"category\":\"NetworkSecurityGroupEvent\",\"properties\":{\"vnetResourceGuid\":\"x\"}},"
        VNET_HEAD "\"1772892181123,1.1.1.1,2.2.2.2,1,2,6,O,B,NX,0,0,0,0\"" VNET_TAIL ","
        NSG_HEAD "\"1772892182,1.1.1.1,2.2.2.2,1,2,T,O,A,B,,,,\"" NSG_TAIL "]}";
    result_t r;

    for (int face = 0; face < 2; face++) {
        read_text(&r, text, sizeof text - 1, 0, face ? AZ_VNET : AZ_NSG2, 0,
                  "stime rule encryption_state", false);
        CFUNIT_STR(r.rows.data, face ? "1772892181000000000|-|UserRule_web|\n"
                   "1772892181123000000|NX|R|\n1772892182000000000|-|UserRule_web|\n"
                   : "1772892181000000000|UserRule_web|\n1772892181123000000|NX|R|\n"
                   "1772892182000000000|-|UserRule_web|\n");
        CFUNIT_INT(r.account.others, 1);
        done(&r);
    }
}

/* ---- wrong values ------------------------------------------------------------------------- */

static void test_rejects(void)
{
    static const struct { const char *tuple; int code; const char *why; } bad[] = {
        { "", CF_R_EMPTY, "a tuple of 1 values, not of 8 or 13" },
        { "1772892181,1.1.1.1,2.2.2.2,1,2,T,O", CF_R_FIELDS, "a tuple of 7 values, not of 8 or 13" },
        { "1772892181,1.1.1.1,2.2.2.2,1,2,T,O,A,B,,,,,", CF_R_FIELDS,
          "a tuple of more than 13 values, not of 8 or 13" },
        { "177289218,1.1.1.1,2.2.2.2,1,2,T,O,A", CF_R_TIME,
          "time \"177289218\" is not of 10 or 13 digits" },
        { "9999999999999,1.1.1.1,2.2.2.2,1,2,6,O,B,NX,,,,", CF_R_TIME,
          "time \"9999999999999\" is beyond the year 2262" },
        { "1772892181,1.1.1.256,2.2.2.2,1,2,T,O,A", CF_R_ADDR,
          "source \"1.1.1.256\" is not an address" },
        { "1772892181,1.1.1.1,,1,2,T,O,A", CF_R_ADDR, "destination \"\" is not an address" },
        { "1772892181,1.1.1.1,2.2.2.2,65536,2,T,O,A", CF_R_RANGE,
          "source port \"65536\" is not a port" },
        { "1772892181,1.1.1.1,2.2.2.2,1,-2,T,O,A", CF_R_NUMBER,
          "destination port \"-2\" is not a port" },
        { "1772892181,1.1.1.1,2.2.2.2,1,2,6,O,A", CF_R_ENUM, "protocol \"6\" is neither T nor U" },
        { "1772892181,1.1.1.1,2.2.2.2,1,2,T,X,A", CF_R_ENUM, "direction \"X\" is neither I nor O" },
        { "1772892181,1.1.1.1,2.2.2.2,1,2,T,O,B", CF_R_ENUM, "decision \"B\" is neither A nor D" },
        { "1772892181,1.1.1.1,2.2.2.2,1,2,T,O,A,D,,,,", CF_R_ENUM, "state \"D\" is not B, C or E" },
        { "1772892181123,1.1.1.1,2.2.2.2,1,2,256,O,B,NX,,,,", CF_R_RANGE,
          "protocol \"256\" is not a protocol's number" },
        { "1772892181123,1.1.1.1,2.2.2.2,1,2,6,O,A,NX,,,,", CF_R_ENUM,
          "state \"A\" is not B, C, E or D" },
        { "1772892181123,1.1.1.1,2.2.2.2,1,2,6,O,B,N X,,,,", CF_R_ENUM,
          "encryption \"N X\" is not a word" },
        { "1772892181123,1.1.1.1,2.2.2.2,1,2,6,O,E,NX,1,x,,", CF_R_NUMBER,
          "bytes \"x\" is not a number" },
        { "1772892181123,1.1.1.1,2.2.2.2,1,2,6,O,E,NX,18446744073709551616,0,0,0", CF_R_RANGE,
          "packets \"18446744073709551616\" is not a number" },
    };
    size_t i;

    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cf_buf_t text;
        result_t r;

        cf_buf_init(&text, 1u << 16);
        CU_ASSERT(cf_buf_putf(&text, "%s\"%s\",\"1772892181,1.1.1.1,2.2.2.2,1,2,T,O,A\"%s",
                              NSG_HEAD, bad[i].tuple, NSG_TAIL) == CF_OK);
        read_text(&r, text.data, text.len, 0, AZ_NSG2, 0, NULL, false);
        CFUNIT_INT(r.ended, CF_EOF);
        CFUNIT_INT(r.kept, 1);
        CFUNIT_INT(r.rejects.shown, 1);
        CFUNIT_INT(r.rejects.first[0].code, bad[i].code);
        CFUNIT_INT(r.rejects.first[0].offset, strlen(NSG_HEAD));
        CFUNIT_STR(r.rejects.first[0].reason, bad[i].why);
        done(&r);
        cf_buf_fini(&text);
    }
}

static void test_broken(void)
{
#define N1 NSG_HEAD "\"1772892181,1.1.1.1,2.2.2.2,1,2,T,O,A\""
    static const struct { const char *text; uint64_t kept, rejected; int ended; } cases[] = {
        { "{\"records\":[" N1 ",nope" NSG_TAIL "," N1 NSG_TAIL "]}", 2, 1, CF_EOF },
        { "{\"records\":[" N1 NSG_TAIL " " N1 NSG_TAIL "]}", 2, 1, CF_EOF },
        { "{\"records\":[" N1 ",\"unclosed" NSG_TAIL "," N1 NSG_TAIL "]}", 2, 2, CF_EOF },
        { N1 ",\"a\x01\"" NSG_TAIL "\n" N1 NSG_TAIL "\n", 2, 1, CF_EOF },
        { "[" N1 "]" NSG_TAIL "," N1 NSG_TAIL "]", 2, 1, CF_EOF },
        { "{\"records\":[" N1 NSG_TAIL "]}\n{\"records\":[" N1 ",}" NSG_TAIL "]}\n{\"records\":["
          N1 NSG_TAIL "]}\n", 3, 1, CF_EOF },
        { "{\"records\":[" N1 NSG_TAIL "]}#", 1, 1, CF_EOF },
        { "{\"records\":[" N1 ",5,null,true,{\"a\":[\"x\"]},[]" NSG_TAIL "]}", 1, 5, CF_EOF },
        { "{\"records\":[{\"properties\":{\"flows\":7}},{\"properties\":{\"flows\":[1,\"2\",null]}"
          "}," N1 NSG_TAIL "]}", 1, 0, CF_EOF },
        { "{\"records\":[" N1, 1, 0, CF_E_TRUNC },
        { "{\"records\":[" N1 NSG_TAIL, 1, 0, CF_E_TRUNC },
    };
    size_t i, chunk;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (chunk = 0; chunk < 70; chunk += 23) {
            result_t r;

            read_text(&r, cases[i].text, strlen(cases[i].text), chunk, AZ_NSG2, 0, NULL, false);
            if (r.kept != cases[i].kept || cf_account_rejected(&r.account) != cases[i].rejected)
                printf("# case %zu: %s, %s\n", i, r.rejects.first[0].reason,
                       r.rejects.first[1].reason);
            CFUNIT_INT(r.kept, cases[i].kept);
            CFUNIT_INT(cf_account_rejected(&r.account), cases[i].rejected);
            CFUNIT_INT(r.ended, cases[i].ended);
            done(&r);
        }
    }
}

static void test_cut_sentence(void)
{
    static const char text[] = "{\"records\":[" N1;
    result_t r;

    read_text(&r, text, sizeof text - 1, 0, AZ_NSG2, 0, "rule iface", false);
    CFUNIT_STR(r.sentence, "ends inside of the record that begins at byte 12");
    CFUNIT_STR(r.rows.data, "UserRule_web|000D3A1B2C3D|\n");
    done(&r);
    read_text(&r, text, 12, 0, AZ_NSG2, 0, NULL, false);
    CFUNIT_STR(r.sentence, "ends inside of the JSON around its records");
    done(&r);
}

/* ---- fast and exact ----------------------------------------------------------------------- */

static uint32_t lcg(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 8;
}

static void random_tuple(cf_buf_t *b, uint32_t *x, int kind)
{
    static const uint32_t tens[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
                                     1000000000 };
    uint32_t k, n[4];
    int rc;

    for (k = 0; k < 4; k++)
        n[k] = lcg(x) % 3 == 0 ? 0 : lcg(x) % tens[1 + lcg(x) % 9];
    rc = cf_buf_putf(b, "\"%u%s,%u.%u.%u.%u,%u.%u.%u.%u,%u,%u,%s,%c,", 1772892181 + lcg(x) % 9000,
                     kind == 2 ? "123" : "", lcg(x) % 256, lcg(x) % 256, lcg(x) % 256, lcg(x) % 256,
                     lcg(x) % 10, lcg(x) % 100, lcg(x) % 256, lcg(x) % 256, lcg(x) % 65536,
                     lcg(x) % 1024, kind == 2 ? (lcg(x) % 2 ? "6" : "17") : lcg(x) % 2 ? "T" : "U",
                     lcg(x) % 2 ? 'I' : 'O');
    CU_ASSERT_FATAL(rc == CF_OK);
    if (kind == 0)
        rc = cf_buf_putf(b, "%c\"", lcg(x) % 2 ? 'A' : 'D');
    else if (kind == 1 && lcg(x) % 2)
        rc = cf_buf_putf(b, "%c,B,,,,\"", lcg(x) % 2 ? 'A' : 'D');
    else if (kind == 1)
        rc = cf_buf_putf(b, "A,%c,%u,%u,%u,%u\"", "BCE"[lcg(x) % 3], n[0], n[1], n[2], n[3]);
    else
        rc = cf_buf_putf(b, "%c,%s,%u,%u,%u,%u\"", "BCED"[lcg(x) % 4],
                         lcg(x) % 16 ? "NX" : "NX_FALLBACK", n[0], n[1], n[2], n[3]);
    CU_ASSERT_FATAL(rc == CF_OK);
}

/* Tuples of all kinds, some with a byte changed: both ways make the same rows and rejects. */
static void test_fast(void)
{
    static const char bytes[] = "0123456789.,:\"\\ ABCDEINOTUX[]{}\x7f\x80\xff-";
    uint32_t x = 1, round, i;

    for (round = 0; round < 1500; round++) {
        int kind = (int)(round % 3);
        cf_buf_t text;
        result_t fast, exact;

        cf_buf_init(&text, 1u << 20);
        CU_ASSERT_FATAL(cf_buf_puts(&text, VNET_HEAD) == CF_OK);
        for (i = 0; i < 24; i++) {
            size_t at = text.len;

            random_tuple(&text, &x, lcg(&x) % 8 == 0 ? (int)(lcg(&x) % 3) : kind);
            if (lcg(&x) % 4 == 0)
                text.data[at + lcg(&x) % (text.len - at)] = bytes[lcg(&x) % (sizeof bytes - 1)];
            if (i < 23)
                CU_ASSERT_FATAL(cf_buf_puts(&text, lcg(&x) % 20 ? "," : " ,\n ") == CF_OK);
        }
        CU_ASSERT_FATAL(cf_buf_puts(&text, VNET_TAIL) == CF_OK);
        for (i = 0; i < 10; i++)
            CU_ASSERT_FATAL(cf_buf_puts(&text, "                              ") == CF_OK);
        read_text(&fast, text.data, text.len, 0, AZ_VNET, 0, NULL, false);
        setenv("CF_PORTABLE", "1", 1);
        read_text(&exact, text.data, text.len, 7, AZ_VNET, 0, NULL, false);
        unsetenv("CF_PORTABLE");
        CFUNIT_STR(fast.rows.data, exact.rows.data);
        CFUNIT_INT(fast.ended, exact.ended);
        CU_ASSERT(memcmp(fast.account.rejected, exact.account.rejected,
                         sizeof fast.account.rejected) == 0);
        for (i = 0; i < fast.rejects.shown && i < exact.rejects.shown; i++) {
            CFUNIT_INT(fast.rejects.first[i].offset, exact.rejects.first[i].offset);
            CFUNIT_STR(fast.rejects.first[i].reason, exact.rejects.first[i].reason);
        }
        done(&fast);
        done(&exact);
        cf_buf_fini(&text);
    }
}

/* Few columns wanted: the same rows are kept and rejected. */
static void test_wanted(void)
{
    static const char text[] = VNET_HEAD
        "\"1772892181123,10.1.0.4,203.0.113.7,49152,443,6,O,B,NX,0,0,0,0\","
        "\"1772892181123,10.1.0.4,203.0.113.700,49152,443,6,O,B,NX,0,0,0,0\","
        "\"1772892181123,::1,203.0.113.7,49152,443,6,O,B,NX,0,0,0,0\","
        "\"1772892181123,10.1.0.4,203.0.113.7,49152,443,6,O,B,NX,0,0,0,0\"" VNET_TAIL;
    result_t r;

    read_text(&r, text, sizeof text - 1, 0, AZ_VNET, 0, "dport", false);
    CFUNIT_STR(r.rows.data, "443|\n443|\n443|\n");
    CFUNIT_INT(cf_account_rejected(&r.account), 1);
    done(&r);
}

/* ---- large records ------------------------------------------------------------------------ */

/* A record of so many tuples, with its texts behind them or before. */
static void large(cf_buf_t *b, uint32_t tuples, bool late)
{
    CU_ASSERT_FATAL(cf_buf_puts(b, late ? "{\"records\":[{\"flowRecords\":{\"flows\":[{\"flowGroups\":["
                                "{\"flowTuples\":[" : "{\"records\":[" VNET_HEAD) == CF_OK);
    for (uint32_t i = 0; i < tuples; i++)
        CU_ASSERT_FATAL(cf_buf_putf(b, "%s\"1772892181123,10.%u.%u.%u,2.2.2.2,1,2,6,O,E,NX,1,%u,0,0\"",
                                    i > 0 ? "," : "", i >> 16, i >> 8 & 255, i & 255, i) == CF_OK);
    CU_ASSERT_FATAL(cf_buf_puts(b, late ? "],\"rule\":\"R\"}],\"aclID\":\"ACL\"}]},"
                                "\"macAddress\":\"M\",\"targetResourceID\":\"/t\"}]}"
                                : VNET_TAIL "]}") == CF_OK);
}

static void test_large(void)
{
    for (int late = 0; late < 2; late++) {
        const char *line, *want = late ? "R|ACL|M|/t|" : "R|ACL|000D3A1B2C3D|/subscriptions/AA/";
        cf_buf_t text;
        result_t r;
        uint32_t i;

        cf_buf_init(&text, 1u << 28);
        large(&text, 200000, late != 0);
        read_text(&r, text.data, text.len, 0, AZ_VNET, 0, "bytes rule acl iface resource", false);
        CFUNIT_INT(r.kept, 200000);
        CFUNIT_INT(r.ended, CF_EOF);
        CFUNIT_INT(r.batches, 4);
        line = r.rows.data;
        for (i = 0; i < 200000 && line != NULL; i++) {
            char head[128];
            int n = snprintf(head, sizeof head, "%u|%s", i, want);

            if (strncmp(line, head, (size_t)n) != 0)
                break;
            line = strchr(line, '\n');
            line = line != NULL ? line + 1 : NULL;
        }
        CFUNIT_INT(i, 200000);
        done(&r);
        cf_buf_fini(&text);
    }
}

static void test_too_large(void)
{
    cf_buf_t text;
    result_t r;

    cf_buf_init(&text, 1u << 28);
    large(&text, 400000, true);
    read_text(&r, text.data, text.len, 0, AZ_VNET, 0, NULL, true);
    CFUNIT_INT(r.ended, CF_E_LIMIT);
    CU_ASSERT(strstr(r.sentence, "the record at byte 12 has too many tuples (327680)") != NULL);
    CFUNIT_INT(r.kept, 327680);
    done(&r);
    text.len = 0;
    large(&text, 400000, false);
    read_text(&r, text.data, text.len, 0, AZ_VNET, 0, NULL, true);
    CFUNIT_INT(r.ended, CF_EOF);
    CFUNIT_INT(r.kept, 400000);
    done(&r);
    cf_buf_fini(&text);
}

/* Texts are bounded; rows are not lost for them. */
static void test_long_text(void)
{
    cf_buf_t text;
    result_t r;

    cf_buf_init(&text, 1u << 20);
    CU_ASSERT_FATAL(cf_buf_puts(&text, "{\"properties\":{\"flows\":[{\"rule\":\"") == CF_OK);
    for (int i = 0; i < 500; i++)
        CU_ASSERT_FATAL(cf_buf_puts(&text, "0123456789") == CF_OK);
    CU_ASSERT_FATAL(cf_buf_puts(&text, "\",\"flows\":[{\"mac\":\"M\",\"flowTuples\":["
                                "\"1772892181,1.1.1.1,2.2.2.2,1,2,T,O,A\"]}]}]}}") == CF_OK);
    read_text(&r, text.data, text.len, 0, AZ_NSG2, 0, "rule iface", false);
    CFUNIT_STR(r.rows.data, "-|M|\n");
    CFUNIT_INT(r.rejects.first[0].code, CF_R_LONG);
    done(&r);
    cf_buf_fini(&text);
}

/* ---- grown inputs ------------------------------------------------------------------------- */

/* Rows of a text cut at a place, and of what a later run sees of the whole, are those of the whole. */
static void expect_resume(const char *now, size_t cut, const char *tail, const char *whole,
                          const result_t *all)
{
    cf_buf_t first, second;
    result_t a, b;

    cf_buf_init(&first, 1u << 20);
    cf_buf_init(&second, 1u << 20);
    CU_ASSERT_FATAL(cf_buf_put(&first, now, cut) == CF_OK && cf_buf_puts(&first, tail) == CF_OK);
    read_text(&a, first.data, first.len, cut % 50, AZ_NSG2, 0, "stime rule iface", false);
    if (a.cursor_rc == CF_OK) {
        size_t offset = (size_t)a.cursor.offset;

        CU_ASSERT_FATAL(offset <= first.len && a.cursor.head + a.cursor.head_len <= offset);
        CU_ASSERT(memcmp(first.data, whole, offset) == 0);
        CU_ASSERT_FATAL(cf_buf_put(&second, whole + a.cursor.head, a.cursor.head_len) == CF_OK);
        if (a.cursor.comma) {
            offset += strspn(whole + offset, " \r\n\t");
            offset += whole[offset] == ',';
        }
        CU_ASSERT_FATAL(cf_buf_puts(&second, whole + offset) == CF_OK);
        read_text(&b, second.data, second.len, 0, AZ_NSG2, a.cursor.skip, "stime rule iface",
                  false);
        CFUNIT_INT(b.ended, CF_EOF);
        CFUNIT_INT(a.account.rows_read + b.account.rows_read, all->account.rows_read);
        CU_ASSERT_FATAL(cf_buf_put(&a.rows, b.rows.data, b.rows.len) == CF_OK);
        CFUNIT_STR(a.rows.data, all->rows.data);
        if (strcmp(a.rows.data, all->rows.data) != 0)
            printf("# cut at %zu, cursor %" PRIu64 "+%u, %" PRIu64 ", skip %" PRIu64 "\n", cut,
                   a.cursor.head, a.cursor.head_len, a.cursor.offset, a.cursor.skip);
        done(&b);
    } else {
        CU_FAIL("no cursor");
        printf("# cut at %zu: no cursor\n", cut);
    }
    done(&a);
    cf_buf_fini(&first);
    cf_buf_fini(&second);
}

static void test_resume(void)
{
#define T(n) "\"17728921" n ",1.1.1.1,2.2.2.2,1,2,T,O,A\""
#define RECORD(n) "{\"time\":\"2026\",\"resourceId\":\"/r\",\"properties\":{\"flows\":[" \
    "{\"rule\":\"R" n "\",\"flows\":[{\"mac\":\"M\",\"flowTuples\":[" T(n) ",\"bad\"," T("99") "]}]}]}}"
    static const char *const wholes[] = {
        "{\"records\":[" RECORD("81") "," RECORD("82") "," RECORD("83") "]}",
        "{\"records\": [ " RECORD("81") " , " RECORD("82") " ] }",
        "[" RECORD("81") "," RECORD("82") "]",
        RECORD("81") "\n" RECORD("82") "\n" RECORD("83") "\n",
        "{\"records\":[" RECORD("81") "," RECORD("82") "]}\n{\"records\":[" RECORD("83") "]}\n",
        "\xef\xbb\xbf{\"records\":[" RECORD("81") "," RECORD("82") "]}",
    };
    size_t i, cut;

    for (i = 0; i < sizeof wholes / sizeof wholes[0]; i++) {
        const char *whole = wholes[i];
        result_t all;

        read_text(&all, whole, strlen(whole), 0, AZ_NSG2, 0, "stime rule iface", false);
        CFUNIT_INT(all.ended, CF_EOF);
        for (cut = i == 5 ? 3 : 0; cut <= strlen(whole); cut++)
            expect_resume(whole, cut, "", whole, &all);
        done(&all);
    }
}

/* A blob that ended well, and has more records before its end now. */
static void test_grown(void)
{
    static const char one[] = "{\"records\":[" RECORD("81"), two[] = "{\"records\":[" RECORD("81") ","
        RECORD("82") "," RECORD("83") "]}", empty[] = "{\"records\":[";
    result_t all;

    read_text(&all, two, sizeof two - 1, 0, AZ_NSG2, 0, "stime rule iface", false);
    expect_resume(one, sizeof one - 1, "]}", two, &all);
    expect_resume(empty, sizeof empty - 1, "]}", two, &all);
    expect_resume(two, sizeof two - 1, "", two, &all);
    done(&all);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_nsg), CFUNIT(test_vnet), CFUNIT(test_shapes), CFUNIT(test_mixed),
    CFUNIT(test_rejects), CFUNIT(test_broken), CFUNIT(test_cut_sentence), CFUNIT(test_fast),
    CFUNIT(test_wanted), CFUNIT(test_large), CFUNIT(test_too_large), CFUNIT(test_long_text),
    CFUNIT(test_resume), CFUNIT(test_grown),
    { NULL, NULL }
};

CFUNIT_MAIN("azure", tests)
