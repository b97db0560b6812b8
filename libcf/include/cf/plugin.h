/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract between cftools and its modules. A module is one shared object with one constant
 * descriptor, made with CF_PLUGIN_SYMBOL; the host proves abi, size and name before it looks at
 * anything else, types and ranges the settings, and only then opens it. State lives in what open
 * returns, never at file scope: a module may be open many times in one process, in several threads.
 * doc/plugins.md is the guide; plugins/example/ compiles outside of this tree.
 */
#ifndef CF_PLUGIN_H
#define CF_PLUGIN_H

#include <cf/account.h>
#include <cf/batch.h>
#include <cf/input.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CF_PLUGIN_ABI 1u

typedef enum cf_plugin_kind {
    CF_PLUGIN_READER = 1,      /* provider bytes → batches */
    CF_PLUGIN_SOURCE = 2,      /* URL → bytes; reserved */
    CF_PLUGIN_ENRICHER = 3,    /* adds columns to a batch; reserved */
    CF_PLUGIN_WRITER = 4,      /* batches → another format; reserved */
    CF_PLUGIN_DETECTOR = 5     /* batches → findings; reserved */
} cf_plugin_kind_t;

/* "reader"; "unknown" for other numbers. Borrowed. */
CF_API const char *cf_plugin_kind_name(uint32_t kind);

/* One setting: the host parses text or JSON into the type and checks the range. */
typedef enum cf_setting_type {
    CF_SETTING_BOOL = 1,       /* yes/no/true/false/1/0 */
    CF_SETTING_UINT = 2,       /* min..max */
    CF_SETTING_STRING = 3,     /* length min..max (max 0 = 4096) */
    CF_SETTING_ENUM = 4        /* one of the blank-separated words in choices */
} cf_setting_type_t;

typedef struct cf_setting {
    const char *key;           /* NULL ends the table */
    cf_setting_type_t type;
    const char *preset;        /* default as text; NULL = not set */
    uint64_t min, max;
    const char *choices;
    const char *help;          /* one sentence */
} cf_setting_t;

/* Values of one opened module in the order of its settings table. */
typedef struct cf_setting_value {
    bool set;                  /* given or preset */
    bool flag;                 /* BOOL */
    uint64_t number;           /* UINT; ENUM: index of the word */
    const char *text;          /* STRING and ENUM; borrowed for the life of the opened module */
} cf_setting_value_t;

typedef struct cf_plugin {
    uint32_t abi;              /* CF_PLUGIN_ABI at build time; first for ever */
    uint32_t size;             /* sizeof (cf_plugin_t) at build time */
    const char *name;
    const char *version;
    uint32_t kind;             /* cf_plugin_kind_t */
    uint32_t flags;            /* 0 */
    const char *summary;       /* one line for cfplugin list */
    const cf_setting_t *settings;   /* or NULL */
    /*
     * Optional veto: look at the typed settings, fill the diag with a sentence and return
     * CF_E_USAGE.
     */
    int (*check)(const cf_setting_value_t *values, cf_diag_t *d);
    const void *ops;           /* table belonging to the kind */
} cf_plugin_t;

/* libltdl finds "<module>_LTX_cf_plugin"; '-' in a module's name is '_' in its symbol. */
#define CF_PLUGIN_SYMBOL(module) module##_LTX_cf_plugin
#define CF_EXPORT __attribute__((visibility("default")))

/* ---- readers ------------------------------------------------------------------------------ */

/*
 * What a probe may look at: the first bytes after decompression (up to 64 KiB) and the name as a
 * hint only.
 */
typedef struct cf_probe {
    const char *name;
    const char *bytes;
    size_t len;
    bool whole;                /* the input ends here */
} cf_probe_t;

/* What the host gives to an opened reader; borrowed for the life of the reader. */
typedef struct cf_reader_env {
    const char *name;                          /* input, for messages */
    const cf_setting_value_t *settings;
    cf_rejects_t *rejects;                     /* report bad rows here: cf_rejects_add */
    cf_account_t *account;                     /* the reader counts rows, headers, status rows */
    /*
     * Is a column of use to the caller? A reader validates every value of a row either way, but may
     * leave out columns that are not. wanted(NULL field) with a name asks for a field that is not
     * in the catalogue.
     */
    bool (*wanted)(void *ctx, const cf_field_t *f, const char *name);
    void *ctx;
    /*
     * An input that an earlier run has read in part: leave out this many rows, kept or rejected, at
     * its beginning without counting them (the skip of a cf_cursor_t). 0 = none.
     */
    uint64_t skip;
} cf_reader_env_t;

/*
 * Where a later run may go on in an input that has grown since (a blob of the current hour, a log
 * that is being written). The later run sees bytes [head, head + head_len), then those from offset
 * on, as if the input had always been so, and leaves out the first skip rows. So a reader names the
 * bytes without which the rest has no meaning (a header line, the opening of a JSON document), the
 * end of the last complete record, and how many rows of the record begun behind it were given out.
 */
#define CF_CURSOR_HEAD_MAX (64u << 10)

typedef struct cf_cursor {
    uint64_t head;             /* offsets after decompression */
    uint32_t head_len;         /* 0 = nothing is needed; CF_CURSOR_HEAD_MAX at most */
    uint64_t offset;
    uint64_t skip;
    bool comma;                /* blanks and one comma at offset are passed over as well */
} cf_cursor_t;

/*
 * What a reader makes of its log, for people and tests (cfplugin map, doc/fields.md); reading does
 * not need it. One row for each name of the log that has a field here, and one for each value that
 * the reader itself gives to rows. Two rows with one field: whichever the log has. Made with the
 * macros below; a row without ours ends the table.
 */
typedef struct cf_fieldmap {
    const char *theirs;        /* name in the log as the provider writes it; NULL = not from there */
    const char *ours;          /* name of a field */
    const char *unit;          /* how it is written there when not as here: "s", "ms", "text" */
    const char *value;         /* the value of all rows, or the possible ones ("accept reject") */
    const char *note;          /* what else is to know, a few words without final stop */
} cf_fieldmap_t;

#define CF_MAP(theirs, ours) { theirs, ours, NULL, NULL, NULL }
#define CF_MAP_AS(theirs, ours, unit, note) { theirs, ours, unit, NULL, note }
#define CF_MAP_VALUE(ours, value, note) { NULL, ours, NULL, value, note }
#define CF_MAP_END { NULL, NULL, NULL, NULL, NULL }

/* What a reader wants of its host (cf_reader_ops_t.flags). */
enum {
    /*
     * The beginning of an input tells it nothing (Parquet has its directory at the end), so the host
     * cannot learn the columns from the first bytes. Its first read gives no rows, only the schema
     * of what is wanted then; the host may want less when it goes on.
     */
    CF_READER_WHOLE = 1
};

typedef struct cf_reader_ops {
    uint32_t size;             /* sizeof (cf_reader_ops_t) at build time */
    /*
     * How sure it is that it reads this: 0 no … 100 certain. Must be quick and must not guess from
     * the name alone.
     */
    int (*probe)(const cf_probe_t *p);
    /* New state for one input. */
    int (*open)(void **state, const cf_reader_env_t *env, cf_diag_t *d);
    /*
     * Fill an empty batch with the next rows: set its schema by cf_batch_reset, build rows
     * (cf/batch.h), stop when it is full, at the end, or before a change of schema. CF_OK with rows
     * > 0; CF_EOF with rows = 0 at the end; CF_OK with rows = 0 is allowed (nothing yet). Bad rows
     * go to env->rejects and are no error. A stream error ends the input; rows given out before
     * stay good.
     */
    int (*read)(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d);
    void (*close)(void *state);
    /*
     * Optional, after the last read, whether it ended well (CF_EOF) or not (CF_E_TRUNC): where a
     * later run may go on. CF_E_USAGE with a sentence when this input cannot be continued.
     */
    int (*cursor)(void *state, cf_cursor_t *c, cf_diag_t *d);
    const cf_fieldmap_t *map;  /* optional; constant */
    uint32_t flags;            /* CF_READER_… */
} cf_reader_ops_t;

/* The map of a reader, or NULL when it has none or is older than maps. Borrowed. */
static inline const cf_fieldmap_t *cf_reader_map(const cf_reader_ops_t *ops)
{
    return ops->size >= offsetof(cf_reader_ops_t, map) + sizeof ops->map ? ops->map : NULL;
}

static inline uint32_t cf_reader_flags(const cf_reader_ops_t *ops)
{
    return ops->size >= offsetof(cf_reader_ops_t, flags) + sizeof ops->flags ? ops->flags : 0;
}

#ifdef __cplusplus
}
#endif
#endif
