/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of command lines as commands use it: own options in order, common ones typed,
 * operands, environment, faults with their sentence. What goes through standard output and the exit
 * is in tests/cli/cfplugin.
 */
#include "cfunit.h"

#include <fcntl.h>
#include <unistd.h>

#include <cf/cli.h>

enum { OPT_FIELDS = 256, OPT_NOT, OPT_ALL };
static const cf_opt_t opts[] = {
    { "fields", 'f', "LIST", OPT_FIELDS, 0, "columns" },
    { "not", 'n', "EXPR", OPT_NOT, CF_OPT_REPEAT, "what not" },
    { "all", 'a', NULL, OPT_ALL, 0, "all" },
    { NULL, 0, NULL, 0, 0, NULL }
};
static const cf_cmd_t cmd = { "cftest", "[OPTION…] [FILE…]", "Test", opts,
                              CF_COMMON_INPUT | CF_COMMON_OUTPUT | CF_COMMON_LEVEL |
                              CF_COMMON_TEXT | CF_COMMON_MEMORY, NULL, 0 };

static char said[8192];        /* what the last begin wrote to standard error */

/* Run cf_cli_begin over blank-separated words; standard error goes to said. */
static int begin(cf_cli_t *c, const char *line)
{
    static char words[1024];
    char *argv[64], name[] = "cftest", scratch[] = "/tmp/cf-unit-cli.XXXXXX";
    int argc = 0, status, keep = dup(STDERR_FILENO), fd = mkstemp(scratch);
    ssize_t n;

    CU_ASSERT_TRUE_FATAL(keep >= 0 && fd >= 0);
    unlink(scratch);
    snprintf(words, sizeof words, "%s", line);
    argv[argc++] = name;
    for (char *at = words, *word; (word = strsep(&at, " ")) != NULL;)
        argv[argc++] = word;
    argv[argc] = NULL;
    dup2(fd, STDERR_FILENO);
    status = cf_cli_begin(c, &cmd, line[0] != '\0' ? argc : 1, argv);
    dup2(keep, STDERR_FILENO);
    close(keep);
    n = pread(fd, said, sizeof said - 1, 0);
    said[n > 0 ? n : 0] = '\0';
    close(fd);
    return status;
}

static void finish(cf_cli_t *c)
{
    /* cf_cli_end closes standard output, which TAP needs: give it a copy. */
    int keep = dup(STDOUT_FILENO);

    fflush(stdout);
    CFUNIT_INT(cf_cli_end(c, NULL), 0);
    dup2(keep, STDOUT_FILENO);
    close(keep);
    stdout = fdopen(STDOUT_FILENO, "w");
}

static void faulty(const char *line, const char *sentence)
{
    char wanted[512];
    cf_cli_t c;

    snprintf(wanted, sizeof wanted, "cftest: %s\ncftest: try 'cftest --help'\n", sentence);
    CFUNIT_INT(begin(&c, line), 2);
    CFUNIT_STR(said, wanted);
}

static void test_own(void)
{
    const char *v = NULL;
    cf_cli_t c;

    CFUNIT_INT(begin(&c, "a --not x -n y b --fields=p,q -a -- --not -- -"), -1);
    CFUNIT_INT(cf_cli_option(&c, &v), OPT_NOT);
    CFUNIT_STR(v, "x");
    CFUNIT_INT(cf_cli_option(&c, &v), OPT_NOT);
    CFUNIT_STR(v, "y");
    CFUNIT_INT(cf_cli_option(&c, &v), OPT_FIELDS);
    CFUNIT_STR(v, "p,q");
    CFUNIT_INT(cf_cli_option(&c, &v), OPT_ALL);
    CU_ASSERT_PTR_NULL(v);
    CFUNIT_INT(cf_cli_option(&c, &v), -1);
    CFUNIT_INT(c.noperands, 5);
    CFUNIT_STR(c.operands[0], "a");
    CFUNIT_STR(c.operands[2], "--not");
    CFUNIT_STR(c.operands[4], "-");
    finish(&c);
    CFUNIT_INT(begin(&c, "-afx,y -n= -nz --not="), -1);
    CFUNIT_INT(cf_cli_option(&c, &v), OPT_ALL);
    CFUNIT_INT(cf_cli_option(&c, &v), OPT_FIELDS);
    CFUNIT_STR(v, "x,y");
    CFUNIT_INT(cf_cli_option(&c, &v), OPT_NOT);
    CFUNIT_STR(v, "=");
    CFUNIT_INT(cf_cli_option(&c, &v), OPT_NOT);
    CFUNIT_STR(v, "z");
    CFUNIT_INT(cf_cli_option(&c, &v), OPT_NOT);
    CFUNIT_STR(v, "");
    CFUNIT_STR(c.command_line, "cftest -afx,y -n= -nz --not=");
    finish(&c);
}

static void test_common(void)
{
    cf_cli_t c;

    CFUNIT_INT(begin(&c, ""), -1);
    CU_ASSERT_TRUE(c.threads >= 1 && c.threads <= 64);
    CFUNIT_INT(c.memory, INT64_C(1) << 30);
    CU_ASSERT_TRUE(c.max_rejects == UINT64_MAX);
    CU_ASSERT_PTR_NULL(c.output);
    CU_ASSERT_PTR_NULL(c.xargs);
    CU_ASSERT_TRUE(c.titles && c.provenance && !c.force && !c.format_given && !c.allow_empty);
    CU_ASSERT_PTR_NULL(c.settings[0]);
    finish(&c);
    CFUNIT_INT(begin(&c, "--threads=3 --memory 64Mi --max-rejects=0 -o out --force --level=small "
                     "--no-provenance -Fcsv --no-titles --xargs --set a=1 --set=b=x=y "
                     "--allow-empty --stats=json -vq --progress=never"), -1);
    CFUNIT_INT(c.threads, 3);
    CFUNIT_INT(c.memory, 64 << 20);
    CFUNIT_INT(c.max_rejects, 0);
    CFUNIT_STR(c.output, "out");
    CFUNIT_INT(c.level, CF_LEVEL_SMALL);
    CFUNIT_INT(c.format, CF_TEXT_CSV);
    CU_ASSERT_TRUE(!c.titles && !c.provenance && c.force && c.format_given && c.allow_empty);
    CFUNIT_STR(c.xargs, "-");
    CU_ASSERT_PTR_NULL(c.reader);
    CFUNIT_STR(c.settings[1], "b=x=y");
    CU_ASSERT_PTR_NULL(c.settings[2]);
    CFUNIT_INT(c.stats, 2);
    CFUNIT_INT(c.verbosity, -1);
    CU_ASSERT_FALSE(c.progress);
    finish(&c);
    CFUNIT_INT(begin(&c, "--output=- --xargs=names --stats"), -1);
    CU_ASSERT_PTR_NULL(c.output);
    CFUNIT_STR(c.xargs, "names");
    CFUNIT_INT(c.stats, 1);
    finish(&c);
}

static void test_faults(void)
{
    faulty("--field=x", "unknown option '--field' (is '--fields' meant?)");
    faulty("--forse", "unknown option '--forse' (is '--force' meant?)");
    faulty("--completio", "unknown option '--completio'");
    faulty("--nothing-like-it", "unknown option '--nothing-like-it'");
    faulty("-z", "unknown option '-z'");
    faulty("-az", "unknown option '-z'");
    faulty("--fields", "option '--fields' needs a value: --fields=LIST");
    faulty("-f", "option '-f' needs a value: --fields=LIST");
    faulty("--all=1", "option '--all' takes no value");
    faulty("--fields=a -f b", "option '--fields' is given twice");
    faulty("--all --all", "option '--all' is given twice");
    faulty("--threads=1 --threads=1", "option '--threads' is given twice");
    faulty("--threads=0", "option '--threads': '0' is not a number from 1 to 64");
    faulty("--threads=65", "option '--threads': '65' is not a number from 1 to 64");
    faulty("--memory=1k", "option '--memory': '1k' is not a size from 16Mi to 16Ti");
    faulty("--max-rejects=-1", "option '--max-rejects': '-1' is not a number of rows");
    faulty("--level=best", "option '--level': 'best' is none of fast, balanced, small");
    faulty("--format=json", "option '--format': 'json' is none of text, csv, ndjson");
    faulty("--stats=yaml", "option '--stats': 'yaml' is not json");
    faulty("--progress=yes", "option '--progress': 'yes' is none of auto, always, never");
    faulty("--set=a", "option '--set': 'a' is not KEY=VALUE");
    faulty("--set==a", "option '--set': '=a' is not KEY=VALUE");
    faulty("--output=", "option '--output' has an empty value");
    faulty("--bad\x1b[2J", "unknown option '--bad\\x1b[2J'");
}

static void test_environment(void)
{
    cf_cli_t c;

    setenv("CF_THREADS", "5", 1);
    setenv("CF_MEMORY", "32Mi", 1);
    setenv("CF_CLOBBER", "1", 1);
    setenv("CF_PROGRESS", "always", 1);
    CFUNIT_INT(begin(&c, ""), -1);
    CFUNIT_INT(c.threads, 5);
    CFUNIT_INT(c.memory, 32 << 20);
    CU_ASSERT_TRUE(c.force && c.progress);
    finish(&c);
    CFUNIT_INT(begin(&c, "--threads=2 --memory=16Mi --quiet"), -1);
    CFUNIT_INT(c.threads, 2);
    CFUNIT_INT(c.memory, 16 << 20);
    CU_ASSERT_FALSE(c.progress);
    finish(&c);
    setenv("CF_THREADS", "many", 1);
    faulty("", "CF_THREADS: 'many' is not a number from 1 to 64");
    setenv("CF_THREADS", "", 1);
    setenv("CF_CLOBBER", "yes", 1);
    faulty("", "CF_CLOBBER: 'yes' is neither 0 nor 1");
    unsetenv("CF_CLOBBER");
    setenv("CF_MEMORY", "0", 1);
    faulty("", "CF_MEMORY: '0' is not a size from 16Mi to 16Ti");
    unsetenv("CF_MEMORY");
    setenv("CF_PROGRESS", "1", 1);
    faulty("", "CF_PROGRESS: '1' is none of auto, always, never");
    unsetenv("CF_PROGRESS");
    unsetenv("CF_THREADS");
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_own), CFUNIT(test_common), CFUNIT(test_faults), CFUNIT(test_environment),
    { NULL, NULL }
};
CFUNIT_MAIN("cli", tests)
