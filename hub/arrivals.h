/*
 * Arrivals: records that came while nothing could be said of them, each with who brought it and
 * when. They are found by who brought them: a child is promised the receipts of what it brought,
 * and who brings a copy of what waits waits for it, too.
 */
#ifndef HUB_ARRIVALS_H
#define HUB_ARRIVALS_H

#include "node/actor.h"
#include "node/pending.h"
#include "store/key.h"

struct arrival {
    struct hash carrier, record; /* the carrier is zero for what nobody below brought */
    struct taken_at at;
};

/* Keep `x`, unless the same is kept already. */
void arrivals_keep(struct txn *t, const struct arrival *x);
void arrivals_forget(struct txn *t, const struct arrival *x);

/* Past `x`, and past all that its carrier brought. */
struct key arrivals_after(const struct arrival *x);
struct key arrivals_behind(const struct arrival *x);

/* Whether the child `actor` is doubted, so that nothing is signed for it now: one that was ended
 * hands nothing back, and is waited for by nobody. */
bool arrivals_doubted(struct txn *t, const struct hash *actor);
/* The first arrival from `from` on (all zero: of all) of which something can be said now; false if
 * there is none. */
bool arrivals_find(struct txn *t, struct key from, struct arrival *ret);
/* `record` is brought by `carrier` once more: where it waits, it waits for that one as well, with
 * the same instant. */
void arrivals_share(struct txn *t, const struct hash *carrier, const struct hash *record);

/* Whether `record` waits, whoever brought it. */
bool arrivals_has(struct txn *t, const struct hash *record);
/* The earliest instant that a receipt still to be given may bear, of what waits here or is pending;
 * `now`, if that is earlier. */
instant arrivals_earliest(struct txn *t, instant now);

/* Whether any wait of which the hub `a` can say something. */
bool arrivals_wait(const struct actor *a, struct txn *t);
/* The same of those whose receipts a welcome of `carrier` promises: what it brought, and what
 * nobody below brought, whoever stated it. What only others brought is on no stream of its own. */
bool arrivals_wait_of(const struct actor *a, struct txn *t, const struct hash *carrier);

#endif
