/*
 * Acts: what signed records say about slots that a report alone does not: until when a unit may
 * report, and which reports were taken back. A view, by slot and by report: who asks reads what he
 * asks for, however much of it is held. What of it counts may change with who is ended when and
 * which unit lies where, so that is asked each time.
 */
#ifndef NODE_ACTS_H
#define NODE_ACTS_H

#include "core/limits.h"
#include "node/actor.h"
#include "node/slots.h"
#include "store/key.h"

/* Enter what `r`, just appended, an extension or a withdrawal, says; other kinds say nothing. `a`
 * is for its payload. ERR_NOMEM, or what is wrong with that: it says nothing then. */
int acts_enter(struct txn *t, const struct record *r, struct arena *a, struct err *e);

/* Of what is asked at the actor `a` in `t`: all acts hold as stated, whenever they were stated. */
struct acts {
    struct actor *a;
    struct txn *t;
    bool any_extension, any_withdrawal; /* of whatever */
};
struct acts acts_of(struct actor *a, struct txn *t);

/*
 * The latest instant that any extension gives `slot` into `ret_until`, INSTANT_NONE if there is
 * none. One counts when the campaign's issuer and the unit are its author's unit or below it, as
 * any facts ever said.
 */
int acts_until(const struct acts *acts, const struct slot *slot, instant *ret_until, struct err *e);
/* Why that extension was given, in its author's words, into `ret_why` (mem_free); NULL where there
 * is none, or for a reason that this program does not know. */
int acts_until_why(const struct acts *acts, const struct slot *slot, char **ret_why, struct err *e);

/*
 * The withdrawals of `report` that stand and are in its lane: the first of each author and epoch.
 * The walk is not to be copied; txn_failed tells whether it went to the end.
 */
struct act_walk {
    const struct acts *acts;
    struct walk walk;
    struct key prefix;
};
void acts_withdrawals(struct act_walk *w, const struct acts *acts, const struct hash *report);
bool acts_withdrawals_next(struct act_walk *w, struct record *ret_record);
void acts_withdrawals_done(struct act_walk *w);
/* Whether there is one into `ret_withdrawn`. */
int acts_withdrawn(const struct acts *acts, const struct hash *report, bool *ret_withdrawn,
                   struct err *e);
/*
 * Why `report`, which was withdrawn, was taken back, in its author's words, into `ret_words` (in
 * `a`); NULL for a reason that this program does not know.
 */
int acts_why(const struct acts *acts, const struct hash *report, struct arena *a,
             const char **ret_words, struct err *e);

/* For `check`: whether the row `key`, `value` is what its record says, whose id goes into
 * `ret_record`; and whether what the record `r` says is noted. */
bool acts_follow(struct txn *t, struct slice key, struct slice value, struct hash *ret_record);
bool acts_noted(struct txn *t, const struct record *r);

#endif
