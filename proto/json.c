#include "proto/json.h"

#include "core/mem.h"
#include "core/sheet.h"
#include "core/text.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

struct json {
    struct buf text;       /* the document so far */
    bool list[JSON_DEPTH]; /* what is open: lists, and objects */
    unsigned depth;
    bool follows; /* a value stands before what comes next, in the same object or list */
    bool failed;  /* out of memory, or a text that is not UTF-8 */
};

int json_new(struct json **ret_json, struct err *e) {
    json_set_alloc_funcs(mem_alloc, mem_free);
    struct json *j = mem_zalloc(1, sizeof *j);
    if (!j)
        return err_nomem(e);
    buf_init(&j->text);
    *ret_json = j;
    return 0;
}

void json_free(struct json *j) {
    if (!j)
        return;
    buf_done(&j->text);
    mem_free(j);
}

static int append(const char *text, size_t n, void *out) {
    buf_put(out, text, n);
    return ((struct buf *)out)->failed ? -1 : 0;
}

/* Whether nothing in `s`, `n` bytes of UTF-8, has to be escaped. */
static bool is_plain(const char *s, size_t n) {
    bool ascii = true;
    for (size_t i = 0; i < n; i++) {
        if ((uint8_t)s[i] < ' ' || s[i] == '"' || s[i] == '\\')
            return false;
        ascii &= (uint8_t)s[i] < 0x80;
    }
    return ascii || text_utf8_prefix(slice_of(s, n)) == n;
}

static void write_plain(struct json *j, const char *s, size_t n) {
    uint8_t *p = buf_extend(&j->text, n + 2);
    if (!p)
        return;
    p[0] = '"';
    memcpy(p + 1, s, n);
    p[n + 1] = '"';
}

static void write_text(struct json *j, const char *s) {
    size_t n = strlen(s);
    if (is_plain(s, n)) {
        write_plain(j, s, n);
        return;
    }
    json_t *v = json_string(s);
    if (!v || json_dump_callback(v, append, &j->text, JSON_ENCODE_ANY) != 0)
        j->failed = true;
    json_decref(v);
}

/* What stands before a value: a comma after another one, and the name of a member. False: the
 * document failed. */
static bool lead(struct json *j, const char *key) {
    if (j->failed)
        return false;
    assert(j->depth > 0 ? j->list[j->depth - 1] == (key == NULL) : j->text.len == 0 && !key);
    if (j->follows)
        buf_put_u8(&j->text, ',');
    if (key) {
        write_plain(j, key, strlen(key));
        buf_put_u8(&j->text, ':');
    }
    j->follows = true;
    return !j->failed;
}

static void put_word(struct json *j, const char *key, const char *word) {
    if (lead(j, key))
        buf_put_str(&j->text, word);
}

static void begin(struct json *j, const char *key, bool list) {
    put_word(j, key, list ? "[" : "{");
    if (j->failed)
        return;
    assert(j->depth < JSON_DEPTH);
    j->list[j->depth++] = list;
    j->follows = false;
}

void json_begin_object(struct json *j, const char *key) {
    begin(j, key, false);
}

void json_begin_list(struct json *j, const char *key) {
    begin(j, key, true);
}

void json_end(struct json *j) {
    if (j->failed)
        return;
    assert(j->depth > 0);
    j->depth--;
    buf_put_u8(&j->text, j->list[j->depth] ? ']' : '}');
    j->follows = true;
}

void json_put_null(struct json *j, const char *key) {
    put_word(j, key, "null");
}

void json_put_bool(struct json *j, const char *key, bool v) {
    put_word(j, key, v ? "true" : "false");
}

void json_put_int(struct json *j, const char *key, int64_t v) {
    if (lead(j, key))
        buf_printf(&j->text, "%lld", (long long)v);
}

void json_put_text(struct json *j, const char *key, const char *v) {
    if (!v)
        json_put_null(j, key);
    else if (lead(j, key))
        write_text(j, v);
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
    char text[24];
    score_text_wide(v, text);
    json_put_text(j, key, text);
}

int json_print(const struct json *j, struct buf *out, struct err *e) {
    size_t before = out->len;
    assert(j->failed || j->text.failed || (j->text.len > 0 && j->depth == 0));
    if (!j->failed && !j->text.failed)
        buf_put(out, j->text.data, j->text.len);
    if (!j->failed && !j->text.failed && !out->failed)
        return 0;
    out->len = before;
    return err_nomem(e);
}
