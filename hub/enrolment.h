/*
 * Enrolment: tickets out, joins in. A ticket's token is private state of this hub, kept as a hash;
 * it binds to the first key that shows it, and the same key gets the same answer again, so that a
 * lost answer is no lost ticket. An enrolment or a revocation voids every ticket of that unit and
 * role that nobody used yet: a slip of paper that was forgotten replaces nobody's machine.
 */
#ifndef HUB_ENROLMENT_H
#define HUB_ENROLMENT_H

#include "hub/ingest.h"
#include "hub/session.h"
#include "proto/frame.h"
#include "proto/ticket.h"

/* Note a ticket for `unit` in `role` with this random token, made at `now`. */
void enrolment_note(struct txn *t, const uint8_t token[TOKEN_BYTES], const struct uid *unit,
                    enum role role, instant now);

/* Who knocks, and with what. */
struct knock {
    const struct frame_join *join;
    struct public_key transport_key; /* as the link has proven it */
    instant received_at;
    struct uid inbox; /* random: the stream that the child will get */
};

/*
 * Take a join: check the token and the join record, enrol, hold the join record; enrol nobody while
 * this hub is spent or not told who it is. `ret_refusal` gets a refusal code, 0 with a join; then
 * `ret_actor` is the child and enrolment_answer gives the answer. Below zero only when the store or
 * memory fails.
 */
int enrolment_join(struct ingest *in, const struct knock *k, uint32_t *ret_refusal,
                   struct hash *ret_actor, struct err *e);

/*
 * The same of a join whose record is an enrolment, `r`. One that this hub signed and does not hold
 * says that its store was put back: whom it enrols is known again from here on, and the hub is
 * spent. `ret_refusal`: REFUSED_BUSY, it should come again, as who it is; REFUSED_UNKNOWN, it is
 * nothing that helps. Below zero only when the store or memory fails.
 */
int enrolment_show(struct ingest *in, const struct knock *k, const struct record *r,
                   uint32_t *ret_refusal, struct err *e);
/* Whether hub `a` knows who it is in its epoch: the hub above has told it, where it began anew. */
bool enrolment_is_told(struct txn *t, const struct actor *a);

/*
 * Whether a machine for `unit` in `role` can be enrolled by hub `a` now (`ret_within`): the answer
 * holds what leads to it, and one enrolment ends all that it replaces. If not, `why` says what to
 * do. Below zero only when the store or memory fails.
 */
int enrolment_bounds(struct actor *a, struct txn *t, const struct uid *unit, enum role role,
                     bool *ret_within, struct err *why, struct err *e);

/* Stage for the guest `peer` the answer to its join as `actor`: genesis, grants and enrolments that
 * lead to it, as they are held. */
int enrolment_answer(struct txn *t, const struct hash *actor, struct post *post, uint32_t peer,
                     struct err *e);

#define CLOSURE_MAX 256u /* as many as one JOINED carries */

/* The ids of genesis, grants and enrolments that lead to `actor`, first to last, at most
 * CLOSURE_MAX; ERR_REFUSED beyond that. */
int enrolment_closure(struct txn *t, const struct hash *actor, uint32_t epoch,
                      struct hash ret_ids[CLOSURE_MAX], uint32_t *ret_n, struct err *e);

/*
 * The child `actor` asks for its next epoch: enrol it in that, if it follows the last one and the
 * proof holds. `ret_refusal`: REFUSED_BUSY, not now, it should ask again later: epochs of one actor
 * come at least a second apart, then two, four …, up to RENEWAL_PAUSE_MS, so that two copies of one
 * machine do not take turns without end, or it knows of later epochs than this hub; for good,
 * REFUSED_TAKEN where the proof does not hold: another machine has the last epoch, under its own
 * key; REFUSED_ENDED; REFUSED_UNKNOWN, another hub enrolled it. Else 0. A request for an epoch that
 * was granted is passed over: what it does not know is on its inbox.
 */
int enrolment_renew(struct ingest *in, const struct hash *actor, const struct frame_renew *renew,
                    instant now, uint32_t *ret_refusal, struct err *e);
#define RENEWAL_PAUSE_MS 3600000
/* Say in `why` that the machine of `unit` asked for an epoch that is not for it, at `now`. */
void enrolment_taken(struct actor *a, const struct uid *unit, instant now, struct err *why);

#endif
