/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jansson as the oracle of the tokenizer, for the unit test and the fuzz target: the same bytes are
 * JSON for both or for neither, and mean the same values. Where the two differ on purpose:
 *
 *   - the tokenizer reads values one behind the other, jansson one a text (here it is asked again
 *     behind each);
 *   - jansson refuses reals beyond a double, integers beyond 64 bits and NUL in keys, the tokenizer
 *     gives numbers as text and any key;
 *   - a key given twice is two tokens, in jansson the last one wins (so it does here);
 *   - the tokenizer nests 128 deep and takes numbers of 4,096 bytes, jansson 2,048 and any.
 */
#ifndef JSON_ORACLE_H
#define JSON_ORACLE_H

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "input/layer.h"
#include "json/json.h"

#define ORACLE_FLAGS (JSON_DECODE_ANY | JSON_ALLOW_NUL)

/* Value of a token that is no container; NULL = jansson has no such number. */
static json_t *
oracle_scalar(const cf_json_token_t *t)
{
    json_error_t error;

    switch (t->type) {
    case CF_JSON_STRING: return json_stringn_nocheck(t->text, t->len);
    case CF_JSON_NUMBER: return json_loadb(t->text, t->len, JSON_DECODE_ANY, &error);
    case CF_JSON_TRUE: return json_true();
    case CF_JSON_FALSE: return json_false();
    default: return json_null();
    }
}

static int
oracle_put(json_t *into, char *key, json_t *value)
{
    int rc;

    if (json_is_array(into))
        return json_array_append_new(into, value);
    rc = json_object_set_new_nocheck(into, key != NULL ? key : "", value);
    free(key);
    return rc;
}

/* One value of the tokenizer as a tree; *rc is how it ended. NULL with CF_OK: not in jansson. */
static json_t *
oracle_read(cf_json_t *j, int *rc)
{
    json_t *open[CF_JSON_DEPTH_MAX + 1], *top = NULL;
    char *keys[CF_JSON_DEPTH_MAX + 1] = { NULL };
    uint32_t depth = 0, i;
    bool strange = false;
    cf_json_token_t t;

    do {
        json_t *value = NULL;

        *rc = cf_json_next(j, &t, NULL);
        if (*rc != CF_OK)
            break;
        if (t.type == CF_JSON_KEY) {
            keys[depth] = malloc(t.len + 1);
            memcpy(keys[depth], t.text, t.len);
            keys[depth][t.len] = '\0';
            strange = strange || strlen(keys[depth]) != t.len;
            continue;
        }
        if (t.type == CF_JSON_OBJECT_END || t.type == CF_JSON_ARRAY_END) {
            depth--;
            continue;
        }
        if (t.type == CF_JSON_OBJECT)
            value = json_object();
        else if (t.type == CF_JSON_ARRAY)
            value = json_array();
        else
            value = oracle_scalar(&t);
        strange = strange || value == NULL;
        if (value == NULL)
            value = json_null();
        if (depth == 0)
            top = value;
        else
            (void)oracle_put(open[depth], keys[depth], value);
        keys[depth] = NULL;
        if (t.type == CF_JSON_OBJECT || t.type == CF_JSON_ARRAY)
            open[++depth] = value;
    } while (depth > 0);
    for (i = 0; i <= CF_JSON_DEPTH_MAX; i++)
        free(keys[i]);
    if (*rc != CF_OK || strange) {
        json_decref(top);
        top = NULL;
    }
    return top;
}

/* NULL when both agree about the bytes, else what they differ in. chunk as in chunked inputs. */
static const char *
oracle_differs(const char *text, size_t n, size_t chunk)
{
    const char *differs = NULL;
    cf_input_t *in = NULL;
    cf_json_t *j = NULL;
    json_error_t error;
    size_t at = 0;
    int rc = cfi_input_open_chunked(&in, "t", text, n, chunk, CF_INPUT_RAW, NULL);

    if (rc == CF_OK)
        rc = cf_json_open(&j, in, NULL);
    while (rc == CF_OK && differs == NULL) {
        json_t *ours = oracle_read(j, &rc), *theirs = NULL;

        if (rc == CF_OK) {
            theirs = json_loadb(text + at, n - at, ORACLE_FLAGS | JSON_DISABLE_EOF_CHECK, &error);
            if (theirs != NULL && ours != NULL && !json_equal(ours, theirs))
                differs = "values differ";
            if (theirs == NULL && ours != NULL)
                differs = "jansson refuses what the tokenizer takes";
            at = (size_t)cf_json_offset(j);
        }
        json_decref(ours);
        json_decref(theirs);
    }
    if (rc == CF_R_SYNTAX || rc == CF_E_TRUNC) {
        json_t *theirs = json_loadb(text, n, ORACLE_FLAGS, &error);
        uint32_t depth = 0, most = 0;

        for (at = 0; at < n; at++) {
            depth += text[at] == '{' || text[at] == '[';
            depth -= depth > 0 && (text[at] == '}' || text[at] == ']');
            most = depth > most ? depth : most;
        }
        if (theirs != NULL && most <= CF_JSON_DEPTH_MAX)
            differs = "the tokenizer refuses what jansson takes";
        json_decref(theirs);
    }
    cf_json_close(j);
    cf_input_close(in);
    return differs;
}

#endif
