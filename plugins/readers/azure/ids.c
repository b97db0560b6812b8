/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths of resources: /subscriptions/S/resourceGroups/G/providers/P/TYPE/NAME/TYPE/NAME. Writers
 * use upper, lower and mixed case for the same path ("Name" and "type" of Resource Manager compare
 * without case).
 */
#include <strings.h>

#include "azure.h"

az_span_t az_segment(const char *path, size_t n, const char *name)
{
    size_t len = strlen(name), at = 0;
    az_span_t none = { "", 0 }, found;
    const char *slash;

    while (at < n && (slash = memchr(path + at, '/', n - at)) != NULL) {
        at = (size_t)(slash - path) + 1;
        if (n - at <= len || path[at + len] != '/' || strncasecmp(path + at, name, len) != 0)
            continue;
        found.s = path + at + len + 1;
        slash = memchr(found.s, '/', (size_t)(path + n - found.s));
        found.n = slash != NULL ? (size_t)(slash - found.s) : (size_t)(path + n - found.s);
        return found;
    }
    return none;
}

az_span_t az_region(const char *path, size_t n)
{
    static const char prefix[] = "NetworkWatcher_";
    az_span_t name = az_segment(path, n, "networkWatchers");
    size_t len = sizeof prefix - 1;

    if (name.n <= len || strncasecmp(name.s, prefix, len) != 0)
        name.n = len;
    name.s += len;
    name.n -= len;
    return name;
}
