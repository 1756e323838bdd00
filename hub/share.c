#include "hub/share.h"

#include "core/limits.h"
#include "proto/kinds.h"
#include "store/key.h"

#define MEBIBYTE (1024u * 1024u)

void share_init(struct share *s, const struct actor *actor, struct txn *t) {
    *s = (struct share){.self = &actor->id, .parent = &actor->parent, .t = t};
}

static struct key row_key(const struct share_row *row) {
    struct key k = {.n = 0};
    key_hash(&k, &row->actor);
    key_put(&k, &(uint8_t){(uint8_t)row->of}, 1);
    return k;
}

static void write_row(struct share *s, struct share_row *row) {
    struct key k = row_key(row), v = {.n = 0};
    key_u64(&v, row->used);
    if (row->changed)
        txn_put(s->t, TABLE_SHARES, key_slice(&k), key_slice(&v));
    row->changed = false;
}

void share_settle(struct share *s) {
    for (uint32_t i = 0; i < SHARE_ROWS; i++)
        write_row(s, &s->rows[i]);
}

/* The row of `actor`, in the place that is kept for such rows. */
static struct share_row *row_of(struct share *s, const struct hash *actor, enum share_of of) {
    struct share_row *row = &s->rows[of - 1];
    struct slice v;
    if (hash_equal(&row->actor, actor))
        return row;
    write_row(s, row);
    *row = (struct share_row){.actor = *actor, .of = of};
    struct key k = row_key(row);
    if (txn_get(s->t, TABLE_SHARES, key_slice(&k), &v)) {
        struct reader r = reader_of(v);
        row->used = reader_u64(&r);
    }
    return row;
}

static uint64_t limit_of(struct share *s, const struct hash *actor, enum share_of of) {
    struct member m;
    if (of == SHARE_BROUGHT)
        return LIMIT_SHARE_BROUGHT;
    return roster_find(s->t, actor, 1, &m) && m.by == BY_NODE ? LIMIT_SHARE_NODE : LIMIT_SHARE_HUB;
}

/* Whether `row` has no room for `more`; who is first found so is kept for the log. */
static bool is_over(struct share *s, const struct share_row *row, uint64_t more) {
    if (row->used + more <= LIMIT_SHARE_NODE) /* the least of all shares: no need to ask whose */
        return false;
    uint64_t limit = limit_of(s, &row->actor, row->of);
    bool over = row->used + more > limit;
    if (over && hash_is_zero(&s->over)) {
        s->over = row->actor;
        s->over_of = row->of;
        s->limit = limit;
    }
    return over;
}

/* What is kept with any record beside its bytes: places in tables and streams, and its receipt. */
static uint64_t weight(const struct record *r) {
    return LIMIT_SHARE_RECORD + (uint64_t)r->bytes.len;
}

/* Whether what `carrier` brings of `author` counts: not what is our own, or came from above. */
static bool counts(const struct share *s, const struct hash *author, const struct hash *carrier) {
    return !hash_is_zero(carrier) && !hash_equal(carrier, s->parent) &&
           !hash_equal(author, s->self);
}

enum admission share_room(struct share *s, const struct record *r, const struct hash *carrier) {
    bool own = hash_equal(&r->h.actor, carrier);
    if (!counts(s, &r->h.actor, carrier))
        return ADMIT_HELD;
    if (is_over(s, row_of(s, &r->h.actor, SHARE_STATED), weight(r)))
        return own ? ADMIT_OVER : ADMIT_PASSED;
    bool full = !own && is_over(s, row_of(s, carrier, SHARE_BROUGHT), weight(r));
    return full ? ADMIT_OVER : ADMIT_HELD;
}

static void add(struct share_row *row, uint64_t more) {
    row->used += more;
    row->changed = true;
}

void share_kept(struct share *s, const struct record *r, const struct hash *carrier) {
    if (!counts(s, &r->h.actor, carrier))
        return;
    add(row_of(s, &r->h.actor, SHARE_STATED), weight(r));
    if (!hash_equal(&r->h.actor, carrier))
        add(row_of(s, carrier, SHARE_BROUGHT), weight(r));
}

bool share_answer(struct share *s, const struct hash *carrier) {
    struct share_row *row = row_of(s, carrier, SHARE_STATED);
    if (is_over(s, row, LIMIT_SHARE_ANSWER))
        return false;
    add(row, LIMIT_SHARE_ANSWER);
    return true;
}

void share_tell(const struct share *s, struct actor *actor, instant now, struct err *why) {
    struct member m;
    const struct unit_fact *f = NULL;
    if (hash_is_zero(&s->over))
        return;
    if (roster_find(s->t, &s->over, 1, &m))
        f = units_at(actor->catalog.units, &m.unit, instant_day(now));
    const char *code = f ? f->code : "?";
    if (s->over_of == SHARE_BROUGHT)
        err_set(why, ERR_REFUSED,
                "unit %s: its hub has brought more of others than is kept of what one hub brings "
                "(%u MiB), so nothing more of others is taken from it: ask there which machines "
                "state so much, and have them replaced or revoked there",
                code, (unsigned)(s->limit / MEBIBYTE));
    else
        err_set(
            why, ERR_REFUSED,
            "unit %s: its machine has stated more than a hub keeps of it (%u MiB), so nothing more "
            "is taken from it: ask what it does; then replace it (`enrol`) or revoke it",
            code, (unsigned)(s->limit / MEBIBYTE));
}
