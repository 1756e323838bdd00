#include "proto/json.h"

#include "core/mem.h"
#include "core/sheet.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>

struct json {
    json_t *document;
    json_t *open[JSON_DEPTH]; /* borrowed; the last one takes what comes */
    unsigned depth;
    bool failed; /* out of memory, or a text that is not UTF-8 */
};

int json_new(struct json **ret_json, struct err *e) {
    json_set_alloc_funcs(mem_alloc, mem_free);
    struct json *j = mem_zalloc(1, sizeof *j);
    if (!j)
        return err_nomem(e);
    *ret_json = j;
    return 0;
}

void json_free(struct json *j) {
    if (!j)
        return;
    json_decref(j->document);
    mem_free(j);
}

/* Put `v`, which is ours to give away, where the next value goes. NULL fails the document. */
static void put(struct json *j, const char *key, json_t *v) {
    j->failed |= !v;
    if (j->failed) {
        json_decref(v);
        return;
    }
    if (j->depth == 0) {
        assert(!j->document && !key);
        j->document = v;
        return;
    }
    json_t *to = j->open[j->depth - 1];
    assert(json_is_object(to) == (key != NULL));
    if ((key ? json_object_set_new(to, key, v) : json_array_append_new(to, v)) != 0)
        j->failed = true;
}

static void begin(struct json *j, const char *key, json_t *v) {
    put(j, key, v);
    if (j->failed)
        return;
    assert(j->depth < JSON_DEPTH);
    j->open[j->depth++] = v;
}

void json_begin_object(struct json *j, const char *key) {
    begin(j, key, json_object());
}

void json_begin_list(struct json *j, const char *key) {
    begin(j, key, json_array());
}

void json_end(struct json *j) {
    if (j->failed)
        return;
    assert(j->depth > 0);
    j->depth--;
}

void json_put_null(struct json *j, const char *key) {
    put(j, key, json_null());
}

void json_put_bool(struct json *j, const char *key, bool v) {
    put(j, key, json_boolean(v));
}

void json_put_int(struct json *j, const char *key, int64_t v) {
    put(j, key, json_integer(v));
}

void json_put_text(struct json *j, const char *key, const char *v) {
    put(j, key, v ? json_string(v) : json_null());
}

void json_put_hash(struct json *j, const char *key, const struct hash *v) {
    char text[HASH_TEXT];
    hash_text(v, text);
    json_put_text(j, key, hash_is_zero(v) ? NULL : text);
}

void json_put_uid(struct json *j, const char *key, const struct uid *v) {
    char text[UID_TEXT];
    uid_text(v, text);
    json_put_text(j, key, uid_is_zero(v) ? NULL : text);
}

void json_put_instant(struct json *j, const char *key, instant v) {
    char text[INSTANT_TEXT];
    if (v != INSTANT_NONE)
        instant_text(v, text);
    json_put_text(j, key, v == INSTANT_NONE ? NULL : text);
}

void json_put_day(struct json *j, const char *key, day v) {
    char text[INSTANT_TEXT];
    if (v != DAY_NONE)
        day_text(v, text);
    json_put_text(j, key, v == DAY_NONE ? NULL : text);
}

void json_put_score(struct json *j, const char *key, score v) {
    char text[16];
    if (v != SCORE_NONE)
        score_text(v, text);
    json_put_text(j, key, v == SCORE_NONE ? NULL : text);
}

void json_put_percent(struct json *j, const char *key, int64_t v) {
    char text[32];
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    (void)snprintf(text, sizeof text, "%s%llu.%02u", v < 0 ? "-" : "", (unsigned long long)u / 100,
                   (unsigned)(u % 100));
    json_put_text(j, key, text);
}

static int append(const char *text, size_t n, void *out) {
    buf_put(out, text, n);
    return ((struct buf *)out)->failed ? -1 : 0;
}

int json_print(const struct json *j, struct buf *out, struct err *e) {
    assert(j->failed || (j->document && j->depth == 0));
    size_t before = out->len;
    if (j->failed)
        return err_nomem(e);
    if (json_dump_callback(j->document, append, out, JSON_COMPACT) == 0)
        return 0;
    out->len = before;
    return err_nomem(e);
}
