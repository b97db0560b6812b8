/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast is the tokenizer? Reads files into memory, then takes all their tokens some times and
 * prints the best: megabytes and tokens a second of processor time.
 *
 *     json-bench [-n ROUNDS] FILE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cf/json.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static char *load(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *bytes = NULL;
    long size;

    if (f == NULL)
        return NULL;
    if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
        *n = (size_t)size;
        bytes = malloc(*n + 1);
        if (bytes != NULL && fread(bytes, 1, *n, f) != *n) {
            free(bytes);
            bytes = NULL;
        }
    }
    fclose(f);
    return bytes;
}

/* Tokens of the text, or 0 when it is not JSON. */
static unsigned long count(const char *text, size_t n, cf_diag_t *d)
{
    cf_input_t *in = NULL;
    cf_json_t *j = NULL;
    cf_json_token_t t;
    unsigned long tokens = 0;
    int rc = cf_input_open_memory(&in, "text", text, n, CF_INPUT_RAW, d);

    if (rc == CF_OK)
        rc = cf_json_open(&j, in, d);
    while (rc == CF_OK && (rc = cf_json_next(j, &t, d)) == CF_OK)
        tokens++;
    cf_json_close(j);
    cf_input_close(in);
    return rc == CF_EOF ? tokens : 0;
}

int main(int argc, char **argv)
{
    int rounds = 5, i = 1, r;

    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        rounds = (int)strtol(argv[2], NULL, 10);
        i = 3;
    }
    for (; i < argc; i++) {
        cf_diag_t d = CF_DIAG_INIT;
        size_t n = 0;
        char *text = load(argv[i], &n);
        unsigned long tokens = 0;
        double best = 0;

        for (r = 0; text != NULL && r < rounds; r++) {
            double from = now(), took;

            tokens = count(text, n, &d);
            took = now() - from;
            best = r == 0 || took < best ? took : best;
        }
        free(text);
        if (tokens == 0) {
            fprintf(stderr, "json-bench: %s: cannot be read: %s\n", argv[i], d.text);
            return 1;
        }
        printf("%s: %.1f MB, %.0f MB/s, %.1f M tokens/s\n", argv[i], (double)n / 1e6,
               (double)n / 1e6 / best, (double)tokens / 1e6 / best);
    }
    return 0;
}
