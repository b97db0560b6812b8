/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The logging hook: the one way the library tells what it does without printing. Commands set it
 * for CF_PLUGIN_DEBUG and -vv; see libcf/cli/message.c.
 */
#include <stdio.h>

#include <cf/base.h>

static cf_log_fn hook;
static void *hook_ctx;

void cf_log_hook(cf_log_fn fn, void *ctx)
{
    hook = fn;
    hook_ctx = ctx;
}

void cf_log(const char *fmt, ...)
{
    if (hook != NULL) {
        char text[1024];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        hook(hook_ctx, text);
    }
}
