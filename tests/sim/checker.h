/*
 * The checker: holds the stores against the history. It reads raw rows and documented bytes, and
 * judges deadlines, boards and rankings by its own plain rules; of the product it asks only what is
 * to be compared.
 *
 *     1  what a machine stated is in the log of every hub above it exactly once, byte for byte
 *     2  no log holds anything that nobody stated                    (checked as it happens)
 *     3  no chain has a gap
 *     4  every report has one final receipt of every hub above it, with the right verdict and the
 *        right instant, and its office holds them all
 *     5  boards show what a plain count of instants says, at every hub, in the middle of things as
 *        at the end; nobody is `missing` whose report came in time to a hub that was cut off
 *     6  nothing leaves a machine before its commit                  (checked as it happens)
 *     7  rankings are what plain adding up gives, at every hub
 *     8  everything settles soon after healing                       (checked as it happens)
 *     9  all queues are empty at the end, and no cursor points beyond what is durable
 *    11  the stores' own check finds nothing
 *    10  with and without accidents, the same reports in time give the same verdicts
 */
#ifndef TESTS_SIM_CHECKER_H
#define TESTS_SIM_CHECKER_H

#include "core/result.h"
#include "tests/sim/world.h"

/* What became of an office's slots, to be held against another run of the same seed. */
struct fate {
    enum slot_state slots[LEVELS_MAX][2][2]; /* issuer's level, own or below, annual or interim */
    enum slot_state came[DEEDS_MAX];         /* what each valid report would be for itself */
};
struct outcome {
    uint32_t n;
    struct fate *list; /* by machine */
};
void outcome_done(struct outcome *o);

/* Check everything of `sim`, which is at rest; `ret_outcome` gets what became of the slots. */
void checker_run(struct sim *sim, struct outcome *ret_outcome);
/* An office whose reports came in time alike with and without accidents is judged alike. */
void checker_compare(struct sim *sim, const struct outcome *with, const struct outcome *without);

/* Whether all queues between machines are empty; where `property` is given, whose are not is
 * noted. */
bool checker_drained(struct sim *sim, const char *property);
/* `m` says that all is exchanged: its hub's receipts must have come. */
void checker_settled(struct sim *sim, struct machine *m);
/* Somebody asks the hub `m` for its boards, in the middle of things. */
void checker_look(struct sim *sim, struct machine *m);

/* What hubs said of the reports of the office `m`, whose store `t` reads. */
void checker_receipts(struct sim *sim, struct machine *m, struct txn *t);

/* ---- plain rules, in checker_slot.c ---- */

/* What a hub (or, with `t` NULL, somebody who knows everything) says of a slot. */
struct plain_slot {
    enum slot_state state;
    const struct stated *effective, *shown; /* NULL: none */
    instant received_at, window;
    uint32_t by; /* the machine that received it first */
};
struct plain_asked {
    struct machine *hub, *issuer, *unit;
    struct txn *t; /* of the hub's store; NULL: everything is known */
    bool below, interim;
    instant at;
};
struct plain_slot checker_slot(struct sim *sim, const struct plain_asked *q);
/* The first receipt of `s` that `q` knows: at whose, into `ret_by`; INSTANT_NONE: none. */
instant checker_first(struct sim *sim, const struct plain_asked *q, const struct stated *s,
                      uint32_t *ret_by);
/* Whether the hub of `q` holds `record`, or what says the same in a later epoch. */
bool checker_knows(struct sim *sim, const struct plain_asked *q, const struct hash *record);

/* Boards and rankings of the hub `m`, whose store `t` reads, as of now. */
void checker_boards(struct sim *sim, struct machine *m, struct txn *t, bool at_end);
void checker_rankings(struct sim *sim, struct machine *m, struct txn *t);

#endif
