/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: temporary files that must not outlive the process when a signal ends it. Any
 * room that makes temporary files registers their names here.
 */
#ifndef CFI_STREAM_CLEANUP_H
#define CFI_STREAM_CLEANUP_H

/*
 * Remember path (borrowed until forgotten): it is unlinked when SIGHUP, SIGINT, SIGQUIT, SIGTERM,
 * SIGPIPE or SIGXFSZ ends the process by default action. Handlers of the program itself are left
 * alone. Returns a slot, or -1 when all are taken (then nothing is promised).
 */
int cfi_cleanup_add(const char *path);
/* Forget a slot; -1 is accepted. */
void cfi_cleanup_remove(int slot);

#endif
