/*
 * What happened, as someone saw it who stands outside: what each node stated, when its bytes were
 * first sent, when the hub took them, which receipts each node came to hold. Kept from frames and
 * from raw rows of the stores, by code that the product does not share.
 */
#ifndef TESTS_SIM_HISTORY_H
#define TESTS_SIM_HISTORY_H

#include "core/bytes.h"
#include "core/id.h"
#include "core/instant.h"

struct sim;
struct node;

#define TAKES_MAX 6u
#define NO_DEED UINT32_MAX

enum expectation { EXPECT_NOTHING, EXPECT_VALID, EXPECT_REJECTED, EXPECT_HELD };

/* One record that a node stated. */
struct stated {
    struct hash id;
    uint32_t node, deed; /* NO_DEED: no report */
    uint16_t kind;
    uint64_t seq;
    uint8_t *bytes;
    size_t len;
    int64_t sealed_at, sent_at; /* virtual; sent_at NEVER: not yet */
    /* A report's. */
    enum expectation expect;
    uint32_t code;
    bool complete, below, interim;
    bool at_hub;
    uint32_t n_takes;
    instant
        takes[TAKES_MAX];   /* the hub's clock, each time it took the bytes in the step that held */
    bool doubt;             /* the hub must say that it doubts its clock */
    uint32_t finals, helds; /* receipts at its node, by what they say */
    instant received_at, held_at;
    uint32_t got_state, got_code;
    bool got_doubt;
};

/* A record that came in a frame, in the step that is being made. */
struct arrival {
    struct hash id;
    instant at;
};

struct history {
    uint32_t n, cap;
    struct stated *list;
    uint32_t n_arrivals, arrivals_cap;
    struct arrival *arrivals;
    bool step_doubt; /* of the step whose outcome is not known yet */
    instant step_wall;
    instant last_receipt;                /* the hub's clock at its last undoubted receipt */
    uint64_t seen_seq[16], seen_log[16]; /* per node: own lane, local numbers */
};

void history_init(struct history *h);
void history_done(struct history *h);
struct stated *history_find(struct history *h, const struct hash *id);

/* Look at what `n`, whose store is open, has stated and which receipts it holds by now. */
void history_look(struct sim *sim, struct node *n);
/* `frame` leaves the process of `n` (up), or the hub's (down). */
void history_sent_up(struct sim *sim, struct node *n, struct slice frame);
void history_sent_down(struct sim *sim, struct slice frame);
/* The hub takes `frame` from the socket, its clock at `at`. */
void history_taken(struct sim *sim, struct slice frame, instant at);
/* The hub made a step at `wall` that doubts its clock or not: it committed, or nobody knows (then
 * history_reopened), or it is lost. */
void history_step(struct sim *sim, bool committed, bool lost);
void history_step_begins(struct sim *sim, instant wall, int64_t drift);
void history_reopened(struct sim *sim);

#endif
