/*
 * Evidence: what is held about one slot, as the facts that a verdict is made of. A revision counts
 * by receipts of the hubs above its author: those that enrolled it, link by link up to the root.
 */
#ifndef NODE_EVIDENCE_H
#define NODE_EVIDENCE_H

#include "core/verdict.h"
#include "node/acts.h"
#include "node/slots.h"

/* All zero is empty; may be loaded again and again. */
struct evidence {
    uint32_t n, cap;
    struct verdict_revision *revisions;
    struct enrolment_place *enrolments; /* of the author of each */
    struct uid *by; /* the unit of the hub whose receipt gave each its `first` */
};
void evidence_done(struct evidence *ev);

/*
 * Load what `t` holds about `slot`; which receipts count is said by `basis`, which revisions were
 * taken back by `acts`.
 */
int evidence_load(struct txn *t, const struct slot *slot, enum receipt_basis basis,
                  const struct acts *acts, struct evidence *ev, struct err *e);

#endif
