/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The version in the header, the one the library reports and the one of the build are one. Also
 * the shortest example of a unit program.
 */
#include "cfunit.h"

#include <cf/version.h>

static void
test_same_version(void)
{
    char text[64];

    CFUNIT_STR(cf_version(), CF_VERSION_STRING);
    CFUNIT_STR(cf_version(), PACKAGE_VERSION);
    snprintf(text, sizeof(text), "%d.%d.%d", CF_VERSION_MAJOR, CF_VERSION_MINOR,
             CF_VERSION_PATCH);
    CFUNIT_STR(text, CF_VERSION_STRING);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_same_version),
    { NULL, NULL }
};

CFUNIT_MAIN("version", tests)
