/*
 * Boards worked out once more from the fold: who is expected, what came and when, what it is worth.
 */
#ifndef AUDIT_REBOARD_H
#define AUDIT_REBOARD_H

#include "audit/ask.h"
#include "audit/recontact.h"
#include "audit/reslot.h"

/* The slot of one unit, with the reports that stand behind its verdict (NULL: none). */
struct reboard_slot {
    instant due, until;                        /* until: the latest extension; INSTANT_NONE */
    day on;                                    /* the day on which the unit is looked at */
    const struct entry *extension, *exemption; /* what says so; NULL: nothing does */
    struct reslot verdict;
    const struct fold_report *effective, *shown;
    const struct fold_receipt *first; /* the receipt that counts for `effective` */
    instant first_at, shown_at;       /* what the receipts of both count as */
};

/* Work out the slot of `unit` in `s` at `at` into `ret_slot`. Below zero only without memory. */
int reboard_slot(const struct fold *f, const struct recontact_home *home, const struct ask_slot *s,
                 const struct uid *unit, instant at, struct reboard_slot *ret_slot, struct err *e);
/*
 * Whether `unit` is expected to report for `s`, by the units of day `on`, and by what its issuer
 * stated of the unit by name. `ret_exempt` (may be NULL): it is not, but was exempted by name.
 */
bool reboard_expected(const struct fold *f, const struct ask_slot *s, const struct uid *unit,
                      day on, bool *ret_exempt);
/* The unit that `code` names on `on`, else on `otherwise`; ERR_REFUSED if there is none. */
int reboard_unit(const struct fold *f, const char *code, day on, day otherwise,
                 struct uid *ret_unit, struct err *e);

/*
 * The boards that `a` asks for into `ret_boards` (each ended by board_done, the list by mem_free),
 * `ret_single` where it is the one that can be meant.
 */
int reboard_all(const struct fold *f, const struct recontact_home *home, const struct ask *a,
                struct board **ret_boards, uint32_t *ret_n, bool *ret_single, struct err *e);

#endif
