/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and checks the command line; see options.h and doc/man/cfgen.1. */
#include "options.h"
#include "text.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_FLOWS = 256, OPT_SEED, OPT_FIELDS, OPT_START, OPT_SPAN, OPT_FILES, OPT_PER_FILE,
       OPT_GZIP, OPT_DIR, OPT_NODATA, OPT_SKIPDATA, OPT_IPV6, OPT_REJECT, OPT_NO_HEADER, OPT_FORCE,
       OPT_HELP, OPT_VERSION };

static const struct option table[] = {
    { "flows", required_argument, NULL, OPT_FLOWS },
    { "seed", required_argument, NULL, OPT_SEED },
    { "format-fields", required_argument, NULL, OPT_FIELDS },
    { "start", required_argument, NULL, OPT_START },
    { "span", required_argument, NULL, OPT_SPAN },
    { "files", required_argument, NULL, OPT_FILES },
    { "per-file", required_argument, NULL, OPT_PER_FILE },
    { "gzip", optional_argument, NULL, OPT_GZIP },
    { "output", required_argument, NULL, 'o' },
    { "output-dir", required_argument, NULL, OPT_DIR },
    { "nodata", required_argument, NULL, OPT_NODATA },
    { "skipdata", required_argument, NULL, OPT_SKIPDATA },
    { "ipv6", required_argument, NULL, OPT_IPV6 },
    { "reject", required_argument, NULL, OPT_REJECT },
    { "no-header", no_argument, NULL, OPT_NO_HEADER },
    { "force", no_argument, NULL, OPT_FORCE },
    { "help", no_argument, NULL, OPT_HELP },
    { "version", no_argument, NULL, OPT_VERSION },
    { NULL, 0, NULL, 0 }
};

__attribute__((format(printf, 1, 2))) static int usage(const char *fmt, ...)
{
    va_list ap;

    fputs("cfgen: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputs("\nTry 'cfgen --help'.\n", stderr);
    return 2;
}

static int number(const char *s, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;

    if (*s == '\0')
        return -1;
    for (; *s != '\0'; s++) {
        if (*s < '0' || *s > '9' || v > (max - (uint64_t)(*s - '0')) / 10)
            return -1;
        v = v * 10 + (uint64_t)(*s - '0');
    }
    *out = v;
    return 0;
}

/* "2%", "0.5%" or "0.005", to millionths. */
static int share(const char *s, uint32_t *ppm)
{
    uint64_t v = 0, unit = 1000000;
    size_t n = strlen(s);

    if (n > 0 && s[n - 1] == '%') {
        unit = 10000;
        n--;
    }
    if (n == 0 || n > 9)
        return -1;
    for (; n > 0 && *s >= '0' && *s <= '9'; s++, n--)
        v = v * 10 + (uint64_t)(*s - '0');
    v *= unit;
    if (n > 0 && *s == '.')
        for (s++, n--; n > 0 && *s >= '0' && *s <= '9'; s++, n--) {
            unit /= 10;
            v += unit * (uint64_t)(*s - '0');
        }
    *ppm = (uint32_t)v;
    return n == 0 && v <= 1000000 ? 0 : -1;
}

/* "24h", "90m", "3600s", "2d" to minutes. */
static int span(const char *s, uint32_t *minutes)
{
    uint64_t v = 0, unit = 0;
    size_t n = strlen(s);
    char digits[12];

    if (n < 2 || n > sizeof digits)
        return -1;
    memcpy(digits, s, n - 1);
    digits[n - 1] = '\0';
    unit = s[n - 1] == 'd' ? 86400 : s[n - 1] == 'h' ? 3600 : s[n - 1] == 'm' ? 60
           : s[n - 1] == 's' ? 1 : 0;
    if (unit == 0 || number(digits, 100000000, &v) != 0)
        return -1;
    v = (v * unit + 59) / 60;
    *minutes = (uint32_t)v;
    return v >= 1 && v <= 525600 ? 0 : -1;
}

/* "2026-01-01" or "2026-01-01T12:30[:00][Z]" to seconds since 1970. */
static int start_time(const char *s, uint64_t *epoch)
{
    unsigned y = 0, mo = 0, d = 0, h = 0, mi = 0, sec = 0;
    uint64_t days;
    uint32_t cy, cm, cd;
    int n = 0;

    if (sscanf(s, "%4u-%2u-%2u%n", &y, &mo, &d, &n) != 3 || y < 1971 || y > 2200)
        return -1;
    s += n;
    n = 0;
    if (*s == 'T' && sscanf(s, "T%2u:%2u%n", &h, &mi, &n) == 2) {
        s += n;
        n = 0;
        if (*s == ':' && sscanf(s, ":%2u%n", &sec, &n) == 1)
            s += n;
    }
    if (strcmp(s, "Z") == 0)
        s++;
    if (*s != '\0' || h > 23 || mi > 59 || sec > 59)
        return -1;
    days = (uint64_t)(y - 1970) * 365 + (y - 1970) / 5;
    for (int i = 0; i < 400; i++, days++) {
        gen_date(days, &cy, &cm, &cd);
        if (cy == y && cm == mo && cd == d) {
            *epoch = days * 86400 + h * 3600 + mi * 60 + sec;
            return 0;
        }
    }
    return -1;
}

static void help(void)
{
    fputs("usage: cfgen PROVIDER [OPTION...]\n\n"
          "Writes made-up but realistic flow logs in a provider's own format.\n\n"
          "  --flows=N            records to make (10000)\n"
          "  --seed=S             same seed and options, same bytes (1)\n"
          "  --format-fields=LIST v2, v5, or '${field} ${field} ...'\n"
          "  --start=TIME         begin of the span (2026-01-01)\n"
          "  --span=DURATION      length of the span: 24h, 90m, 7d (24h)\n"
          "  --nodata=SHARE       NODATA records (0.5%)\n"
          "  --skipdata=SHARE     SKIPDATA records (0.01%)\n"
          "  --ipv6=SHARE         records with IPv6 addresses (2%)\n"
          "  --reject=SHARE       rejected records (11%)\n"
          "  --no-header          leave the header line out\n"
          "  --gzip[=LEVEL]       compress (6)\n"
          "  -o, --output=FILE    write to FILE, not to standard output\n"
          "  --output-dir=DIR     write objects named as the provider names them\n"
          "  --files=N            so many objects\n"
          "  --per-file=N         so many records in an object\n"
          "  --force              replace existing files\n"
          "  --help, --version\n\nProviders:\n", stdout);
    for (size_t i = 0; gen_provider_at(i) != NULL; i++)
        printf("  %-20s %s\n", gen_provider_at(i)->name, gen_provider_at(i)->summary);
}

static int take_number(int c, gen_options_t *o)
{
    uint64_t v, max = c == OPT_SEED ? UINT64_MAX : 1000000000000u;

    if (number(optarg, max, &v) != 0)
        return -1;
    switch (c) {
    case OPT_FLOWS:
        o->flows = v;
        break;
    case OPT_SEED:
        o->seed = v;
        break;
    case OPT_FILES:
        o->files = v;
        return v > 0 ? 0 : -1;
    case OPT_PER_FILE:
        o->per_file = v;
        return v > 0 ? 0 : -1;
    default:
        o->gzip_level = (int)v;
        return v >= 1 && v <= 9 ? 0 : -1;
    }
    return 0;
}

/* 0, or -1 if the value makes no sense. */
static int take(int c, gen_options_t *o)
{
    switch (c) {
    case OPT_FIELDS:
        o->fields = optarg;
        return 0;
    case OPT_START:
        return start_time(optarg, &o->epoch);
    case OPT_SPAN:
        return span(optarg, &o->minutes);
    case OPT_NODATA:
        return share(optarg, &o->ppm_nodata);
    case OPT_SKIPDATA:
        return share(optarg, &o->ppm_skipdata);
    case OPT_IPV6:
        return share(optarg, &o->ppm_v6);
    case OPT_REJECT:
        return share(optarg, &o->ppm_reject);
    case OPT_GZIP:
        o->gzip = true;
        return optarg == NULL ? 0 : take_number(c, o);
    case OPT_NO_HEADER:
        o->header = false;
        return 0;
    case OPT_FORCE:
        o->force = true;
        return 0;
    case 'o':
        o->output = optarg;
        return 0;
    case OPT_DIR:
        o->output_dir = optarg;
        return 0;
    default:
        return take_number(c, o);
    }
}

int gen_options_read(gen_options_t *o, int argc, char **argv)
{
    int c, which = 0;

    memset(o, 0, sizeof *o);
    o->flows = 10000;
    o->seed = 1;
    o->epoch = 1767225600;         /* 2026-01-01 */
    o->minutes = 1440;
    o->ppm_v6 = 20000;
    o->ppm_reject = 110000;
    o->ppm_nodata = 5000;
    o->ppm_skipdata = 100;
    o->gzip_level = 6;
    o->header = true;
    opterr = 0;
    while ((c = getopt_long(argc, argv, "o:", table, &which)) != -1) {
        if (c == '?')
            return usage("unknown option, or a value missing: %s", argv[optind - 1]);
        if (c == OPT_HELP) {
            help();
            return fflush(stdout) == 0 ? 0 : 1;
        }
        if (c == OPT_VERSION) {
            puts("cfgen " PACKAGE_VERSION);
            return fflush(stdout) == 0 ? 0 : 1;
        }
        if (take(c, o) != 0)
            return usage("--%s: cannot use '%s'", c == 'o' ? "output" : table[which].name, optarg);
    }
    if (optind != argc - 1)
        return usage(optind == argc ? "which provider?" : "more than one provider");
    o->provider = gen_provider_find(argv[optind]);
    if (o->provider == NULL)
        return usage("unknown provider '%s'", argv[optind]);
    if (o->output != NULL && o->output_dir != NULL)
        return usage("--output and --output-dir exclude each other");
    if (o->output_dir == NULL && (o->files > 0 || o->per_file > 0))
        return usage("--files and --per-file need --output-dir");
    if (o->files > 0 && o->per_file > 0)
        return usage("--files and --per-file exclude each other");
    return -1;
}
