/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The site as a program uses it: what files are taken and refused, with lines; modules loaded from
 * a folder and from the program itself (this one is linked with the toy preloaded); typed settings;
 * the walk that finds lines again.
 */
#include "cfunit.h"

#include <ltdl.h>
#include <pthread.h>
#include <unistd.h>

#include <cf/site.h>

#include "plugin/where.h"
#include "site/jsonline.h"

static char path[256];

static void put_site(const char *text)
{
    FILE *f;

    snprintf(path, sizeof path, "/tmp/cf-unit-site.%ld.json", (long)getpid());
    f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fputs(text, f);
    CU_ASSERT_EQUAL_FATAL(fclose(f), 0);
}

/* Open what put_site wrote; the error's sentence and line. */
static int open_site(const char *text, cf_site_t **s, cf_diag_t *d)
{
    int rc;

    put_site(text);
    cf_diag_clear(d);
    *s = NULL;
    rc = cf_site_open(s, path, d);
    unlink(path);
    return rc;
}

static void refused(const char *text, uint64_t line, const char *sentence)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_site_t *s;

    CFUNIT_INT(open_site(text, &s, &d), CF_E_USAGE);
    CFUNIT_INT(d.line, line);
    CFUNIT_STR(d.source, path);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, sentence));
    if (strstr(d.text, sentence) == NULL)
        printf("# %s\n", d.text);
    cf_site_close(s);
}

static void test_refused(void)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_site_t *s = NULL;

    refused("", 1, "");
    refused("{\n \"plugins\": [\n }", 3, "");
    refused("[]", 0, "is an object");
    refused("{\n\n \"plugin\": [] }", 3, "unknown key \"plugin\"");
    refused("{ \"drop\": [],\n \"drop\": [] }", 2, "duplicate");
    refused("{\n \"plugins\": {} }", 2, "not a list");
    refused("{\n \"plugins\": [\n  7 ] }", 3, "is an object");
    refused("{\n \"plugins\": [\n  { \"nme\": \"a\" } ] }", 3, "unknown key \"nme\"");
    refused("{\n \"plugins\": [\n  { \"name\":\n \"../a\" } ] }", 3, "needs a \"name\"");
    refused("{\n \"plugins\": [\n  { \"settings\": {} } ] }", 3, "needs a \"name\"");
    refused("{ \"plugins\": [ { \"name\": \"a\" },\n { \"name\": \"a\" } ] }", 2, "is there twice");
    refused("{ \"plugins\": [ { \"name\": \"a\",\n \"settings\": [] } ] }", 2, "not an object");
    refused("{ \"plugins\": [ { \"name\": \"a\",\n \"settings\": {\n \"k\": [] } } ] }", 3,
            "setting 'k'");
    refused("{ \"drop\": [ \"sip\",\n 7 ] }", 2, "no field name");
    refused("{ \"plugin-path\": [ \"/a\", \"\",\n \"b\" ] }", 2, "absolute");
    CFUNIT_INT(cf_site_open(&s, "/nowhere/site.json", &d), CF_E_USAGE);
    CFUNIT_STR(d.source, "/nowhere/site.json");
}

static void test_taken(void)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_site_t *s;

    CFUNIT_INT(open_site("{}", &s, &d), CF_OK);
    CFUNIT_STR(cf_site_path(s), path);
    CFUNIT_STR(cf_site_name(s, 0), "aws-vpc");
    CU_ASSERT_PTR_NULL(cf_site_drop(s)[0]);
    cf_site_close(s);
    CFUNIT_INT(open_site("{ \"drop\": [ \"account-id\", \"Foo Bar\" ],\n"
                         "\"plugins\": [ { \"name\": \"b\" }, { \"name\": \"a-1\" } ] }", &s, &d),
               CF_OK);
    CFUNIT_STR(cf_site_name(s, 0), "b");
    CFUNIT_STR(cf_site_name(s, 1), "a-1");
    CU_ASSERT_PTR_NULL(cf_site_name(s, 2));
    CFUNIT_STR(cf_site_drop(s)[0], "account");
    CFUNIT_STR(cf_site_drop(s)[1], "foo_bar");
    CU_ASSERT_PTR_NULL(cf_site_drop(s)[2]);
    cf_site_close(s);
}

static void test_lines(void)
{
    static const char text[] = "{\n \"a\": [ 1,\n  { \"x\\\"}\": \"]}\\\\\" ,\n \"b\": {} } ],\n"
                               "\n \"c\":\n null }";
    cfi_jsonstep_t at[] = { { "a", 0 }, { NULL, 1 }, { "b", 0 } };
    cfi_jsonstep_t c = { "c", 0 }, d = { "d", 0 }, third[] = { { "a", 0 }, { NULL, 2 } };

    CFUNIT_INT(cfi_jsonline(text, sizeof text - 1, at, 0), 1);
    CFUNIT_INT(cfi_jsonline(text, sizeof text - 1, at, 1), 2);
    CFUNIT_INT(cfi_jsonline(text, sizeof text - 1, at, 2), 3);
    CFUNIT_INT(cfi_jsonline(text, sizeof text - 1, at, 3), 4);
    CFUNIT_INT(cfi_jsonline(text, sizeof text - 1, &c, 1), 6);
    CFUNIT_INT(cfi_jsonline(text, sizeof text - 1, &d, 1), 0);
    CFUNIT_INT(cfi_jsonline(text, sizeof text - 1, third, 2), 0);
    /* Never past the end, whatever is cut off. */
    for (size_t n = 0; n < sizeof text; n++) {
        char *copy = malloc(n + 1);

        memcpy(copy, text, n);
        cfi_jsonline(copy, n, at, 3);
        cfi_jsonline(copy, n, &c, 1);
        free(copy);
    }
}

/* Folder of the toy beside this program's build tree; written once, before threads ask. */
static const char *toys(void)
{
    static char folder[CFI_PATH_MAX];

    if (folder[0] != '\0')
        return folder;
    snprintf(folder, sizeof folder, "%s/tests/plugins/.libs",
             cfi_where_build() != NULL ? cfi_where_build() : "");
    return folder;
}

static void test_settings(void)
{
    static const char *const good[] = { "number=3", "label=ab", NULL };
    static const char *const twice[] = { "number=3", "number=3", NULL };
    static const char *const unknown[] = { "numbers=3", NULL };
    static const char *const veto[] = { "number=7", NULL };
    cf_setting_value_t *v = NULL;
    cf_diag_t d = CF_DIAG_INIT;
    cf_module_t *m = NULL;
    cf_site_t *s;

    CFUNIT_INT(open_site("{ \"plugins\": [ { \"name\": \"toy\", \"settings\": {\n"
                         "\"number\": 8, \"mode\": \"fast\", \"odd\": true } } ] }", &s, &d),
               CF_OK);
    CFUNIT_INT(cf_site_plugin_path(s, toys(), &d), CF_OK);
    CFUNIT_INT(cf_site_reader(s, 0, &m, &d), CF_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CFUNIT_STR(cf_module_plugin(m)->name, "toy");
    CFUNIT_INT(cf_site_reader(s, 1, &m, &d), CF_EOF);
    CFUNIT_INT(cf_site_module(s, "toy", &m, &d), CF_OK);
    CFUNIT_INT(cf_module_settings(m, NULL, &v, &d), CF_OK);
    CFUNIT_INT(v[0].number, 8);
    CFUNIT_INT(v[1].number, 1);
    CFUNIT_STR(v[1].text, "fast");
    CU_ASSERT_FALSE(v[2].set);
    CU_ASSERT_TRUE(v[3].flag);
    cf_settings_free(v);
    CFUNIT_INT(cf_module_settings(m, good, &v, &d), CF_OK);
    CFUNIT_INT(v[0].number, 3);
    CFUNIT_STR(v[2].text, "ab");
    cf_settings_free(v);
    CFUNIT_INT(cf_module_settings(m, twice, &v, &d), CF_E_USAGE);
    CFUNIT_INT(cf_module_settings(m, unknown, &v, &d), CF_E_USAGE);
    CFUNIT_INT(cf_module_settings(m, veto, &v, &d), CF_E_PLUGIN);
    /* The same module again, by path: it is loaded already. */
    CFUNIT_INT(cf_site_plugin(s, "toy", &d), CF_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "step 8"));
    cf_site_close(s);
}

static void *load_many(void *arg)
{
    size_t *bad = arg;

    for (int i = 0; i < 20; i++) {
        cf_diag_t d = CF_DIAG_INIT;
        cf_site_t *s = NULL;
        cf_module_t *m;

        *bad += cf_site_open(&s, NULL, &d) != CF_OK;
        *bad += cf_site_plugin_path(s, toys(), &d) != CF_OK;
        *bad += cf_site_module(s, "toy", &m, &d) != CF_OK;
        cf_site_close(s);
    }
    return NULL;
}

static void test_threads(void)
{
    size_t bad[2] = { 0, 0 };
    pthread_t t;

    toys();
    CU_ASSERT_EQUAL_FATAL(pthread_create(&t, NULL, load_many, &bad[0]), 0);
    load_many(&bad[1]);
    pthread_join(t, NULL);
    CFUNIT_INT(bad[0] + bad[1], 0);
}

static void test_available(void)
{
    cf_diag_t d = CF_DIAG_INIT;
    char **names = NULL;
    cf_site_t *s = NULL;

    CFUNIT_INT(cf_site_open(&s, NULL, &d), CF_OK);
    CFUNIT_INT(cf_site_plugin_path(s, toys(), &d), CF_OK);
    CFUNIT_INT(cf_site_available(s, &names, &d), CF_OK);
    CFUNIT_STR(names[0], "toy");
    CU_ASSERT_PTR_NULL(names[1]);
    free(names);
    cf_site_close(s);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_refused), CFUNIT(test_taken), CFUNIT(test_lines), CFUNIT(test_settings),
    CFUNIT(test_threads), CFUNIT(test_available), { NULL, NULL }
};
CFUNIT_MAIN("site", tests)
