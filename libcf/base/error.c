/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of the error numbers. One table for both ranges; doc/errors.md repeats it and a test
 * compares the two, so a number can be neither forgotten nor changed in silence.
 */
#include <cf/base.h>

static const struct entry {
    int code;
    const char *name;
    const char *text;
} entries[] = {
    { CF_OK, "ok", "no error" },
    { CF_EOF, "eof", "end of input" },
    { CF_E_NOMEM, "nomem", "out of memory" },
    { CF_E_IO, "io", "input or output failed" },
    { CF_E_FORMAT, "format", "malformed data" },
    { CF_E_TRUNC, "trunc", "input is cut" },
    { CF_E_CHECKSUM, "checksum", "checksum differs" },
    { CF_E_VERSION, "version", "written by a newer version" },
    { CF_E_USAGE, "usage", "wrong usage" },
    { CF_E_PLUGIN, "plugin", "plug-in cannot be used" },
    { CF_E_DETECT, "detect", "format not recognised" },
    { CF_E_FIELD, "field", "field not available" },
    { CF_E_LIMIT, "limit", "limit passed" },
    { CF_E_EXISTS, "exists", "output exists" },
    { CF_E_INTERNAL, "internal", "internal error" },
    { CF_R_FIELDS, "fields", "wrong number of values" },
    { CF_R_TIME, "time", "unreadable time" },
    { CF_R_ADDR, "addr", "unreadable address" },
    { CF_R_NUMBER, "number", "unreadable number" },
    { CF_R_RANGE, "range", "number out of range" },
    { CF_R_ENUM, "enum", "unknown word" },
    { CF_R_LONG, "long", "line or value too long" },
    { CF_R_BYTES, "bytes", "bytes that cannot be in a row" },
    { CF_R_SYNTAX, "syntax", "broken wrapping" },
    { CF_R_EMPTY, "empty", "row holds nothing" },
};

static const struct entry *find(int err)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        if (entries[i].code == err)
            return &entries[i];
    return NULL;
}

const char *cf_strerror(int err)
{
    const struct entry *e = find(err);

    return e != NULL ? e->text : "unknown error";
}

const char *cf_errname(int err)
{
    const struct entry *e = find(err);

    return e != NULL ? e->name : "unknown";
}
