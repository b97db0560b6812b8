/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line of cfgen asks for, checked and in numbers. */
#ifndef CFGEN_OPTIONS_H
#define CFGEN_OPTIONS_H

#include "provider.h"
#include "sink.h"

#include <cf/cli.h>

enum { GEN_SETS_MAX = 16 };

typedef struct gen_options {
    const gen_provider_t *provider;
    const char *fields;
    const char *output, *output_dir;
    const char *set[GEN_SETS_MAX];         /* KEY=VALUE */
    uint32_t n_set;
    uint32_t given;                        /* GEN_NO_… of the options that some refuse */
    uint64_t flows, seed, epoch, files, per_file;
    uint32_t minutes, ppm_v6, ppm_reject, ppm_nodata, ppm_skipdata;
    int gzip_level;
    bool gzip, force, header;
} gen_options_t;

extern const cf_cmd_t gen_cmd;

/* Takes the own options of a begun command line; 0, or not after a usage error was told. */
int gen_options_read(gen_options_t *o, cf_cli_t *c);

#endif
