#include "node/standing_book.h"

#include "core/mem.h"
#include "core/rank.h"

#include <string.h>

#define TAG_STANDING "thidua standing 1"
enum row_sort { ROW_NAME, ROW_GROUP, ROW_UNIT };
#define LEVEL_EXCLUDED 0xff
#define KEY_SET (8 + 1 + 2)
#define TIE_MAX (RANK_KEY_BYTES + 8 * STANDING_COMPARATORS_MAX)

static_assert(KEY_SET + 1 + TIE_MAX + 2 * (LIMIT_CODE + 1) + 2 <= KEY_BYTES_MAX, "places fit");

/* ---- what it is called ---- */

static struct key name_of(const struct slot *s) {
    struct key k = {.n = 0};
    key_uid(&k, &s->issuer);
    key_text(&k, s->campaign);
    key_text(&k, s->period);
    key_u16(&k, (uint16_t)s->kind);
    return k;
}

struct standing_id standing_id_of(const struct slot *slot) {
    struct key name = name_of(slot);
    struct hash h;
    struct standing_id id;
    crypto_hash_tagged(TAG_STANDING, key_slice(&name), &h);
    memcpy(id.b, h.b, sizeof id.b);
    return id;
}

static struct key row_key(const struct standing_id *id, enum row_sort sort) {
    struct key k = {.n = 0};
    key_put(&k, id->b, sizeof id->b);
    key_put(&k, &(uint8_t){(uint8_t)sort}, 1);
    return k;
}

enum standing_kept standing_book_has(struct txn *t, const struct slot *slot) {
    struct standing_id id = standing_id_of(slot);
    struct key k = row_key(&id, ROW_NAME), name = name_of(slot);
    struct slice v;
    if (!txn_get(t, TABLE_STANDINGS, key_slice(&k), &v) || v.len == 0)
        return STANDING_ABSENT;
    bool same = slice_equal(slice_of(v.data + 1, v.len - 1), key_slice(&name));
    return same && v.data[0] ? STANDING_KEPT : STANDING_NOT_KEPT;
}

void standing_book_open(struct txn *t, const struct slot *slot, bool kept) {
    struct standing_id id = standing_id_of(slot);
    struct key k = row_key(&id, ROW_NAME), name = name_of(slot), v = {.n = 0};
    key_put(&v, &(uint8_t){kept}, 1);
    key_put(&v, name.b, name.n);
    txn_put(t, TABLE_STANDINGS, key_slice(&k), key_slice(&v));
}

/* ---- groups of units ---- */

static bool read_group(struct slice v, struct standing_group_row *row) {
    struct reader r = reader_of(v);
    row->number = reader_u16(&r);
    row->in_question = reader_u32(&r);
    return !r.failed;
}

static struct key group_key(const struct standing_id *id, const char *group) {
    struct key k = row_key(id, ROW_GROUP);
    key_text(&k, group);
    return k;
}

bool standing_book_group(struct txn *t, const struct standing_id *id, const char *group,
                         struct standing_group_row *ret_row) {
    struct key k = group_key(id, group);
    struct slice v;
    return txn_get(t, TABLE_STANDINGS, key_slice(&k), &v) && read_group(v, ret_row);
}

void standing_book_put_group(struct txn *t, const struct standing_id *id, const char *group,
                             const struct standing_group_row *row) {
    struct key k = group_key(id, group), v = {.n = 0};
    key_u16(&v, (uint16_t)row->number);
    key_u32(&v, row->in_question);
    txn_put(t, TABLE_STANDINGS, key_slice(&k), key_slice(&v));
}

void standing_book_groups(struct walk *w, struct key *prefix, struct txn *t,
                          const struct standing_id *id) {
    *prefix = row_key(id, ROW_GROUP);
    walk_init(w, t, TABLE_STANDINGS, key_slice(prefix));
}

bool standing_book_groups_next(struct walk *w, const char **ret_group,
                               struct standing_group_row *ret_row) {
    struct slice k, v;
    if (!walk_next(w, &k, &v) || k.data[k.len - 1] != '\0')
        return false;
    *ret_group = (const char *)k.data + w->prefix.len;
    return read_group(v, ret_row);
}

/* ---- the report of a unit ----
 *
 * report 32 ‖ lane 16 ‖ profile 32 ‖ revision 4 ‖ older profile 4 ‖ older version 4 ‖ state 1 ‖
 * excluded 1 ‖ n 2 ‖ n offsets of rows, from the end of these 4 ‖ rows
 *
 * row: row 2 ‖ kind 1 ‖ subject 16 ‖ total 4 ‖ max 4 ‖ grade 2 ‖ groups: how many 2, numbers ‖
 *      code‖00 ‖ class‖00 ‖ place: length 2, bytes
 */

static const char *const excluded_texts[] = {NULL, STANDING_OTHER_PROFILE, STANDING_LATE};
#define EXCLUDED_TEXTS (sizeof excluded_texts / sizeof *excluded_texts)

static uint8_t excluded_code(const char *why) {
    for (uint8_t i = 1; why && i < EXCLUDED_TEXTS; i++)
        if (strcmp(excluded_texts[i], why) == 0)
            return i;
    return 0;
}

#define HELD_BYTES (HASH_BYTES + UID_BYTES + HASH_BYTES + 3 * 4 + 1 + 1 + 2)

static bool read_held(struct slice v, struct standing_held *h) {
    struct reader r = reader_of(v);
    reader_copy(&r, h->report.b, HASH_BYTES);
    reader_copy(&r, h->lane.b, UID_BYTES);
    reader_copy(&r, h->profile.b, HASH_BYTES);
    h->revision = reader_u32(&r);
    h->older_profile = reader_u32(&r);
    h->older_version = reader_u32(&r);
    h->state = (enum slot_state)reader_u8(&r);
    uint8_t excluded = reader_u8(&r);
    h->excluded = excluded < EXCLUDED_TEXTS ? excluded_texts[excluded] : NULL;
    h->n = reader_u16(&r);
    h->all = v;
    return !r.failed && r.left >= 4 * (size_t)h->n;
}

static struct key unit_key(const struct standing_id *id, const struct uid *unit) {
    struct key k = row_key(id, ROW_UNIT);
    key_uid(&k, unit);
    return k;
}

bool standing_book_unit(struct txn *t, const struct standing_id *id, const struct uid *unit,
                        struct standing_held *ret_held) {
    struct key k = unit_key(id, unit);
    struct slice v;
    return txn_get(t, TABLE_STANDINGS, key_slice(&k), &v) && read_held(v, ret_held);
}

bool standing_is_unit_key(struct slice key) {
    return key.len > sizeof(struct standing_id) && key.data[sizeof(struct standing_id)] == ROW_UNIT;
}

static const char *read_text(struct reader *r) {
    const void *end = r->failed ? NULL : memchr(r->data, '\0', r->left);
    if (!end) {
        r->failed = true;
        return "";
    }
    return (const char *)reader_bytes(r, (size_t)((const uint8_t *)end - r->data) + 1).data;
}

bool standing_held_row(const struct standing_held *h, uint32_t i,
                       struct standing_held_row *ret_row) {
    struct standing_held_row row;
    struct reader r = reader_of(h->all);
    (void)reader_bytes(&r, HELD_BYTES + 4 * (size_t)i);
    uint32_t offset = reader_u32(&r);
    r = reader_of(h->all);
    (void)reader_bytes(&r, HELD_BYTES + 4 * (size_t)h->n + offset);
    row.row = reader_u16(&r);
    row.kind = (enum subject_kind)reader_u8(&r);
    reader_copy(&r, row.subject.b, UID_BYTES);
    row.total = (int32_t)reader_u32(&r);
    row.max = (int32_t)reader_u32(&r);
    row.grade = reader_u16(&r);
    row.groups = reader_bytes(&r, 2 * (size_t)reader_u16(&r));
    row.code = read_text(&r);
    row.class_id = read_text(&r);
    row.place = reader_bytes(&r, reader_u16(&r));
    if (i < h->n && !r.failed)
        *ret_row = row;
    return i < h->n && !r.failed;
}

/* ---- places ---- */

struct counted standing_set(struct txn *t, const struct standing_id *id, enum subject_kind kind,
                            uint32_t number) {
    struct counted c = {.t = t, .table = TABLE_PLACES};
    key_put(&c.set, id->b, sizeof id->b);
    key_put(&c.set, &(uint8_t){(uint8_t)kind}, 1);
    key_u16(&c.set, (uint16_t)number);
    return c;
}

struct key standing_excluded_prefix(const struct counted *set) {
    struct key k = set->set;
    key_put(&k, &(uint8_t){LEVEL_EXCLUDED}, 1);
    return k;
}

bool standing_place_read(struct slice value, struct uid *ret_unit, uint32_t *ret_index) {
    struct reader r = reader_of(value);
    reader_copy(&r, ret_unit->b, UID_BYTES);
    *ret_index = reader_u16(&r);
    return !r.failed;
}

size_t standing_tie_bytes(uint32_t n_comparators) {
    return RANK_KEY_BYTES + 8 * (size_t)n_comparators;
}

int64_t standing_place_key(struct slice place, uint32_t i) {
    struct reader r = reader_of(place);
    (void)reader_bytes(&r, standing_tie_bytes(i));
    return (int64_t)(~reader_u64(&r) ^ (UINT64_C(1) << 63));
}

bool standing_is_ranked(struct slice place) {
    for (size_t i = 0; i < RANK_KEY_BYTES && i < place.len; i++)
        if (place.data[i] != 0xff)
            return true;
    return false;
}

/* Where row `row` stands among those that are ranked; what has no rank has no comparators. */
static struct key place_of(const struct standing_sheet *s, uint32_t row, const struct points *p) {
    struct key k = {.n = 0};
    uint8_t share[RANK_KEY_BYTES];
    rank_key(p->total, p->max, share);
    for (size_t i = 0; i < sizeof share; i++)
        share[i] = (uint8_t)~share[i];
    key_put(&k, share, sizeof share);
    for (uint32_t i = 0; i < s->choice->campaign->c.n_comparators; i++) {
        int64_t v = p->max > 0 ? standing_sheet_key(s, row, p, i) : INT64_MIN;
        key_u64(&k, ~((uint64_t)v ^ (UINT64_C(1) << 63)));
    }
    return k;
}

static void put_row(const struct standing_sheet *s, uint32_t row, standing_groups_of *groups,
                    void *arg, struct buf *numbers, struct buf *out) {
    const struct subject *subject = &s->opened.subjects.list[row];
    const char *code = row == 0 ? s->source.unit->code : subject->code;
    struct points p = {0};
    const struct grade *grade = NULL;
    struct key place = {.n = 0};
    if (!s->source.excluded) {
        standing_sheet_score(s, row, &p, &grade);
        place = place_of(s, row, &p);
    }
    key_text(&place, s->source.unit->code);
    key_text(&place, code);
    key_u16(&place, (uint16_t)row);
    buf_clear(numbers);
    groups(arg, subject->kind, subject->class_id, numbers);
    buf_put_u16(out, (uint16_t)row);
    buf_put_u8(out, (uint8_t)subject->kind);
    buf_put(out, subject->id.b, UID_BYTES);
    buf_put_u32(out, (uint32_t)p.total);
    buf_put_u32(out, (uint32_t)p.max);
    buf_put_u16(out, grade ? (uint16_t)(grade - s->opened.profile->grades) : STANDING_NO_GRADE);
    buf_put_u16(out, (uint16_t)(numbers->len / 2));
    buf_put(out, numbers->data, numbers->len);
    buf_put(out, code, strlen(code) + 1);
    buf_put(out, subject->class_id, strlen(subject->class_id) + 1);
    buf_put_u16(out, (uint16_t)place.n);
    buf_put(out, place.b, place.n);
}

int standing_book_encode(const struct standing_sheet *s, standing_groups_of *groups, void *arg,
                         struct buf *out, struct err *e) {
    const struct standing_source *in = &s->source;
    struct buf rows, numbers;
    buf_init(&rows);
    buf_init(&numbers);
    buf_put(out, in->report.b, HASH_BYTES);
    buf_put(out, in->lane.b, UID_BYTES);
    buf_put(out, in->profile.b, HASH_BYTES);
    buf_put_u32(out, in->revision);
    buf_put_u32(out, in->older_profile);
    buf_put_u32(out, in->older_version);
    buf_put_u8(out, (uint8_t)in->state);
    buf_put_u8(out, excluded_code(in->excluded));
    buf_put_u16(out, (uint16_t)s->n);
    for (uint32_t i = 0; i < s->n; i++) {
        buf_put_u32(out, (uint32_t)rows.len);
        put_row(s, i, groups, arg, &numbers, &rows);
    }
    buf_put(out, rows.data, rows.len);
    bool whole = !out->failed && !rows.failed && !numbers.failed;
    buf_done(&rows);
    buf_done(&numbers);
    return whole ? 0 : err_nomem(e);
}

/* Enter or take out the places of row `i`. */
static uint32_t change_places(struct txn *t, const struct standing_id *id, const struct uid *unit,
                              const struct standing_held *h, uint32_t i, bool enter) {
    struct standing_held_row row;
    struct key value = {.n = 0};
    if (!standing_held_row(h, i, &row))
        return 0;
    key_uid(&value, unit);
    key_u16(&value, (uint16_t)i);
    struct reader groups = reader_of(row.groups);
    uint32_t n = (uint32_t)(groups.left / 2);
    for (uint32_t g = 0; g < n; g++) {
        struct counted set = standing_set(t, id, row.kind, reader_u16(&groups));
        struct key out = standing_excluded_prefix(&set);
        key_put(&out, row.place.data, row.place.len);
        if (h->excluded && enter)
            txn_put(t, TABLE_PLACES, key_slice(&out), key_slice(&value));
        else if (h->excluded)
            txn_delete(t, TABLE_PLACES, key_slice(&out));
        else if (enter)
            counted_add(&set, row.place, key_slice(&value));
        else
            counted_remove(&set, row.place);
    }
    return n;
}

static uint32_t change_all(struct txn *t, const struct standing_id *id, const struct uid *unit,
                           struct slice value, bool enter) {
    struct standing_held h;
    uint32_t n = 0;
    if (!read_held(value, &h))
        return 0;
    for (uint32_t i = 0; i < h.n; i++)
        n += change_places(t, id, unit, &h, i, enter);
    return n;
}

uint32_t standing_book_put(struct txn *t, const struct standing_id *id, const struct uid *unit,
                           struct slice value) {
    struct key k = unit_key(id, unit);
    txn_put(t, TABLE_STANDINGS, key_slice(&k), value);
    return change_all(t, id, unit, value, true);
}

uint32_t standing_book_remove(struct txn *t, const struct standing_id *id, const struct uid *unit) {
    struct key k = unit_key(id, unit);
    struct slice v;
    struct buf copy; /* writes move what the store holds */
    if (!txn_get(t, TABLE_STANDINGS, key_slice(&k), &v))
        return 0;
    buf_init(&copy);
    buf_put(&copy, v.data, v.len);
    struct err why = {0};
    uint32_t n = 0;
    if (copy.failed && err_nomem(&why) != 0)
        txn_fail(t, &why);
    else
        n = change_all(t, id, unit, buf_slice(&copy), false);
    txn_delete(t, TABLE_STANDINGS, key_slice(&k));
    buf_done(&copy);
    return n;
}
