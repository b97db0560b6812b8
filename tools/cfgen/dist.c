/* SPDX-License-Identifier: Apache-2.0 */
/* Construction of the alias tables; see dist.h. */
#include "dist.h"

#include <stdlib.h>

int gen_alias_init(gen_alias_t *a, const uint32_t *weights, uint32_t n)
{
    uint64_t total = 0;
    uint64_t *mass = calloc(n, sizeof *mass);
    uint32_t *todo = calloc(n, sizeof *todo);
    uint32_t low = 0, high = n;

    a->n = n;
    a->cut = calloc(n, sizeof *a->cut);
    a->other = calloc(n, sizeof *a->other);
    if (mass == NULL || todo == NULL || a->cut == NULL || a->other == NULL) {
        free(mass);
        free(todo);
        gen_alias_fini(a);
        return -1;
    }
    for (uint32_t i = 0; i < n; i++)
        total += weights[i];
    /* One stack from both ends of `todo`: slots below the mean in front, the others behind. */
    for (uint32_t i = 0; i < n; i++) {
        mass[i] = (uint64_t)weights[i] * n;
        if (mass[i] < total)
            todo[low++] = i;
        else
            todo[--high] = i;
    }
    while (low > 0 && high < n) {
        uint32_t s = todo[--low], b = todo[high];

        a->cut[s] = (uint32_t)((mass[s] << 22) / total) << 2;
        a->other[s] = b;
        mass[b] -= total - mass[s];
        if (mass[b] < total) {
            high++;
            todo[low++] = b;
        }
    }
    while (low > 0)
        a->cut[todo[--low]] = 1u << 24;
    while (high < n)
        a->cut[todo[high++]] = 1u << 24;
    free(mass);
    free(todo);
    return 0;
}

int gen_alias_init_zipf(gen_alias_t *a, uint32_t n, uint32_t shift)
{
    uint32_t *w = calloc(n, sizeof *w);
    int rc;

    if (w == NULL)
        return -1;
    for (uint32_t i = 0; i < n; i++)
        w[i] = (uint32_t)((1u << 24) / (i + shift)) + 1;
    rc = gen_alias_init(a, w, n);
    free(w);
    return rc;
}

void gen_alias_fini(gen_alias_t *a)
{
    free(a->cut);
    free(a->other);
    a->cut = NULL;
    a->other = NULL;
    a->n = 0;
}
