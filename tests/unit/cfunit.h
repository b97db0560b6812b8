/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every unit program shares: CUnit does the assertions, this header runs the tests and
 * speaks TAP, so that make check counts single tests and shows the failed line. A program is a
 * list of functions and one macro:
 *
 *     static void test_parse(void) { CU_ASSERT_EQUAL(parse("1"), 1); }
 *     static const cfunit_test_t tests[] = { CFUNIT(test_parse), { NULL, NULL } };
 *     CFUNIT_MAIN("value", tests)
 *
 * With arguments only the tests whose name contains one of them run.
 */
#ifndef CFUNIT_H
#define CFUNIT_H

#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct cfunit_test {
    const char *name;
    void (*run)(void);
} cfunit_test_t;

#define CFUNIT(function) { #function, function }

/* Assertions whose failure shows both values. */
#define CFUNIT_INT(actual, wanted) \
    cfunit_int((long long)(actual), (long long)(wanted), #actual, __FILE__, __LINE__)
#define CFUNIT_STR(actual, wanted) cfunit_str((actual), (wanted), #actual, __FILE__, __LINE__)

static const char *cfunit_skip_reason;

/* Marks the running test as skipped; the test returns right after. */
static inline void
cfunit_skip(const char *reason)
{
    cfunit_skip_reason = reason;
}

static inline void
cfunit_int(long long actual, long long wanted, const char *what, const char *file, int line)
{
    if (actual != wanted)
        printf("# %s:%d: %s is %lld, wanted %lld\n", file, line, what, actual, wanted);
    CU_assertImplementation(actual == wanted, (unsigned)line, what, file, "", CU_FALSE);
}

static inline void
cfunit_str(const char *actual, const char *wanted, const char *what, const char *file, int line)
{
    int same = actual != NULL && wanted != NULL ? strcmp(actual, wanted) == 0 : actual == wanted;

    if (!same)
        printf("# %s:%d: %s is \"%s\", wanted \"%s\"\n", file, line, what,
               actual != NULL ? actual : "(null)", wanted != NULL ? wanted : "(null)");
    CU_assertImplementation(same, (unsigned)line, what, file, "", CU_FALSE);
}

static inline int
cfunit_wanted(const char *name, int argc, char **argv)
{
    int i;

    for (i = 1; i < argc; i++) {
        if (strstr(name, argv[i]) != NULL)
            return 1;
    }
    return argc < 2;
}

static inline int
cfunit_one(CU_pSuite suite, CU_pTest test, const char *suite_name, int number)
{
    CU_pFailureRecord failure;
    unsigned failed;

    cfunit_skip_reason = NULL;
    CU_run_test(suite, test);
    failed = CU_get_number_of_failures();
    for (failure = CU_get_failure_list(); failure != NULL; failure = failure->pNext)
        printf("# %s:%u: %s\n", failure->strFileName, failure->uiLineNumber,
               failure->strCondition);
    printf("%s %d - %s %s", failed > 0 ? "not ok" : "ok", number, suite_name, test->pName);
    if (cfunit_skip_reason != NULL && failed == 0)
        printf(" # SKIP %s", cfunit_skip_reason);
    printf("\n");
    fflush(stdout);
    return failed > 0;
}

static inline int
cfunit_main(const char *suite_name, const cfunit_test_t *tests, int argc, char **argv)
{
    CU_pSuite suite;
    int number = 0, bad = 0;
    size_t i;

    if (CU_initialize_registry() != CUE_SUCCESS)
        return 99;
    suite = CU_add_suite(suite_name, NULL, NULL);
    for (i = 0; tests[i].name != NULL; i++) {
        CU_pTest test = CU_add_test(suite, tests[i].name, tests[i].run);

        if (test == NULL) {
            printf("Bail out! %s: %s\n", tests[i].name, CU_get_error_msg());
            return 99;
        }
        if (cfunit_wanted(tests[i].name, argc, argv))
            bad |= cfunit_one(suite, test, suite_name, ++number);
    }
    printf("1..%d\n", number);
    CU_cleanup_registry();
    /* Under make the TAP lines say what failed; a status would count as one failure more. */
    return bad && getenv("CF_TAP_ONLY") == NULL ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define CFUNIT_MAIN(suite_name, tests) \
    int main(int argc, char **argv) \
    { \
        return cfunit_main(suite_name, tests, argc, argv); \
    }

#endif
