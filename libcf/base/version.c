/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers which libcf a program runs with. The number itself is set once, in configure.ac; the
 * header repeats it for the preprocessor and this file refuses to compile when they differ.
 */
#include <cf/version.h>

_Static_assert(sizeof(CF_VERSION_STRING) == sizeof(PACKAGE_VERSION),
               "cf/version.h and configure.ac disagree");

const char *
cf_version(void)
{
    return PACKAGE_VERSION;
}
