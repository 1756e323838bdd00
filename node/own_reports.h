/*
 * Own reports: every report that this actor stated, or a machine of its unit before it (see heir),
 * as a revision of its slot, in the order stated.
 * A hub keeps a table of slots; a node has so few reports that it reads them from its log.
 */
#ifndef NODE_OWN_REPORTS_H
#define NODE_OWN_REPORTS_H

#include "node/actor.h"
#include "node/slots.h"

struct own_report {
    struct hash report, campaign; /* records; of the campaign that very version */
    uint32_t epoch, revision;
    uint64_t seq;
    instant sealed_at;
    bool nil;
    bool inherited;   /* a machine before this one stated it */
    bool fork;        /* another copy of this machine stated it in a place of this one's */
    bool elsewhere;   /* another copy stated it in an epoch in which this one signed nothing */
    struct slot slot; /* campaign: NULL where it is not held, the issuer zero then */
};

/* All zero is empty. */
struct own_reports {
    struct arena arena; /* everything below lives here */
    uint32_t n, room;
    struct own_report *list;
};

/* Those of actor `a` that `t` holds, into `ret_reports` (own_reports_done). */
int own_reports_load(struct actor *a, struct txn *t, struct own_reports *ret_reports,
                     struct err *e);
void own_reports_done(struct own_reports *o);

/*
 * Those of `a` that count for nothing because its directory was put back or copied, into
 * `ret_evidence` (own_reports_done): what this copy had stated in places that were taken, and has
 * stated again since, and what another copy stated in places of this one. Mostly there is none.
 */
int own_reports_evidence(struct actor *a, struct txn *t, struct own_reports *ret_evidence,
                         struct err *e);
/*
 * Of `evidence`, what `o` says again, and what another copy had reported for its slot: the last of
 * each, NULL where there is none.
 */
const struct own_report *own_reports_restated(const struct own_reports *evidence,
                                              const struct own_report *o);
const struct own_report *own_reports_rival(const struct own_reports *evidence,
                                           const struct own_report *o);

/* Whether `h`, of any record of `a`, stands in an earlier epoch at or behind a place that was taken
 * twice: nobody else holds it, and what it says is stated again (see restate). */
bool own_reports_displaced(struct actor *a, struct txn *t, const struct record_header *h);

/* Whether `x` and `y` are one slot; no two are where a campaign is not held. */
bool own_reports_same_slot(const struct slot *x, const struct slot *y);

#endif
