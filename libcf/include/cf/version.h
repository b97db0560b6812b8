/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The version a program was compiled against, for the preprocessor; cf_version (cf/base.h) tells
 * the one it runs with. The file format and the plug-in contract have numbers of their own.
 */
#ifndef CF_VERSION_H
#define CF_VERSION_H

#include <cf/base.h>

#define CF_VERSION_MAJOR 0
#define CF_VERSION_MINOR 1
#define CF_VERSION_PATCH 0
#define CF_VERSION_STRING "0.1.0"

#endif
