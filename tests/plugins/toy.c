/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A toy module for tests of the loader: a reader that reads nothing. Macros on the command line
 * make it wrong in one way each; toys.py has the list. As it stands it is good and called "toy".
 */
#include <stdlib.h>
#include <string.h>

#include <cf/plugin.h>

#ifndef TOY
#define TOY toy
#define TOY_NAME "toy"
#endif
#ifndef TOY_ABI
#define TOY_ABI CF_PLUGIN_ABI
#endif
#ifndef TOY_SIZE
#define TOY_SIZE sizeof(cf_plugin_t)
#endif
#ifndef TOY_OPS_SIZE
#define TOY_OPS_SIZE sizeof(cf_reader_ops_t)
#endif
#ifndef TOY_KIND
#define TOY_KIND CF_PLUGIN_READER
#endif
#ifndef TOY_FLAGS
#define TOY_FLAGS 0
#endif
#ifndef TOY_OPS
#define TOY_OPS &ops
#endif
#ifndef TOY_READ
#define TOY_READ toy_read
#endif
#ifndef TOY_VERSION
#define TOY_VERSION "1.2"
#endif
#ifndef TOY_PRESET
#define TOY_PRESET "5"
#endif

#ifdef TOY_UNDEFINED
int toy_function_that_is_nowhere(void);
#endif
#ifdef TOY_ABSENT
int toy_absent(void);
#endif

static int toy_probe(const cf_probe_t *p)
{
#ifdef TOY_UNDEFINED
    return toy_function_that_is_nowhere();
#elif defined TOY_ABSENT
    return toy_absent();
#else
    return p->len >= 4 && memcmp(p->bytes, "toy\n", 4) == 0 ? 100 : 0;
#endif
}

static int toy_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    (void)env;
    *state = malloc(1);
    return *state != NULL ? CF_OK : cf_diag_set(d, CF_E_NOMEM, "out of memory");
}

static int toy_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    const char *bytes;
    size_t n;
    int rc;

    (void)state;
    (void)batch;
    while ((rc = cf_input_fill(in, 1, &bytes, &n, d)) == CF_OK)
        cf_input_consume(in, n);
    return rc;
}

static void toy_close(void *state)
{
    free(state);
}

static const cf_setting_t settings[] = {
    { "number", CF_SETTING_UINT, TOY_PRESET, 1, 9, NULL, "a number" },
    { "mode", CF_SETTING_ENUM, "slow", 0, 0, "slow fast", "a word" },
    { "label", CF_SETTING_STRING, NULL, 2, 8, NULL, "a text" },
    { "odd", CF_SETTING_BOOL, "no", 0, 0, NULL, "a switch" },
#ifdef TOY_TWO_SETTINGS
    { "odd", CF_SETTING_BOOL, "no", 0, 0, NULL, "again" },
#endif
    { .key = NULL }
};

/* 7 and fast do not go together. */
static int toy_check(const cf_setting_value_t *v, cf_diag_t *d)
{
    if (v[0].number == 7 && v[1].number == 1)
        return cf_diag_set(d, CF_E_USAGE, "number 7 is too much for mode fast");
    return CF_OK;
}

__attribute__((unused)) static const cf_reader_ops_t ops = {
    .size = TOY_OPS_SIZE, .probe = toy_probe, .open = toy_open, .read = TOY_READ,
    .close = toy_close
};

#define SYMBOL(name) CF_PLUGIN_SYMBOL(name)

#ifndef TOY_NO_SYMBOL
CF_EXPORT extern const cf_plugin_t SYMBOL(TOY);
CF_EXPORT const cf_plugin_t SYMBOL(TOY) = {
#else
CF_EXPORT extern const cf_plugin_t toy_descriptor_without_its_name;
CF_EXPORT const cf_plugin_t toy_descriptor_without_its_name = {
#endif
    .abi = TOY_ABI, .size = TOY_SIZE, .name = TOY_NAME, .version = TOY_VERSION, .kind = TOY_KIND,
    .flags = TOY_FLAGS, .summary = "toy: reads nothing", .settings = settings,
    .check = toy_check, .ops = TOY_OPS
};
