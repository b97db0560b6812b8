/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Site configuration: any text is a site or an error with a sentence. Modules are not loaded here,
 * so that names in the text cannot reach the loader.
 */
#include <cf/site.h>

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_site_t *s = NULL;
    char path[64];
    int fd = memfd_create("site", MFD_CLOEXEC);

    if (fd < 0)
        return 0;
    if (write(fd, bytes, n) == (ssize_t)n) {
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        if (cf_site_open(&s, path, &d) == CF_OK) {
            FUZZ_CHECK(cf_site_path(s) != NULL);
            (void)cf_site_drop(s);
            cf_site_close(s);
        } else {
            FUZZ_CHECK(d.text[0] != '\0');
        }
    }
    close(fd);
    return 0;
}
