#include "proto/pb_map.h"

#include "core/id.h"
#include "core/instant.h"
#include "core/limits.h"
#include "core/mem.h"
#include "proto/wire.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define DAY_FIRST (-719162) /* 0001-01-01 */
#define DAY_LAST 2932896    /* 9999-12-31 */
#define PATH_BYTES 160

struct walk {
    struct arena arena; /* messages, while they exist */
    struct err *e;
    size_t path_len;
    char path[PATH_BYTES];
};

/* Member of a struct or message, whose type the tables vouch for. */
static const void *member(const void *base, size_t offset) {
    return (const uint8_t *)base + offset;
}

static void *member_mut(void *base, size_t offset) {
    return (uint8_t *)base + offset;
}

static const ProtobufCFieldDescriptor *pair(const struct pb_map *map, unsigned i) {
    const ProtobufCFieldDescriptor *fd =
        protobuf_c_message_descriptor_get_field_by_name(map->type, map->fields[i].name);
    assert(fd && map->n == map->type->n_fields);
    return fd;
}

static uint32_t count_of(const struct pb_map_field *f, const void *from) {
    uint32_t n;
    memcpy(&n, member(from, f->count_at), sizeof n);
    return n;
}

/* Key paths: `criteria[3].label.vi`. Returns the length to go back to. */
static size_t path_push(struct walk *w, const char *name, int64_t index) {
    size_t before = w->path_len, cap = sizeof w->path - before;
    const char *dot = before ? "." : "";
    int n = index < 0 ? snprintf(w->path + before, cap, "%s%s", dot, name)
                      : snprintf(w->path + before, cap, "%s%s[%lld]", dot, name, (long long)index);
    assert(n > 0 && (size_t)n < cap); /* tables nest a few deep, names are short */
    w->path_len += (size_t)n;
    return before;
}

static void path_pop(struct walk *w, size_t before) {
    w->path_len = before;
    w->path[before] = '\0';
}

/* The path of `f` within where the walk is. */
static const char *path_of(struct walk *w, const struct pb_map_field *f) {
    path_push(w, f->name, -1);
    return w->path;
}

static int refuse_count(struct walk *w, const struct pb_map_field *f) {
    return err_set(w->e, ERR_REFUSED, "%s: the list is longer than %lld; shorten it", path_of(w, f),
                   (long long)f->max);
}

static int refuse_text(struct walk *w, const struct pb_map_field *f, int64_t max) {
    return err_set(w->e, ERR_REFUSED, "%s: the text is longer than %lld bytes; shorten it",
                   path_of(w, f), (long long)max);
}

static int check_number(struct walk *w, const struct pb_map_field *f, int64_t v) {
    if (v >= f->min && v <= f->max)
        return 0;
    return err_set(w->e, ERR_REFUSED, "%s: %lld is outside %lld to %lld", path_of(w, f),
                   (long long)v, (long long)f->min, (long long)f->max);
}

static int64_t number_from(const ProtobufCFieldDescriptor *fd, const void *at) {
    int32_t v;
    memcpy(&v, at, sizeof v);
    return fd->type == PROTOBUF_C_TYPE_UINT32 ? (int64_t)(uint32_t)v : v;
}

static void *walk_alloc(struct walk *w, size_t n) {
    void *p = arena_alloc(&w->arena, n);
    if (p)
        memset(p, 0, n);
    else if (w->arena.over_cap)
        err_set(w->e, ERR_REFUSED, "this is more than %zu bytes of memory hold; make it smaller",
                PB_MAP_MEMORY);
    else
        err_nomem(w->e);
    return p;
}

/* What is sent. */

static ProtobufCMessage *build(struct walk *w, const struct pb_map *map, const void *from);

static int put_text(struct walk *w, const struct pb_map_field *f, const void *at, void *out) {
    const char *text;
    memcpy(&text, at, sizeof text);
    if (!text)
        return 0; /* the message has its empty default already */
    if (strlen(text) > (size_t)f->max)
        return refuse_text(w, f, f->max);
    memcpy(out, &text, sizeof text);
    return 0;
}

static int put_texts(struct walk *w, const struct pb_map_field *f, const void *at, void *out,
                     size_t n) {
    char *const *texts;
    memcpy(&texts, at, sizeof texts);
    for (size_t i = 0; i < n; i++)
        if (strlen(texts[i]) > LIMIT_NAME)
            return refuse_text(w, f, LIMIT_NAME);
    memcpy(out, &texts, sizeof texts);
    return 0;
}

static int put_uids(struct walk *w, const void *at, void *out, size_t n) {
    const struct uid *uids;
    memcpy(&uids, at, sizeof uids);
    ProtobufCBinaryData *list = walk_alloc(w, n * sizeof *list);
    if (!list)
        return w->e->code;
    for (size_t i = 0; i < n; i++)
        list[i] = wire_data(uids[i].b, UID_BYTES);
    memcpy(out, &list, sizeof list);
    return 0;
}

static void put_hash(const void *at, void *out) {
    struct hash h;
    memcpy(&h, at, sizeof h);
    ProtobufCBinaryData bytes = wire_data(at, HASH_BYTES);
    if (!hash_is_zero(&h))
        memcpy(out, &bytes, sizeof bytes);
}

/* 0 is open, so days from 1970 on are moved up by one. */
static void put_day(const void *at, void *out) {
    day d;
    memcpy(&d, at, sizeof d);
    int32_t wire = d == DAY_NONE ? 0 : d >= 0 ? d + 1 : d;
    memcpy(out, &wire, sizeof wire);
}

static int put_number(struct walk *w, const struct pb_map_field *f,
                      const ProtobufCFieldDescriptor *fd, const void *at, void *out) {
    int rc = check_number(w, f, number_from(fd, at));
    if (!rc)
        memcpy(out, at, sizeof(int32_t));
    return rc;
}

static int put_part(struct walk *w, const struct pb_map_field *f, const void *at, void *out) {
    size_t before = path_push(w, f->name, -1);
    ProtobufCMessage *part = build(w, f->part, at);
    if (!part)
        return w->e->code;
    path_pop(w, before);
    if (protobuf_c_message_get_packed_size(part))
        memcpy(out, &part, sizeof part);
    return 0;
}

static int put_parts(struct walk *w, const struct pb_map_field *f, const void *at, void *out,
                     size_t n) {
    const uint8_t *items;
    memcpy(&items, at, sizeof items);
    ProtobufCMessage **list = walk_alloc(w, n * sizeof *list);
    for (size_t i = 0; list && i < n; i++) {
        size_t before = path_push(w, f->name, (int64_t)i);
        list[i] = build(w, f->part, items + i * f->part->size);
        if (!list[i])
            return w->e->code;
        path_pop(w, before);
    }
    memcpy(out, &list, sizeof list);
    return list ? 0 : w->e->code;
}

static int put_list(struct walk *w, const struct pb_map_field *f,
                    const ProtobufCFieldDescriptor *fd, const void *from, ProtobufCMessage *m) {
    size_t n = count_of(f, from);
    if (n > (size_t)f->max)
        return refuse_count(w, f);
    if (n == 0)
        return 0;
    memcpy(member_mut(m, fd->quantifier_offset), &n, sizeof n);
    const void *at = member(from, f->at);
    void *out = member_mut(m, fd->offset);
    if (f->shape == PB_TEXTS)
        return put_texts(w, f, at, out, n);
    return f->shape == PB_UIDS ? put_uids(w, at, out, n) : put_parts(w, f, at, out, n);
}

static int put(struct walk *w, const struct pb_map_field *f, const ProtobufCFieldDescriptor *fd,
               const void *from, ProtobufCMessage *m) {
    const void *at = member(from, f->at);
    void *out = member_mut(m, fd->offset);
    switch (f->shape) {
    case PB_TEXT:
        return put_text(w, f, at, out);
    case PB_BOOL: {
        protobuf_c_boolean flag = *(const bool *)at;
        memcpy(out, &flag, sizeof flag);
        return 0;
    }
    case PB_NUMBER:
        return put_number(w, f, fd, at, out);
    case PB_DAY:
        put_day(at, out);
        return 0;
    case PB_HASH:
        put_hash(at, out);
        return 0;
    case PB_PART:
        return put_part(w, f, at, out);
    case PB_TEXTS:
    case PB_UIDS:
    case PB_PARTS:
        return put_list(w, f, fd, from, m);
    }
    return 0;
}

/* The message of `from`, in the walk's memory; NULL with the error set. */
static ProtobufCMessage *build(struct walk *w, const struct pb_map *map, const void *from) {
    ProtobufCMessage *m = walk_alloc(w, map->type->sizeof_message);
    if (!m)
        return NULL;
    map->type->message_init(m);
    for (unsigned i = 0; i < map->n; i++)
        if (put(w, &map->fields[i], pair(map, i), from, m))
            return NULL;
    return m;
}

static int refuse_size(size_t size, struct err *e) {
    if (size <= LIMIT_PAYLOAD)
        return 0;
    return err_set(e, ERR_REFUSED, "this takes %zu bytes and a record holds %u; make it smaller",
                   size, LIMIT_PAYLOAD);
}

int pb_map_pack(const struct pb_map *map, const void *from, struct buf *out, struct err *e) {
    struct err own;
    struct walk w = {.e = e ? e : &own};
    err_init(&own);
    arena_init(&w.arena, PB_MAP_MEMORY);
    ProtobufCMessage *m = build(&w, map, from);
    size_t size = m ? protobuf_c_message_get_packed_size(m) : 0;
    int rc = m ? refuse_size(size, e) : w.e->code;
    if (!rc)
        rc = wire_pack(m, out, e);
    arena_done(&w.arena);
    return rc;
}

/* What is received. */

static int take_all(struct walk *w, const struct pb_map *map, const ProtobufCMessage *m, void *to);

static int take_string(struct walk *w, const struct pb_map_field *f, const char *text, size_t max,
                       char **ret_text) {
    if (strlen(text) > max)
        return refuse_text(w, f, (int64_t)max);
    struct wire_check utf8 = {.what = f->name};
    wire_text(&utf8, f->name, text, max);
    if (utf8.rc)
        return err_set(w->e, ERR_REFUSED,
                       "%s: the text is not UTF-8 or holds a control character; type it again",
                       path_of(w, f));
    *ret_text = mem_strdup(text);
    return *ret_text ? 0 : err_nomem(w->e);
}

static int take_texts(struct walk *w, const struct pb_map_field *f, const void *in, void *items,
                      size_t n) {
    char *const *texts;
    memcpy(&texts, in, sizeof texts);
    char **list = items;
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rc = take_string(w, f, texts[i], LIMIT_NAME, &list[i]);
    return rc;
}

static int take_uids(struct walk *w, const struct pb_map_field *f, const void *in, void *items,
                     size_t n) {
    const ProtobufCBinaryData *bytes;
    memcpy(&bytes, in, sizeof bytes);
    struct uid *list = items;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i].len != UID_BYTES)
            return err_set(w->e, ERR_REFUSED, "%s: a unit is %d bytes", path_of(w, f), UID_BYTES);
        memcpy(list[i].b, bytes[i].data, UID_BYTES);
    }
    return 0;
}

static int take_parts(struct walk *w, const struct pb_map_field *f, const void *in, void *items,
                      size_t n) {
    ProtobufCMessage *const *list;
    memcpy(&list, in, sizeof list);
    for (size_t i = 0; i < n; i++) {
        size_t before = path_push(w, f->name, (int64_t)i);
        int rc = take_all(w, f->part, list[i], (uint8_t *)items + i * f->part->size);
        if (rc)
            return rc;
        path_pop(w, before);
    }
    return 0;
}

/* The array and its count go into the struct before they are filled, so that it owns them. */
static int take_list(struct walk *w, const struct pb_map_field *f,
                     const ProtobufCFieldDescriptor *fd, const ProtobufCMessage *m, void *to) {
    size_t n;
    memcpy(&n, member(m, fd->quantifier_offset), sizeof n);
    if (n > (size_t)f->max)
        return refuse_count(w, f);
    if (n == 0)
        return 0;
    size_t size = f->shape == PB_TEXTS  ? sizeof(char *)
                  : f->shape == PB_UIDS ? sizeof(struct uid)
                                        : f->part->size;
    void *items = mem_zalloc(n, size);
    if (!items)
        return err_nomem(w->e);
    uint32_t count = (uint32_t)n;
    memcpy(member_mut(to, f->at), &items, sizeof items);
    memcpy(member_mut(to, f->count_at), &count, sizeof count);
    const void *in = member(m, fd->offset);
    if (f->shape == PB_TEXTS)
        return take_texts(w, f, in, items, n);
    return f->shape == PB_UIDS ? take_uids(w, f, in, items, n) : take_parts(w, f, in, items, n);
}

static int take_day(struct walk *w, const struct pb_map_field *f, const void *in, void *at) {
    int32_t wire;
    memcpy(&wire, in, sizeof wire);
    if (wire < DAY_FIRST || wire > DAY_LAST + 1)
        return err_set(w->e, ERR_REFUSED, "%s: day %d is outside the calendar", path_of(w, f),
                       wire);
    day d = wire == 0 ? DAY_NONE : wire > 0 ? wire - 1 : wire;
    memcpy(at, &d, sizeof d);
    return 0;
}

static int take_hash(struct walk *w, const struct pb_map_field *f, const void *in, void *at) {
    ProtobufCBinaryData bytes;
    memcpy(&bytes, in, sizeof bytes);
    if (bytes.len == 0)
        return 0;
    if (bytes.len != HASH_BYTES)
        return err_set(w->e, ERR_REFUSED, "%s: a record is named by %d bytes", path_of(w, f),
                       HASH_BYTES);
    memcpy(at, bytes.data, HASH_BYTES);
    return 0;
}

static int take_text(struct walk *w, const struct pb_map_field *f, const void *in, void *at) {
    const char *text;
    char *copy = NULL;
    memcpy(&text, in, sizeof text);
    int rc = take_string(w, f, text, (size_t)f->max, &copy);
    memcpy(at, &copy, sizeof copy);
    return rc;
}

static int take_number(struct walk *w, const struct pb_map_field *f,
                       const ProtobufCFieldDescriptor *fd, const void *in, void *at) {
    int rc = check_number(w, f, number_from(fd, in));
    if (!rc)
        memcpy(at, in, sizeof(int32_t));
    return rc;
}

static int take_part(struct walk *w, const struct pb_map_field *f, const void *in, void *at) {
    const ProtobufCMessage *part;
    memcpy(&part, in, sizeof part);
    if (!part) {
        ProtobufCMessage *none = walk_alloc(w, f->part->type->sizeof_message);
        if (!none)
            return w->e->code;
        f->part->type->message_init(none);
        part = none;
    }
    size_t before = path_push(w, f->name, -1);
    int rc = take_all(w, f->part, part, at);
    if (!rc)
        path_pop(w, before);
    return rc;
}

static int take(struct walk *w, const struct pb_map_field *f, const ProtobufCFieldDescriptor *fd,
                const ProtobufCMessage *m, void *to) {
    const void *in = member(m, fd->offset);
    void *at = member_mut(to, f->at);
    switch (f->shape) {
    case PB_TEXT:
        return take_text(w, f, in, at);
    case PB_BOOL: {
        protobuf_c_boolean flag;
        memcpy(&flag, in, sizeof flag);
        *(bool *)at = flag != 0;
        return 0;
    }
    case PB_NUMBER:
        return take_number(w, f, fd, in, at);
    case PB_DAY:
        return take_day(w, f, in, at);
    case PB_HASH:
        return take_hash(w, f, in, at);
    case PB_PART:
        return take_part(w, f, in, at);
    case PB_TEXTS:
    case PB_UIDS:
    case PB_PARTS:
        return take_list(w, f, fd, m, to);
    }
    return 0;
}

static int take_all(struct walk *w, const struct pb_map *map, const ProtobufCMessage *m, void *to) {
    int rc = 0;
    for (unsigned i = 0; !rc && i < map->n; i++)
        rc = take(w, &map->fields[i], pair(map, i), m, to);
    return rc;
}

int pb_map_unpack(const struct pb_map *map, struct slice bytes, void *to, struct err *e) {
    struct err own;
    struct walk w = {.e = e ? e : &own};
    err_init(&own);
    int rc = refuse_size(bytes.len, e);
    if (rc)
        return rc;
    arena_init(&w.arena, PB_MAP_MEMORY);
    ProtobufCMessage *m = NULL;
    rc = wire_unpack(map->type, bytes, &w.arena, map->type->short_name, &m, e);
    if (!rc)
        rc = take_all(&w, map, m, to);
    arena_done(&w.arena);
    return rc;
}
