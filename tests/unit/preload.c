/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A module that is linked into the program, as in builds without shared libraries: found by its
 * name before any folder is looked at, proven by the same steps. There libtool writes the list of
 * symbols (-dlpreopen); here it is written by hand, because libtool does so for static modules
 * only.
 */
#include "cfunit.h"

#include <ltdl.h>

#include <cf/site.h>

extern const cf_plugin_t CF_PLUGIN_SYMBOL(toy);

static const lt_dlsymlist inside[] = {
    { "preload", NULL }, { "toy.a", NULL },
    { "toy_LTX_cf_plugin", (void *)(uintptr_t)&CF_PLUGIN_SYMBOL(toy) }, { NULL, NULL }
};

static void test_preloaded(void)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_setting_value_t *v = NULL;
    cf_module_t *m = NULL;
    cf_site_t *s = NULL;

    CFUNIT_INT(lt_dlpreload_default(inside), 0);
    CFUNIT_INT(cf_site_open(&s, NULL, &d), CF_OK);
    CFUNIT_INT(cf_site_plugin_path(s, "/nowhere", &d), CF_OK);
    CFUNIT_INT(cf_site_module(s, "toy", &m, &d), CF_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CFUNIT_STR(cf_module_path(m), "preloaded");
    CFUNIT_STR(cf_module_plugin(m)->name, "toy");
    CFUNIT_INT(cf_module_settings(m, NULL, &v, &d), CF_OK);
    CFUNIT_INT(v[0].number, 5);
    cf_settings_free(v);
    CFUNIT_INT(cf_site_module(s, "other", &m, &d), CF_E_PLUGIN);
    cf_site_close(s);
}

static const cfunit_test_t tests[] = { CFUNIT(test_preloaded), { NULL, NULL } };
CFUNIT_MAIN("preload", tests)
