/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: the numbers of doc/format.md sections 2, 4 and 6 and how block heads and
 * integers lie in bytes. Only constants and inline helpers; reading is in reader.c and block.c,
 * writing in writer.c.
 */
#ifndef CFI_STREAM_WIRE_H
#define CFI_STREAM_WIRE_H

#include <endian.h>
#include <string.h>
#include <xxhash.h>

#include <cf/base.h>

#define CFI_MAGIC "\x89" "CF\r\n\x1a\n\x01"
#define CFI_MAGIC_SIZE 8u
#define CFI_VERSION 1u

#define CFI_TYPE_SCHM 0x4D484353u
#define CFI_TYPE_DATA 0x41544144u
#define CFI_TYPE_PROV 0x564F5250u
#define CFI_TYPE_NOTE 0x45544F4Eu
#define CFI_TYPE_INDX 0x58444E49u
#define CFI_TYPE_END 0x20444E45u

#define CFI_FLAG_SKIPPABLE 1u
#define CFI_LEVEL_SHIFT 8          /* bits 8-9 of a DATA block: cf_level_t, 0 = not told */
#define CFI_LEVEL_MASK 3u

#define CFI_HEAD_SIZE 24u
#define CFI_DIR_SIZE 8u            /* rows, ncols; the entries follow */
#define CFI_ENTRY_SIZE 56u
#define CFI_INDX_SIZE 8u
#define CFI_INDX_ENTRY_SIZE 40u
#define CFI_END_SIZE 48u           /* body of END */

#define CFI_BODY_MAX (UINT64_C(1) << 31)
#define CFI_JSON_MAX (1u << 24)

#define CFI_HAS_RANGE 1u           /* entry flags, index flags */

static inline uint32_t cfi_get32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof v);
    return le32toh(v);
}

static inline uint64_t cfi_get64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v);
    return le64toh(v);
}

static inline void cfi_put32(uint8_t *p, uint32_t v)
{
    v = htole32(v);
    memcpy(p, &v, sizeof v);
}

static inline void cfi_put64(uint8_t *p, uint64_t v)
{
    v = htole64(v);
    memcpy(p, &v, sizeof v);
}

typedef struct cfi_head {
    uint32_t type;
    uint32_t flags;
    uint64_t length;
    uint64_t check;
} cfi_head_t;

static inline void cfi_head_get(cfi_head_t *h, const uint8_t *p)
{
    h->type = cfi_get32(p);
    h->flags = cfi_get32(p + 4);
    h->length = cfi_get64(p + 8);
    h->check = cfi_get64(p + 16);
}

/*
 * Checksum of a head and the n covered bytes behind it. The check word stands between the two, so
 * the 16 bytes before it are moved up against the body first: the head is used up by this.
 */
static inline uint64_t cfi_head_sum(uint8_t *head, size_t n)
{
    memmove(head + 8, head, 16);
    return XXH3_64bits(head + 8, 16 + n);
}

/* Fill the head in front of a body whose first n bytes are covered. */
static inline uint64_t cfi_head_put(uint8_t *head, uint32_t type, uint32_t flags, uint64_t length,
                                    size_t n)
{
    uint64_t check;

    cfi_put32(head, type);
    cfi_put32(head + 4, flags);
    cfi_put64(head + 8, length);
    check = cfi_head_sum(head, n);
    cfi_put32(head, type);
    cfi_put32(head + 4, flags);
    cfi_put64(head + 8, length);
    cfi_put64(head + 16, check);
    return check;
}

/* The four letters of a known type, "block" otherwise; borrowed. */
static inline const char *cfi_type_name(uint32_t type)
{
    switch (type) {
    case CFI_TYPE_SCHM: return "schema";
    case CFI_TYPE_DATA: return "data";
    case CFI_TYPE_PROV: return "provenance";
    case CFI_TYPE_NOTE: return "note";
    case CFI_TYPE_INDX: return "index";
    case CFI_TYPE_END: return "end";
    default: return "unknown";
    }
}

#endif
