/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What cfstitch did: flows by completeness and opener, what memory or order cost, and whether the
 * counters agree with what was read.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cfstitch.h"

#define WORDS_MAX 200

/* "12 whole, 3 no-end" of the words of a field; "none" when all are zero. */
static const char *words(const char *field, const uint64_t *n, size_t count, char *out)
{
    const cf_field_t *f = cf_field_find(field);
    size_t at = 0;

    snprintf(out, WORDS_MAX, "none");
    for (size_t i = 0; i < count && at < WORDS_MAX; i++)
        if (n[i] > 0)
            at += (size_t)snprintf(out + at, WORDS_MAX - at, "%s%" PRIu64 " %s", at > 0 ? ", " : "", n[i],
                                   f->names[i]);
    return out;
}

bool cfstitch_balanced(const cf_stitch_summary_t *s)
{
    return memcmp(&s->packets[0], &s->packets[1], sizeof s->packets[0]) == 0 &&
        memcmp(&s->bytes[0], &s->bytes[1], sizeof s->bytes[0]) == 0;
}

void cfstitch_tell(cfstitch_t *x, const cf_stitch_summary_t *s)
{
    char text[WORDS_MAX], more[WORDS_MAX];

    if (x->cli.verbosity >= 0) {
        fprintf(stderr, "cfstitch: %" PRIu64 " rows became %" PRIu64 " flows: %s\n", s->rows - s->passed, s->flows,
                words("complete", s->complete, 6, text));
        if (s->passed > 0)
            fprintf(stderr, "cfstitch: %" PRIu64 " rows passed as they are, %" PRIu64 " of them no flows\n",
                    s->passed, s->status);
        if (x->o.biflow)
            fprintf(stderr, "cfstitch: opener: %s; by %s\n", words("opener", s->opener, 3, text),
                    words("openby", s->openby, 6, more));
    }
    if (s->cut_memory > 0)
        cf_cli_warn(&x->cli, "%" PRIu64 " open flows were cut because memory was full; more --memory or a shorter "
                    "--idle-timeout keeps them whole", s->cut_memory);
    if (s->late > 0)
        cf_cli_warn(&x->cli, "%" PRIu64 " rows came too late to be put in order; a longer --reorder waits for them",
                    s->late);
    if (s->unordered > 0)
        cf_cli_warn(&x->cli, "%" PRIu64 " flows are not in order of their start, as memory did not hold them all "
                    "and the input is not in order of time", s->unordered);
}

static void note(cfstitch_t *x, const char *name, uint64_t n)
{
    cf_cli_count(&x->cli, name, (cf_sum_t){ 0, n });
}

void cfstitch_count(cfstitch_t *x, const cf_stitch_summary_t *s)
{
    static const char *const complete[6] = { "whole", "no_begin", "no_end", "middle", "cut", "unknown" };
    static const char *const opener[3] = { "opener_known", "opener_guessed", "opener_unknown" };
    static const char *const openby[6] = { "by_flags", "by_begin", "by_log", "by_earlier", "by_port", "by_none" };

    note(x, "rows", s->rows);
    note(x, "status_rows", s->status);
    note(x, "passed", s->passed);
    note(x, "flows", s->flows);
    for (unsigned i = 0; i < 6; i++)
        note(x, complete[i], s->complete[i]);
    for (unsigned i = 0; i < 3 && x->o.biflow; i++)
        note(x, opener[i], s->opener[i]);
    for (unsigned i = 0; i < 6 && x->o.biflow; i++)
        note(x, openby[i], s->openby[i]);
    note(x, "cut_active", s->cut_active);
    note(x, "cut_memory", s->cut_memory);
    note(x, "late", s->late);
    note(x, "unordered", s->unordered);
    cf_cli_count(&x->cli, "packets_in", s->packets[0]);
    cf_cli_count(&x->cli, "packets_out", s->packets[1]);
    cf_cli_count(&x->cli, "bytes_in", s->bytes[0]);
    cf_cli_count(&x->cli, "bytes_out", s->bytes[1]);
}
