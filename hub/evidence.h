/*
 * Evidence: what is held about one slot, as the facts that a verdict is made of. A revision counts
 * by receipts of the hubs above its author: those that enrolled it, link by link up to the root.
 */
#ifndef HUB_EVIDENCE_H
#define HUB_EVIDENCE_H

#include "core/verdict.h"
#include "node/actor.h"
#include "node/slots.h"

/* Where an author stands among those of its slot: its first enrolment. */
struct evidence_enrolment {
    uint32_t epoch;
    uint64_t seq;
};

/* All zero is empty; may be loaded again and again. */
struct evidence {
    uint32_t n, cap;
    struct verdict_revision *revisions;
    struct evidence_enrolment *enrolments; /* of the author of each */
    struct uid *by; /* the unit of the hub whose receipt gave each its `first` */
};
void evidence_done(struct evidence *ev);

/* Load what `t` holds about `slot`; which receipts count is said by `basis`. */
int evidence_load(struct txn *t, const struct slot *slot, enum receipt_basis basis,
                  struct evidence *ev, struct err *e);

/* The first enrolment of `actor`, which is enrolled in `epoch`. */
int evidence_enrolment_of(struct txn *t, const struct hash *actor, uint32_t epoch,
                          struct evidence_enrolment *ret_enrolment, struct err *e);

#endif
