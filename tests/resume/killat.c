/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kills the process with SIGKILL at one of its renames. Loaded before a command by LD_PRELOAD;
 * CF_KILL_AT=n is the n-th rename (from 1), CF_KILL_WHEN=before or after it is done, or =fail: it is
 * not done and fails with EACCES, and the process lives. tests/resume/kill.py drives it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

static int
renamed(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
    static long seen;
    const char *at = getenv("CF_KILL_AT"), *when = getenv("CF_KILL_WHEN");
    int here = at != NULL && ++seen == strtol(at, NULL, 10), rc;

    if (here && when != NULL && strcmp(when, "fail") == 0) {
        errno = EACCES;
        return -1;
    }
    if (here && when != NULL && strcmp(when, "before") == 0)
        kill(getpid(), SIGKILL);
    rc = (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
    if (here)
        kill(getpid(), SIGKILL);
    return rc;
}

SHOWN int
rename(const char *from, const char *to)
{
    return renamed(AT_FDCWD, from, AT_FDCWD, to, 0);
}

SHOWN int
renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
    return renamed(from_at, from, to_at, to, flags);
}
