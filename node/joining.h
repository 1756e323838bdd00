/*
 * Joining: how a machine becomes an actor. Its keys are durable before its first frame; its first
 * record is its own join, which the hub holds and enrols. Until the answer is here the directory
 * stays a half-joined one: `join` with the same ticket goes on where it stopped.
 */
#ifndef NODE_JOINING_H
#define NODE_JOINING_H

#include "core/world.h"
#include "node/actor.h"
#include "node/post.h"
#include "proto/ticket.h"

/* Make the directory `dir`, whose parent exists, durably, if it is not there: `ret_made`. */
int joining_directory(const char *dir, bool *ret_made, struct err *e);
/*
 * Make the directory `dir` (its parent exists) for `ticket`: key file, store, own join record. If
 * it is half joined with the same ticket already, nothing is changed; with another ticket that join
 * is given up. ERR_REFUSED if it belongs to something else. A key file that is there already is
 * used, and never removed.
 */
int joining_prepare(const char *dir, const struct ticket *ticket, const char *passphrase,
                    const struct world *world, struct err *e);

/* Whether `dir` holds a machine, with its key file, that has joined with this very ticket. */
bool joining_used(const char *dir, const struct ticket *ticket);

/* Whether the answer was taken. */
bool joining_done(struct txn *t);
/* Whether records came from the hub above since: the root's is the first of them. */
bool joining_exchanged(const struct actor *a, struct txn *t);
/* The enrolment that it ended with, which the parent's stream brings again; false: it was taken
 * before that was kept. Points into the map. */
bool joining_enrolment(struct txn *t, struct slice *ret_record);
/* ERR_REFUSED, saying what to do, if `a`, as `t` has it, is a hub below another whose `init` did
 * not get that answer: it has no unit, and nobody to enrol. */
int joining_hub_done(const struct actor *a, struct txn *t, struct err *e);

/* Stage the frame that a guest sends into `post`, ready to leave. */
int joining_request(struct actor *a, const struct ticket *ticket, struct post *post, struct err *e);

/*
 * Take the hub's answer `frame`: check the way from the ticket's fingerprint down to this actor's
 * enrolment, note the parent. One transaction. ERR_REFUSED with the hub's reason,
 * or because the answer does not hold.
 */
int joining_answer(struct actor *a, struct slice frame, struct err *e);

#endif
