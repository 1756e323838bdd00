/*
 * Mending a clock: which receipts of a hub a mend would touch, what it changes, and the act that
 * states it. The hub above states it in its lane 0; for the root hub a key of the root does.
 */
#ifndef HUB_CLOCK_MEND_H
#define HUB_CLOCK_MEND_H

#include "core/crypto.h"
#include "node/slot_facts.h"
#include "proto/payload_act.h"

struct clock_mend {
    instant from, until; /* as that clock showed them */
    int64_t shift_ms;
    bool all;    /* also receipts that do not doubt the clock, each by the record it is of */
    instant now; /* when it is stated */
    struct act_reason reason;
    const uint8_t *root_seed; /* of the root or recovery key; NULL: this hub states it */
};

/* The hubs that a unit ever had, each once. */
struct clock_hubs {
    uint32_t n;
    struct hash *list;
};
void clock_mend_hubs_done(struct clock_hubs *hubs);

/* One receipt that is touched. */
struct clock_touched {
    struct hash record, issuer;
    instant shown, before; /* as that clock showed it; what it counted as until now */
};

/*
 * The hubs that `unit`, called `code`, ever had and whose clock `a` may mend by `m`, into
 * `ret_hubs` (clock_mend_hubs_done frees them). ERR_REFUSED where there are none, or somebody else
 * has to do it.
 */
int clock_mend_hubs(struct actor *a, struct txn *t, const struct clock_mend *m,
                    const struct uid *unit, const char *code, struct clock_hubs *ret_hubs,
                    struct err *e);

/* The receipts of `hubs` in the span of `m` that it touches into `ret_list` (mem_free), by record
 * and issuer; ERR_REFUSED if there are none. */
int clock_mend_find(struct actor *a, struct txn *t, const struct clock_mend *m,
                    const struct clock_hubs *hubs, struct clock_touched **ret_list, uint32_t *ret_n,
                    struct err *e);

/* State `m` for `hubs`, of which it touches the `n` receipts at `list`; how many records that took
 * into `ret_acts`. */
int clock_mend_state(struct actor *a, struct txn *t, const struct clock_mend *m,
                     const struct clock_hubs *hubs, const struct clock_touched *list, uint32_t n,
                     uint32_t *ret_acts, struct err *e);

#endif
