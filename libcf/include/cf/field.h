/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The field catalogue: what each column means, once for every command, reader and writer. Names are
 * lower case; the names of SiLK, AWS, ECS and IPFIX work as aliases. Plug-ins register more fields
 * at load time; a registered field is a full field. Fields live until the process ends.
 */
#ifndef CF_FIELD_H
#define CF_FIELD_H

#include <cf/value.h>

#ifdef __cplusplus
extern "C" {
#endif

struct cf_vec;

typedef enum cf_unit {
    CF_UNIT_NONE = 0,
    CF_UNIT_PACKETS = 1,
    CF_UNIT_BYTES = 2,
    CF_UNIT_NS = 3,
    CF_UNIT_PORT = 4,      /* printed as number; expressions take service names */
    CF_UNIT_PROTO = 5      /* printed as number; expressions take protocol names */
} cf_unit_t;

enum {
    CF_FIELD_DERIVED = 1,      /* computed from other columns, never stored */
    CF_FIELD_COUNTER = 2,      /* adding it up makes sense */
    CF_FIELD_ACCOUNTING = 4,   /* account level; sites often drop it */
    CF_FIELD_UNLISTED = 8,     /* made on the fly for a provider's unknown field */
    /* reserved for plug-ins: numeric text of a string field compares as number */
    CF_FIELD_INT_ALLOWED = 16
};

/*
 * Compute a derived column: in holds the columns named by inputs, in that order, all of n rows
 * (a column that the data lacks is there with all rows null); out is prepared with the field's kind
 * and width, zeroed, without nulls. Returns CF_OK or CF_E_NOMEM.
 */
typedef int (*cf_field_derive_fn)(const struct cf_vec *const *in, struct cf_vec *out, uint32_t n);

typedef struct cf_field {
    const char *name;
    cf_kind_t kind;
    /* bytes of a value in memory: 1 2 4 8; addresses 4 or 16 by batch; strings 4 (code) */
    uint8_t width;
    uint8_t unit;              /* cf_unit_t */
    uint16_t flags;            /* CF_FIELD_… */
    const char *meaning;       /* one sentence without final stop */
    const char *aliases;       /* blank-separated, or NULL */
    const char *const *names;  /* words of an enumeration, code = index, NULL-ended; else NULL */
    uint32_t ipfix_pen;        /* enterprise number, 0 = IANA */
    uint16_t ipfix_id;         /* 0 = no element */
    const char *const *inputs; /* derived: names of the columns needed, NULL-ended */
    cf_field_derive_fn derive;
    /*
     * What others call it, where they have a name; else NULL. Only built-in fields have these:
     * cf_field_register does not look at them.
     */
    const char *ecs;           /* Elastic Common Schema */
    const char *ocsf;          /* path in an OCSF network_activity event */
} cf_field_t;

/* By name, alias or ECS name, any case, '_' equal to '-'; borrowed; NULL when unknown. */
CF_API const cf_field_t *cf_field_find(const char *name);
/* All fields, built-in then registered; NULL behind the last. Borrowed. */
CF_API const cf_field_t *cf_field_at(size_t index);
/*
 * Register a field (copied deeply). The same name with the same kind, width and words gives the
 * field that is there already; with another kind it is CF_E_FIELD. *out is borrowed.
 */
CF_API int cf_field_register(const cf_field_t *f, const cf_field_t **out, cf_diag_t *d) CF_MUST_USE;
/* Code of a word of an enumeration field (any case), or CF_R_ENUM. */
CF_API int cf_field_enum_parse(const cf_field_t *f, const char *s, size_t n, uint8_t *code);
/*
 * Turn any provider's field name into a legal name of ours (lower case, [a-z0-9_.-] kept, others
 * '_', at most 63 bytes, never empty). out has room for 64 bytes.
 */
CF_API void cf_field_legal_name(const char *s, size_t n, char *out);

/* Codes of built-in enumerations that the library and readers use. */
enum { CF_ACTION_ACCEPT = 0, CF_ACTION_REJECT = 1 };
enum { CF_LOGSTATUS_OK = 0, CF_LOGSTATUS_NODATA = 1, CF_LOGSTATUS_SKIPDATA = 2 };
enum { CF_STATE_BEGIN = 0, CF_STATE_CONTINUE = 1, CF_STATE_END = 2, CF_STATE_DENY = 3, CF_STATE_WHOLE = 4 };
enum { CF_DIRECTION_INGRESS = 0, CF_DIRECTION_EGRESS = 1 };
enum { CF_SHAPE_UNI = 0, CF_SHAPE_BI = 1, CF_SHAPE_EVENT = 2 };
enum { CF_COUNTS_DELTA = 0, CF_COUNTS_TOTAL = 1, CF_COUNTS_ESTIMATE = 2 };
enum {
    CF_BYTEKIND_IP = 0,
    CF_BYTEKIND_PACKET = 1,
    CF_BYTEKIND_PAYLOAD = 2,
    CF_BYTEKIND_FRAME = 3,
    CF_BYTEKIND_UNKNOWN = 4
};
enum { CF_REPORTER_SRC = 0, CF_REPORTER_DEST = 1 };
enum {
    CF_COMPLETE_WHOLE = 0,
    CF_COMPLETE_NO_BEGIN = 1,
    CF_COMPLETE_NO_END = 2,
    CF_COMPLETE_MIDDLE = 3,
    CF_COMPLETE_CUT = 4,
    CF_COMPLETE_UNKNOWN = 5
};
enum { CF_OPENER_KNOWN = 0, CF_OPENER_GUESSED = 1, CF_OPENER_UNKNOWN = 2 };
enum {
    CF_OPENBY_FLAGS = 0,
    CF_OPENBY_BEGIN = 1,
    CF_OPENBY_LOG = 2,
    CF_OPENBY_EARLIER = 3,
    CF_OPENBY_PORT = 4,
    CF_OPENBY_NONE = 5
};

#ifdef __cplusplus
}
#endif
#endif
