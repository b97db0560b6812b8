/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is spread over several columns of a row: the end by a duration, the other direction by a
 * total.
 */
#include "csv.h"

static bool has(const cf_cell_t *cells, int i)
{
    return i >= 0 && !cells[i].null;
}

static int other_direction(cf_cell_t *cells, int total, int one, int other, const char **why)
{
    if (!has(cells, total) || !has(cells, one))
        return CF_OK;
    if (cells[total].v.u < cells[one].v.u) {
        *why = "total is less than one of its directions";
        return CF_R_RANGE;
    }
    cells[other].v.u = cells[total].v.u - cells[one].v.u;
    cells[other].null = false;
    return CF_OK;
}

int csv_row(void *ctx, cf_cell_t *cells, const char **why)
{
    const csv_cells_t *at = &((const csv_t *)ctx)->at;
    int rc = CF_OK;

    if (has(cells, at->duration) && at->stime >= 0 && at->etime >= 0) {
        cf_cell_t *from = &cells[at->stime], *to = &cells[at->etime];
        const int64_t length = cells[at->duration].v.t;
        bool wrong = false;

        if (to->null && !from->null)
            wrong = __builtin_add_overflow(from->v.t, length, &to->v.t);
        else if (from->null && !to->null)
            wrong = __builtin_sub_overflow(to->v.t, length, &from->v.t);
        if (wrong) {
            *why = "duration is out of range";
            return CF_R_TIME;
        }
        from->null = to->null = from->null && to->null;
    }
    if (at->total_bytes >= 0)
        rc = other_direction(cells, at->total_bytes, at->bytes, at->rbytes, why);
    if (rc == CF_OK && at->total_packets >= 0)
        rc = other_direction(cells, at->total_packets, at->packets, at->rpackets, why);
    return rc;
}
