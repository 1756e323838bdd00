#include "hub/revoke.h"

#include "core/mem.h"
#include "node/append.h"
#include "proto/kinds.h"
#include "store/log.h"

#include <stdio.h>
#include <string.h>

static bool has(const struct revoke_targets *x, const struct hash *actor) {
    for (uint32_t i = 0; i < x->n; i++)
        if (hash_equal(&x->list[i].actor, actor))
            return true;
    return false;
}

void revoke_targets_done(struct revoke_targets *targets) {
    mem_free(targets->list);
    *targets = (struct revoke_targets){0};
}

/* The codes of the units whose hubs enrolled a live machine of `unit`, none twice running. */
static void list_enrollers(struct actor *a, struct txn *t, const struct uid *unit, uint8_t by,
                           char ret_codes[ERR_ARG_BYTES]) {
    struct roster_walk w;
    struct member m, enroller;
    struct hash last = {{0}};
    size_t n = 0;
    ret_codes[0] = '\0';
    roster_walk_init(&w, t);
    while (n < ERR_ARG_BYTES && roster_walk_next(&w, &m)) {
        if (m.ended || !uid_equal(&m.unit, unit) || (by != 0 && m.by != by) ||
            hash_equal(&m.enroller, &last) || !roster_find(t, &m.enroller, 1, &enroller) ||
            enroller.by != BY_HUB)
            continue;
        last = m.enroller;
        n += (size_t)snprintf(ret_codes + n, ERR_ARG_BYTES - n, "%s%s", n > 0 ? ", " : "",
                              catalog_code(&a->catalog, &enroller.unit));
    }
    roster_walk_done(&w);
}

/* When the last machine of `unit` that `a` enrolled and revoked ended so, as people read it, into
 * `ret_when`; false: there is none. */
static bool revoked_already(const struct actor *a, struct txn *t, const struct uid *unit,
                            uint8_t by, char ret_when[INSTANT_TEXT]) {
    struct roster_walk w;
    struct member m;
    instant at, last = INSTANT_NONE;
    char why[ENDED_WHY_BYTES];
    roster_walk_init(&w, t);
    while (roster_walk_next(&w, &m))
        if (m.ended && uid_equal(&m.unit, unit) && (by == 0 || m.by == by) &&
            hash_equal(&m.enroller, &a->id) && ended_said(t, &m.actor, &at, why) &&
            (last == INSTANT_NONE || at > last))
            last = at;
    roster_walk_done(&w);
    if (last != INSTANT_NONE)
        instant_text_people(last, ret_when);
    return last != INSTANT_NONE;
}

/* Never 0: the machine that is meant ended at `when`. */
static int refuse_twice(const char *code, const char *when, const char *others, struct err *e) {
    if (others[0] == '\0')
        return err_set(e, ERR_REFUSED,
                       "unit %s has no machine to revoke: the one that this hub enrolled was "
                       "revoked already on %s, and where it ended cannot be changed",
                       code, when);
    return err_set(e, ERR_REFUSED,
                   "the machine of unit %s that this hub enrolled was revoked already on %s, and "
                   "where it ended cannot be changed; another one was enrolled at %s: revoke that "
                   "there",
                   code, when, others);
}

/* Never 0: why nobody of `unit`, called `code`, is to be revoked here; `other` is a live machine of
 * it that another hub enrolled, or NULL. */
static int nobody(struct actor *a, struct txn *t, const struct uid *unit,
                  const struct member *other, const char *code, uint8_t by, struct err *e) {
    char codes[ERR_ARG_BYTES] = "", when[INSTANT_TEXT];
    if (!other && revoked_already(a, t, unit, by, when))
        return refuse_twice(code, when, codes, e);
    if (!other)
        return err_set(e, ERR_REFUSED, "unit %s has no machine to revoke", code);
    if (hash_equal(&other->actor, &a->id) && a->is_root)
        return err_set(e, ERR_REFUSED,
                       "unit %s has the root hub, here: give --key root.key or recovery.key", code);
    if (hash_equal(&other->actor, &a->id))
        return err_set(e, ERR_REFUSED,
                       "unit %s has its hub here, and a hub cannot revoke itself: the hub above "
                       "does that",
                       code);
    list_enrollers(a, t, unit, by, codes);
    if (codes[0] != '\0' && revoked_already(a, t, unit, by, when))
        return refuse_twice(code, when, codes, e);
    if (codes[0] == '\0')
        return err_set(e, ERR_REFUSED,
                       "the machine of unit %s was enrolled by another hub: revoke it there, or "
                       "revoke that hub",
                       code);
    return err_set(e, ERR_REFUSED,
                   "this hub enrolled no machine of unit %s, that was done at %s: revoke it there, "
                   "or revoke that hub",
                   code, codes);
}

int revoke_find(struct actor *a, struct txn *t, const struct uid *unit, const char *code,
                uint8_t by, struct revoke_targets *ret_targets, struct err *e) {
    struct roster_walk w;
    struct revoke_targets found = {0};
    struct member m, other;
    struct buf list;
    bool others = false;
    buf_init(&list);
    roster_walk_init(&w, t);
    while (roster_walk_next(&w, &m)) {
        if (m.ended || !uid_equal(&m.unit, unit) || (by != 0 && m.by != by))
            continue;
        if (!hash_equal(&m.enroller, &a->id)) {
            other = m;
            others = true;
        } else if (!has(&found, &m.actor)) {
            buf_put(&list, &m, sizeof m);
            found.list = buf_items(&list);
            found.n = (uint32_t)(list.len / sizeof m);
        }
    }
    roster_walk_done(&w);
    int rc = list.failed    ? err_nomem(e)
             : found.n == 0 ? nobody(a, t, unit, others ? &other : NULL, code, by, e)
                            : 0;
    if (rc == 0)
        *ret_targets = found;
    else
        buf_done(&list);
    return rc;
}

bool revoke_beside(struct txn *t, const struct member *m, struct member *ret_enroller) {
    struct roster_walk w;
    struct member other;
    bool found = false;
    roster_walk_init(&w, t);
    while (!found && roster_walk_next(&w, &other))
        found = !other.ended && other.by == m->by && uid_equal(&other.unit, &m->unit) &&
                !hash_equal(&other.actor, &m->actor) &&
                roster_find(t, &other.enroller, 1, ret_enroller) && ret_enroller->by == BY_HUB;
    roster_walk_done(&w);
    return found;
}

int revoke_ending(struct txn *t, const struct member *m, const struct last_good *last,
                  struct ending *ret_ending, struct err *e) {
    struct ending out;
    bool found = !last;
    if (last && m->by != BY_NODE)
        return err_set(e, ERR_REFUSED,
                       "--last-good is for nodes: what is held here of a hub stands");
    int rc = ending_heads(t, &m->actor, &out, e);
    for (uint32_t i = 0; rc == 0 && last && i < out.n; i++) {
        struct last_good *x = &out.list[i];
        if (x->epoch == last->epoch && last->seq <= x->seq) {
            found = true;
            x->seq = last->seq;
        } else if (x->epoch > last->epoch) {
            x->seq = 0;
        }
    }
    if (rc == 0 && !found) {
        ending_done(&out);
        return err_set(e, ERR_REFUSED,
                       "--last-good %u:%llu: no such record of this machine is here; without the "
                       "option all that is held of it stands",
                       last->epoch, (unsigned long long)last->seq);
    }
    if (rc == 0)
        *ret_ending = out;
    return rc;
}

int revoke_state(struct actor *a, struct txn *t, const struct member *m,
                 const struct ending *ending, const struct act_reason *reason, instant now,
                 struct hash *ret_id, struct err *e) {
    struct buf b;
    int rc = 0;
    buf_init(&b);
    for (uint32_t done = 0, n; rc == 0 && done < ending->n; done += n) {
        n = ending->n - done < LIMIT_LIST ? ending->n - done : LIMIT_LIST;
        struct payload_revoke p = {m->actor, n, ending->list + done, *reason};
        buf_clear(&b);
        rc = payload_revoke_encode(&p, &b, e);
        if (rc == 0)
            rc = append_own(a, t, KIND_REVOKE, NULL, buf_slice(&b), now, ret_id, e);
    }
    buf_done(&b);
    return rc;
}

void revoke_tell_lost(const struct world *w, const char *code, struct buf *words) {
    world_say(
        w, words,
        "receipts that it gave and had not sent on are void: its offices hand in those reports "
        "again, and they count from then; where that makes them late, give them time with "
        "`extend --under %s`",
        code);
}

int revoke_count_void(struct txn *t, const struct hash *actor, uint32_t *ret_n, struct err *e) {
    struct log_walk w;
    struct hash id;
    struct record r;
    uint32_t n = 0;
    int rc = 0;
    log_walk_init(&w, t, KIND_REPORT, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id)) {
        rc = log_get(t, &id, &r, e);
        n += rc == 0 && hash_equal(&r.h.actor, actor) && !roster_stands(t, &r.h);
    }
    log_walk_done(&w);
    if (rc == 0)
        *ret_n = n;
    return rc;
}
