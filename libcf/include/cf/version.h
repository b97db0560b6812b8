/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The version of the library: the one a program was compiled against (macros) and the one it
 * runs with (cf_version). Not for the version of the file format (doc/format.md) or of the
 * plug-in contract (cf/plugin.h); both have numbers of their own.
 */
#ifndef CF_VERSION_H
#define CF_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

#ifndef CF_API
#define CF_API __attribute__((visibility("default")))
#endif

#define CF_VERSION_MAJOR 0
#define CF_VERSION_MINOR 1
#define CF_VERSION_PATCH 0
#define CF_VERSION_STRING "0.1.0"

/* Version of the library in use, "MAJOR.MINOR.PATCH". Borrowed, never NULL, lives for ever. */
CF_API const char *cf_version(void);

#ifdef __cplusplus
}
#endif

#endif
