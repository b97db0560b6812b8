/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue: no name or alias stands for two fields, names are legal, registration is safe.
 */
#include <cf/batch.h>

#include "cfunit.h"

static void test_names_unique(void)
{
    const cf_field_t *f;

    for (size_t i = 0; (f = cf_field_at(i)) != NULL; i++) {
        char legal[64];

        CU_ASSERT_PTR_EQUAL(cf_field_find(f->name), f);
        cf_field_legal_name(f->name, strlen(f->name), legal);
        CFUNIT_STR(legal, f->name);
        for (const char *a = f->aliases; a != NULL && *a != '\0';) {
            size_t n = strcspn(a, " ");
            char alias[64];

            CU_ASSERT_FATAL(n > 0 && n < sizeof alias);
            memcpy(alias, a, n);
            alias[n] = '\0';
            if (cf_field_find(alias) != f)
                printf("# alias %s of %s finds %s\n", alias, f->name, cf_field_find(alias)->name);
            CU_ASSERT_PTR_EQUAL(cf_field_find(alias), f);
            a += n;
            a += strspn(a, " ");
        }
        CU_ASSERT(f->ecs == NULL || cf_field_find(f->ecs) == f);
        CU_ASSERT(f->ocsf == NULL || f->ocsf[0] != '\0');
        CU_ASSERT((f->derive != NULL) == ((f->flags & CF_FIELD_DERIVED) != 0));
        CU_ASSERT(f->derive == NULL || f->inputs != NULL);
        CU_ASSERT((f->kind == CF_KIND_ENUM) == (f->names != NULL));
        CU_ASSERT(f->meaning != NULL && f->meaning[strlen(f->meaning) - 1] != '.');
    }
}

static void test_find(void)
{
    CFUNIT_STR(cf_field_find("sIP")->name, "sip");
    CFUNIT_STR(cf_field_find("pkt_srcaddr")->name, "pktsip");
    CFUNIT_STR(cf_field_find("PKT-SRCADDR")->name, "pktsip");
    CFUNIT_STR(cf_field_find("source.ip")->name, "sip");
    CFUNIT_STR(cf_field_find("Rule.Ruleset")->name, "acl");
    CFUNIT_STR(cf_field_find("protocolIdentifier")->name, "proto");
    CU_ASSERT_PTR_NULL(cf_field_find("nosuchfield"));
    CU_ASSERT_PTR_NULL(cf_field_find(""));
}

static void test_register(void)
{
    static const char *const words[] = { "yes", "no", NULL };
    cf_field_t f = { .name = "unit_test", .kind = CF_KIND_STRING, .width = 4, .meaning = "a test",
                     .ecs = "unit.test" };
    const cf_field_t *a = NULL, *b = NULL;
    cf_diag_t d = CF_DIAG_INIT;
    uint8_t code;

    CFUNIT_INT(cf_field_register(&f, &a, &d), CF_OK);
    CFUNIT_INT(cf_field_register(&f, &b, &d), CF_OK);
    CU_ASSERT_PTR_EQUAL(a, b);
    /* An old module's structure ends before these. */
    CU_ASSERT_PTR_NULL(a->ecs);
    CU_ASSERT_PTR_NULL(a->ocsf);
    f.kind = CF_KIND_UINT;
    CFUNIT_INT(cf_field_register(&f, &b, &d), CF_E_FIELD);
    f.name = "Not Legal";
    CFUNIT_INT(cf_field_register(&f, &b, &d), CF_E_FIELD);
    f = (cf_field_t){ .name = "unit_word", .kind = CF_KIND_ENUM, .width = 1, .names = words };
    CFUNIT_INT(cf_field_register(&f, &a, &d), CF_OK);
    CFUNIT_INT(cf_field_enum_parse(a, "NO", 2, &code), CF_OK);
    CFUNIT_INT(code, 1);
    CFUNIT_INT(cf_field_enum_parse(a, "n", 1, &code), CF_R_ENUM);
    f.names = NULL;
    f.name = "unit_wordless";
    CFUNIT_INT(cf_field_register(&f, &b, &d), CF_E_FIELD);
}

static void legal(const char *in, const char *want)
{
    char out[64];

    cf_field_legal_name(in, strlen(in), out);
    CFUNIT_STR(out, want);
}

static void test_legal_name(void)
{
    legal("Security-Groups", "security-groups");
    legal("a b\tc", "a_b_c");
    legal("", "_");
    legal("\xc3\xa4", "__");
    legal("0123456789012345678901234567890123456789012345678901234567890123456789",
          "012345678901234567890123456789012345678901234567890123456789012");
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_names_unique), CFUNIT(test_find), CFUNIT(test_register), CFUNIT(test_legal_name), { NULL, NULL },
};

CFUNIT_MAIN("field", tests)
