/*
 * Slot facts: what is held about one slot, as the facts that a verdict is made of. Board, ranking
 * and every view of a report ask here and nowhere else. A revision counts by receipts of the hubs
 * above its author: those that enrolled it, link by link up to the root.
 */
#ifndef NODE_SLOT_FACTS_H
#define NODE_SLOT_FACTS_H

#include "core/verdict.h"
#include "node/acts.h"
#include "node/mends.h"
#include "node/own_reports.h"

#define SLOT_FACTS_ALL INT64_MAX /* asked at the end of time, every revision held counts */

/* What is known of a revision beside what its verdict is made of. */
struct slot_told {
    struct hash author;
    struct enrolment_place enrolment; /* of the author; n 0: not looked up, nobody has asked */
    /* The hub whose receipt gave it its `first`: */
    struct uid by; /* its unit */
    bool doubted;  /* whether it doubted its clock, and nobody has mended that */
    bool mended;   /* whether that instant is another than its clock showed */
    /* What the report says of itself, as its row tells slot_facts_gather_rows: */
    uint32_t number; /* its revision; 0 after slot_facts_gather */
    bool nil;
};

/* Read once, asked about slot after slot. All zero is empty. */
struct slot_facts {
    struct actor *actor;
    struct txn *t;
    struct acts acts;
    struct mends mends;
    struct own_reports own; /* at a node; a hub keeps slots */

    /* Of the slot gathered last, its revisions first to last. */
    struct uid unit;
    instant due;   /* INSTANT_NONE: no date is asked */
    instant until; /* the latest extension; INSTANT_NONE: there is none */
    bool tainted;  /* reports in it may rest on what is void */
    uint32_t n, cap;
    struct verdict_revision *revisions;
    struct slot_told *told; /* of each */

    struct slot_author *author; /* of the revision entered last: the next is mostly by the same */
};

/* Read what `t` holds at actor `a` that is not of one slot; slot_facts_done frees `f`, after a
 * failure too. */
int slot_facts_begin(struct slot_facts *f, struct actor *a, struct txn *t, struct err *e);
void slot_facts_done(struct slot_facts *f);

/*
 * Gather the facts of `slot` into `f`, by the latest version of its campaign: its due instant,
 * which receipts count. ERR_ABSENT where the campaign is not held or asks for no such report.
 */
int slot_facts_gather(struct slot_facts *f, const struct slot *slot, struct err *e);
/* The same of a slot of a hub, from its rows, whose sum says that they are whole: no report is read
 * that they tell all of. One that is damaged itself goes unnoticed. */
int slot_facts_gather_rows(struct slot_facts *f, const struct slot *slot, struct err *e);

/* How far the hubs between a unit and whoever judges have sent on what they had. */
struct slot_reach {
    bool direct;     /* there is none between */
    instant drained; /* all of them up to here; INSTANT_NONE: never */
};
extern const struct slot_reach slot_facts_direct;

/* The verdict on the slot gathered last, at `at`, of a unit that is `exempt` or not. */
struct verdict slot_facts_verdict(const struct slot_facts *f, const struct slot_reach *reach,
                                  bool exempt, instant at);
/*
 * What is in force in `slot` of a hub when all that is held counts, into `ret_verdict`, as
 * gathering and asking would find it. As little as that takes is read: rows of the slot, no
 * reports, and of its revisions mostly the last. Whoever shows the report in force reads that.
 */
int slot_facts_in_force(struct slot_facts *f, const struct slot *slot, struct verdict *ret_verdict,
                        struct err *e);
/*
 * The report that counts in `slot` when all that is held counts, into `ret_report`: zero where none
 * does, or where the campaign asks for no such report any more. Gathers the slot.
 */
int slot_facts_counting(struct slot_facts *f, const struct slot *slot, struct hash *ret_report,
                        struct err *e);
/* Where `report` stands among the revisions gathered; VERDICT_NONE: nowhere. */
uint32_t slot_facts_place(const struct slot_facts *f, const struct hash *report);
/* Whether a later revision took the place of revision `i`: the one that counts in `v`, or one that
 * was received and withdrawn. */
bool slot_facts_superseded(const struct slot_facts *f, const struct verdict *v, uint32_t i);

/* Whether any report stands in campaign `id` of `issuer`, of `period` (NULL: any; then of any kind)
 * and of `kind` (0: any). */
bool slot_facts_any(const struct slot_facts *f, const struct uid *issuer, const char *id,
                    const char *period, enum report_kind kind);

#endif
