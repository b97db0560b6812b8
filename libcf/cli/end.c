/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a run: outputs are put in place or taken back, the limit of rejected rows is judged,
 * statistics are told, and all of it becomes the exit status.
 */
#include <inttypes.h>

#include "cli/cli.h"

static void check_rejects(cf_cli_t *c, cf_scan_t *s)
{
    cf_scan_totals_t t;
    uint64_t rejected;

    cf_scan_totals(s, &t);
    rejected = cf_account_rejected(&t.account);
    if (rejected > c->max_rejects) {
        cfi_cli_say(c, "%" PRIu64 " rows rejected, more than --max-rejects=%" PRIu64, rejected,
                    c->max_rejects);
        cfi_cli_worse(c, 3);
    }
}

int cf_cli_end(cf_cli_t *c, cf_scan_t *s)
{
    cf_diag_t d = CF_DIAG_INIT;
    int status;

    cfi_progress_stop(c);
    if (cfi_textout_close(c, c->status == 0 || c->status == 3, &d) != CF_OK)
        cf_cli_fail(c, &d);
    if (s != NULL) {
        check_rejects(c, s);
        if (c->stats != 0)
            cfi_stats_print(c, s);
    }
    cfi_cli_close_stdout(c);
    cf_scan_close(s);
    status = c->status;
    cfi_cli_free(c);
    return status;
}
