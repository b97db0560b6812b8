/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feeds a fuzz target without a fuzzer: every file of the folders named, each then also in
 * changed forms (bits flipped, bytes inserted, cut, doubled, joined with a neighbour), from a fixed
 * seed so that a run can be repeated. Prints TAP, one line a folder; a crash names the file, the
 * seed and the round, and leaves the bytes in ./crash-input.
 *
 *     driver [--rounds=N] [--seconds=S] [--seed=N] FOLDER|FILE…
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

enum { MAX_FILES = 4096, MAX_BYTES = 1 << 20 };

typedef struct sample {
    char *name;
    uint8_t *bytes;
    size_t n;
} sample_t;

static sample_t samples[MAX_FILES];
static size_t nsamples;
static uint64_t state;
static const sample_t *current;
static unsigned current_round;
static uint8_t work[MAX_BYTES];
static size_t work_n;

static uint64_t
next_random(void)
{
    /* splitmix64, public domain construction by S. Vigna */
    uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t
below(size_t n)
{
    return n > 0 ? (size_t)(next_random() % n) : 0;
}

static void
say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        _exit(99);
}

static void
crashed(int signal_number)
{
    char digits[16];
    int fd = open("crash-input", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd >= 0) {
        if (write(fd, work, work_n) < 0)
            say("cannot keep the input\n");
        close(fd);
    }
    say("crash on ");
    say(current != NULL ? current->name : "nothing");
    snprintf(digits, sizeof(digits), ", round %u", current_round);
    say(digits);
    say("; the bytes are in crash-input\n");
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static int
load_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    sample_t *s = &samples[nsamples];

    if (f == NULL || nsamples == MAX_FILES) {
        if (f != NULL)
            fclose(f);
        return -1;
    }
    s->n = fread(work, 1, sizeof(work), f);
    fclose(f);
    s->name = strdup(path);
    s->bytes = malloc(s->n + 1);
    if (s->name == NULL || s->bytes == NULL)
        return -1;
    memcpy(s->bytes, work, s->n);
    nsamples++;
    return 0;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const sample_t *)a)->name, ((const sample_t *)b)->name);
}

static int
load(const char *path)
{
    struct dirent *entry;
    struct stat st;
    char name[4096];
    DIR *folder;

    if (stat(path, &st) != 0)
        return -1;
    if (!S_ISDIR(st.st_mode))
        return load_file(path);
    folder = opendir(path);
    if (folder == NULL)
        return -1;
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        load_file(name);
    }
    closedir(folder);
    qsort(samples, nsamples, sizeof(samples[0]), by_name);
    return 0;
}

/* Numbers at the edge of something, for lengths and counts. */
static const uint64_t edges[] = {
    0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
    UINT64_C(0x7fffffffffffffff), UINT64_C(0xffffffffffffffff)
};

static void
change_once(void)
{
    const sample_t *other = &samples[below(nsamples)];
    size_t at = below(work_n), len = 1 + below(16), width;
    uint64_t edge;

    switch (below(7)) {
    case 0:
        if (work_n > 0)
            work[at] ^= (uint8_t)(1u << below(8));
        break;
    case 1:
        if (work_n > 0)
            work[at] = (uint8_t)next_random();
        break;
    case 2:
        work_n = at;
        break;
    case 3:
        len = len < work_n - at ? len : work_n - at;
        memmove(work + at, work + at + len, work_n - at - len);
        work_n -= len;
        break;
    case 4:
        if (work_n + len <= sizeof(work) && len <= work_n - at) {
            memmove(work + at + len, work + at, work_n - at);
            work_n += len;
        }
        break;
    case 5:
        width = (size_t)1 << below(4);
        edge = edges[below(sizeof(edges) / sizeof(edges[0]))];
        if (at + width <= work_n)
            memcpy(work + at, &edge, width);
        break;
    default:
        len = below(other->n + 1);
        if (at + len <= sizeof(work)) {
            memcpy(work + at, other->bytes + other->n - len, len);
            work_n = at + len > work_n ? at + len : work_n;
        }
        break;
    }
}

static void
run_once(const sample_t *s, unsigned round)
{
    uint8_t *exact;
    size_t i, changes;

    current = s;
    current_round = round;
    memcpy(work, s->bytes, s->n);
    work_n = s->n;
    if (round > 0) {
        changes = 1 + below(4);
        for (i = 0; i < changes; i++)
            change_once();
    }
    /* A copy of the exact size, so that a sanitizer sees each byte read too far. */
    exact = malloc(work_n > 0 ? work_n : 1);
    if (exact == NULL)
        exit(99);
    memcpy(exact, work, work_n);
    LLVMFuzzerTestOneInput(exact, work_n);
    free(exact);
}

static void
run_all(const char *name, unsigned rounds, time_t seconds)
{
    time_t end = time(NULL) + seconds;
    unsigned long runs = 0;
    unsigned round;
    size_t i;

    for (round = 0; seconds > 0 ? time(NULL) < end : round <= rounds; round++) {
        for (i = 0; i < nsamples && (seconds == 0 || (i & 15) != 15 || time(NULL) < end); i++) {
            run_once(&samples[i], round);
            runs++;
        }
    }
    printf("%s 1 - %s: %zu inputs, %lu runs\n1..1\n", nsamples > 0 ? "ok" : "not ok", name,
           nsamples, runs);
}

int
main(int argc, char **argv)
{
    unsigned rounds = 0;
    time_t seconds = 0;
    size_t k;
    int i;

    state = 1;
    signal(SIGABRT, crashed);
    signal(SIGSEGV, crashed);
    signal(SIGFPE, crashed);
    signal(SIGBUS, crashed);
    for (i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--rounds=", 9) == 0)
            rounds = (unsigned)strtoul(argv[i] + 9, NULL, 10);
        else if (strncmp(argv[i], "--seconds=", 10) == 0)
            seconds = (time_t)strtoul(argv[i] + 10, NULL, 10);
        else if (strncmp(argv[i], "--seed=", 7) == 0)
            state = strtoull(argv[i] + 7, NULL, 10);
        else if (load(argv[i]) != 0)
            fprintf(stderr, "cannot read %s\n", argv[i]);
    }
    run_all(argc > 0 ? argv[argc - 1] : "", rounds, seconds);
    for (k = 0; k < nsamples; k++) {
        free(samples[k].name);
        free(samples[k].bytes);
    }
    return nsamples > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
