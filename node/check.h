/*
 * Check: the store against its records. Every record against its hash and its author's key, every
 * lane without gaps, every index both ways, streams, receipts. What is wrong is a finding, told
 * with the record it is about; the walk goes on.
 *
 * It runs in a child process, because flipped bits in the store's pages can crash a walk: there a
 * signal is one more finding.
 */
#ifndef NODE_CHECK_H
#define NODE_CHECK_H

#include "core/world.h"
#include "node/actor.h"

#define CHECK_KEPT 200u /* findings that are listed; further ones are only counted */

struct finding {
    struct hash record; /* zero: of no one record */
    char *what;         /* in the reader's language */
};

/* What a check came to. All zero is empty; check_findings_done frees it. */
struct findings {
    const struct world *world;
    struct txn *t;          /* what is checked, while it is: once it failed, nothing is found */
    uint64_t records, rows; /* records verified, rows of indexes and views looked at */
    uint64_t total;         /* findings */
    uint32_t n;
    struct finding *list;
    bool failed; /* no memory to keep one */
};
void check_findings_done(struct findings *f);
/* Add a finding about `record` (NULL: of no one record): `msgid`, a literal, with its arguments. */
void check_findings_add(struct findings *f, const struct hash *record, const char *msgid, ...)
    __attribute__((format(printf, 3, 4)));

/* A walk over tables that only one kind of actor has; its `actor` and `t` are open for reading. */
typedef int check_walk(struct actor *actor, struct txn *t, struct findings *f, struct err *e);

/*
 * Check the store of `role` in `dir`, which nobody in this process may have open, in a child
 * process; `more` (NULL: none) walks on there. ERR_REFUSED never comes of findings: they are in
 * `ret_findings`, worded in the language of `w`.
 */
int check_store(const char *dir, enum role role, const struct world *w, check_walk *more,
                struct findings *ret_findings, struct err *e);

/* The same walk in this process, over what `t` holds. */
int check_here(struct actor *actor, struct txn *t, check_walk *more, struct findings *f,
               struct err *e);

/* Append `f` to `out`: one line each, or with `json` one object. */
int check_print(const struct findings *f, bool json, struct buf *out, struct err *e);

#endif
