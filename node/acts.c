#include "node/acts.h"

#include "core/mem.h"
#include "proto/payload_act.h"
#include "store/log.h"

#include <string.h>

/*
 * A row: what it is about, whose it is, and where in that one's lane it stands. About: what 1, then
 * a report and the lane, or a slot.
 */
enum about { ABOUT_REPORT = 1, ABOUT_SLOT = 2 };

#define AUTHOR_BYTES (HASH_BYTES + 4u) /* actor, epoch */
#define SEQ_BYTES 8u

struct act {
    struct key key;
    instant until; /* 0 of a withdrawal */
    struct hash record;
};

static struct key about_report(const struct hash *report, const struct uid *lane) {
    struct key k = {.n = 0};
    key_put(&k, &(uint8_t){ABOUT_REPORT}, 1);
    key_hash(&k, report);
    if (lane)
        key_uid(&k, lane);
    return k;
}

static struct key about_slot(const struct slot *s) {
    struct key k = {.n = 0}, slot = slots_key(s);
    key_put(&k, &(uint8_t){ABOUT_SLOT}, 1);
    key_put(&k, slot.b, slot.n);
    return k;
}

/* What `r` says as a row; false: nothing. ERR_NOMEM, or what is wrong with its payload. */
static int read_act(const struct record *r, struct arena *a, struct act *ret_act, bool *ret_says,
                    struct err *e) {
    struct payload_withdrawal w;
    struct payload_extension x;
    struct act act = {.record = r->id};
    int rc = 0;
    *ret_says = false;
    if (r->h.payload_version != PAYLOAD_VERSION)
        return 0;
    if (r->h.kind == KIND_WITHDRAWAL) {
        rc = payload_withdrawal_decode(r->payload, a, &w, e);
        if (rc == 0)
            act.key = about_report(&w.record, &r->h.lane);
    } else if (r->h.kind == KIND_EXTENSION) {
        rc = payload_extension_decode(r->payload, a, &x, e);
        if (rc == 0) {
            act.key = about_slot(&(struct slot){x.issuer, x.campaign, x.period, x.kind, r->h.lane});
            act.until = x.until;
        }
    } else {
        return 0;
    }
    if (rc != 0)
        return rc;
    key_hash(&act.key, &r->h.actor);
    key_u32(&act.key, r->h.epoch);
    key_u64(&act.key, r->h.seq);
    *ret_act = act;
    *ret_says = true;
    return 0;
}

/* What the row `value` says beside its key; false: it is none. */
static bool read_value(struct slice value, struct act *ret_act) {
    struct reader r = reader_of(value);
    ret_act->until = (instant)reader_u64(&r);
    reader_copy(&r, ret_act->record.b, HASH_BYTES);
    return !r.failed && r.left == 0;
}

/* The last row of the author and about what the key `at` names, not after it; false: there is none.
 */
static bool row_until(struct txn *t, const struct key *at, struct act *ret_act) {
    struct key of = *at;
    struct slice v;
    of.n -= SEQ_BYTES;
    return txn_get_before(t, TABLE_ACTS, key_slice(&of), key_slice(at), NULL, &v) &&
           read_value(v, ret_act);
}

/*
 * Whether what its author said before `act` of the same says as much: as long as `act` stands, that
 * does, and so whoever repeats it without end adds nothing.
 */
static bool is_said(struct txn *t, const struct act *act) {
    struct act before;
    struct record r;
    if (!row_until(t, &act->key, &before))
        return false;
    bool longer =
        act->until > before.until || (act->key.b[0] == ABOUT_SLOT && act->until == before.until &&
                                      hash_cmp(&act->record, &before.record) < 0);
    return !longer && (!roster_overrulings(t) ||
                       (log_named(t, &before.record, &r) && !roster_overruled(t, &r.h)));
}

int acts_enter(struct txn *t, const struct record *r, struct arena *a, struct err *e) {
    struct act act;
    struct key v = {.n = 0};
    bool says;
    int rc = read_act(r, a, &act, &says, e);
    if (rc != 0 || !says || is_said(t, &act))
        return rc;
    key_u64(&v, (uint64_t)act.until);
    key_hash(&v, &act.record);
    txn_put(t, TABLE_ACTS, key_slice(&act.key), key_slice(&v));
    return 0;
}

static bool any(struct txn *t, enum about what) {
    struct slice k;
    return walk_last(t, TABLE_ACTS, slice_of(&(uint8_t){(uint8_t)what}, 1), &k, NULL);
}

struct acts acts_of(struct actor *a, struct txn *t) {
    bool none = txn_count(t, TABLE_ACTS) == 0;
    return (struct acts){a, t, !none && any(t, ABOUT_SLOT), !none && any(t, ABOUT_REPORT)};
}

/* ---- extensions ---- */

/* What the author of the row `key`, about `slot`, says that stands and counts; false: nothing. */
static bool best_of(const struct acts *acts, const struct slot *slot, const struct key *key,
                    struct act *ret_act, struct record *ret_record) {
    struct hash actor;
    struct member m;
    struct reader r = reader_of(
        slice_of(key->b + key->n - AUTHOR_BYTES - SEQ_BYTES, AUTHOR_BYTES + (size_t)SEQ_BYTES));
    reader_copy(&r, actor.b, HASH_BYTES);
    if (!roster_find(acts->t, &actor, reader_u32(&r), &m) ||
        !catalog_ever_under(&acts->a->catalog, &slot->issuer, &m.unit) ||
        !catalog_ever_under(&acts->a->catalog, &slot->unit, &m.unit))
        return false;
    uint64_t seq = m.ended ? roster_last_good(acts->t, &m, &slot->unit) : UINT64_MAX;
    while (seq > 0) {
        struct key at = *key;
        at.n -= SEQ_BYTES;
        key_u64(&at, seq);
        if (!row_until(acts->t, &at, ret_act) || !log_named(acts->t, &ret_act->record, ret_record))
            return false;
        if (!roster_overruled(acts->t, &ret_record->h))
            return true;
        seq = ret_record->h.seq - 1;
    }
    return false;
}

/* The first row about `about` after `after`, a key that begins so, into `ret_key`. */
static bool row_after(struct txn *t, const struct key *about, const struct key *after,
                      struct key *ret_key) {
    struct walk w;
    struct slice k;
    walk_init_from(&w, t, TABLE_ACTS, key_slice(about), key_slice(after));
    bool found = walk_next(&w, &k, NULL) && k.len == about->n + AUTHOR_BYTES + SEQ_BYTES;
    ret_key->n = 0;
    if (found)
        key_put(ret_key, k.data, k.len);
    walk_done(&w);
    return found;
}

/* The extension that gives `slot` most time, of several alike the one with the least id, and its
 * record; false: there is none. */
static bool latest_of(const struct acts *acts, const struct slot *slot, struct act *ret_act,
                      struct record *ret_record) {
    bool found = false;
    if (!acts->any_extension)
        return false;
    struct key about = about_slot(slot), at = about, row;
    while (row_after(acts->t, &about, &at, &row)) {
        struct act act;
        struct record r;
        if (best_of(acts, slot, &row, &act, &r) &&
            (!found || act.until > ret_act->until ||
             (act.until == ret_act->until && hash_cmp(&act.record, &ret_act->record) < 0))) {
            *ret_act = act;
            *ret_record = r;
            found = true;
        }
        at = row; /* past all of that author */
        at.n -= SEQ_BYTES;
        for (uint32_t i = 0; i <= SEQ_BYTES; i++)
            key_put(&at, &(uint8_t){0xff}, 1);
    }
    return found;
}

int acts_until(const struct acts *acts, const struct slot *slot, instant *ret_until,
               struct err *e) {
    struct act x;
    struct record r;
    bool found = latest_of(acts, slot, &x, &r);
    int rc = txn_failed(acts->t, e);
    if (rc == 0)
        *ret_until = found ? x.until : INSTANT_NONE;
    return rc;
}

int acts_until_why(const struct acts *acts, const struct slot *slot, char **ret_why,
                   struct err *e) {
    struct payload_extension p;
    struct act x;
    struct record r;
    struct arena a;
    *ret_why = NULL;
    if (!latest_of(acts, slot, &x, &r))
        return txn_failed(acts->t, e);
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_extension_decode(r.payload, &a, &p, e);
    const char *words = rc == 0 ? payload_act_words(&p.reason) : NULL;
    if (words && !(*ret_why = mem_strdup(words)))
        rc = err_nomem(e);
    arena_done(&a);
    return rc;
}

/* ---- withdrawals ---- */

void acts_withdrawals(struct act_walk *w, const struct acts *acts, const struct hash *report) {
    struct record r;
    struct slice k;
    w->acts = acts;
    w->prefix = about_report(report, NULL);
    bool any = acts->any_withdrawal &&
               walk_last(acts->t, TABLE_ACTS, key_slice(&w->prefix), &k, NULL) &&
               log_held(acts->t, report, &r);
    if (any && r.h.kind == KIND_REPORT)
        w->prefix = about_report(report, &r.h.lane);
    else
        w->acts = NULL;
    walk_init(&w->walk, acts->t, TABLE_ACTS, key_slice(&w->prefix));
}

bool acts_withdrawals_next(struct act_walk *w, struct record *ret_record) {
    struct slice v;
    struct act act;
    while (w->acts && walk_next(&w->walk, NULL, &v)) {
        if (!read_value(v, &act) || !log_named(w->acts->t, &act.record, ret_record))
            return false;
        if (roster_stands(w->acts->t, &ret_record->h))
            return true;
    }
    return false;
}

void acts_withdrawals_done(struct act_walk *w) {
    walk_done(&w->walk);
}

int acts_withdrawn(const struct acts *acts, const struct hash *report, bool *ret_withdrawn,
                   struct err *e) {
    struct act_walk w;
    struct record r;
    *ret_withdrawn = false;
    if (!acts->any_withdrawal)
        return 0;
    acts_withdrawals(&w, acts, report);
    bool withdrawn = acts_withdrawals_next(&w, &r);
    acts_withdrawals_done(&w);
    int rc = txn_failed(acts->t, e);
    if (rc == 0)
        *ret_withdrawn = withdrawn;
    return rc;
}

int acts_why(const struct acts *acts, const struct hash *report, struct arena *a,
             const char **ret_words, struct err *e) {
    struct payload_withdrawal p;
    struct act_walk w;
    struct record r;
    acts_withdrawals(&w, acts, report);
    bool found = acts_withdrawals_next(&w, &r);
    acts_withdrawals_done(&w);
    int rc = txn_failed(acts->t, e);
    if (rc == 0 && found)
        rc = payload_withdrawal_decode(r.payload, a, &p, e);
    if (rc == 0)
        *ret_words = found ? payload_act_words(&p.reason) : NULL;
    return rc;
}

/* ---- check ---- */

/* What `r` says as a row; false: nothing. */
static bool says(const struct record *r, struct act *ret_act) {
    struct arena a;
    bool says = false;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    bool read = read_act(r, &a, ret_act, &says, NULL) == 0;
    arena_done(&a);
    return read && says;
}

bool acts_follow(struct txn *t, struct slice key, struct slice value, struct hash *ret_record) {
    struct act row, act;
    struct record r;
    if (!read_value(value, &row))
        return false;
    *ret_record = row.record;
    return log_get(t, &row.record, &r, NULL) == 0 && says(&r, &act) && act.until == row.until &&
           slice_equal(key, key_slice(&act.key));
}

bool acts_noted(struct txn *t, const struct record *r) {
    struct act act;
    return !says(r, &act) || is_said(t, &act) || roster_overruled(t, &r->h);
}
