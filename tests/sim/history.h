/*
 * What happened, as someone saw it who stands outside: what every machine stated, when hubs took
 * it, which receipts they gave. Kept from frames and from raw rows of the stores, decoded by code
 * that the product does not share (peek.h); the rows are found, and ids hashed, by the product's.
 */
#ifndef TESTS_SIM_HISTORY_H
#define TESTS_SIM_HISTORY_H

#include "core/bytes.h"
#include "core/id.h"
#include "core/instant.h"

struct sim;
struct machine;
struct peek_part;

#define HISTORY_LEVELS 5u
#define TAKES_MAX 8u
#define NO_DEED UINT32_MAX

enum expectation_of { EXPECT_NOTHING, EXPECT_VALID, EXPECT_REJECTED, EXPECT_HELD };

/* What one receipt says. */
struct given {
    struct hash id; /* of the receipt record */
    uint32_t epoch, state, code;
    instant received_at;
    bool doubt;
};

/* What one hub on the way up did with a report. */
struct reception {
    uint32_t n_takes;
    instant takes[TAKES_MAX]; /* the hub's clock, each time it took the bytes before it held them */
    bool doubt, sure; /* the hub must say that it doubts its clock as it took it; must not */
    bool retaken;     /* taken since the hub's directory was last lost */
    bool found;       /* it came back to the hub by another way than from below … */
    instant found_at; /* … then, or at the earliest that its clock has shown since */
    uint32_t n_given, given_cap;
    struct given *given; /* its receipts, in the order in which they were seen */
};

/* One record that a machine stated. */
struct stated {
    struct hash id;
    uint32_t owner, deed; /* a machine; NO_DEED: no report */
    uint32_t next;        /* of its owner's reports and withdrawals, in the order of their
                           * author, index + 1; 0: the last */
    uint16_t kind;
    uint32_t life, epoch; /* life: which of its owner's actors, one after the other */
    uint64_t seq;
    instant claimed;
    struct uid lane;
    struct hash prev;
    uint32_t again;   /* the next record that says the same in a later epoch, index + 1; 0: none */
    uint32_t holders; /* logs that it is in */
    bool gone;        /* in none of them any more */
    bool contested;   /* it stands at or behind a place that was taken twice: history_contest */
    uint8_t *bytes;
    size_t len;
    bool at[HISTORY_LEVELS]; /* held at the hub of that level above its owner */
    /* A report's or a withdrawal's. */
    enum expectation_of expect;
    uint32_t code, issuer; /* issuer: of its campaign */
    bool complete, below, interim;
    struct hash withdraws;  /* zero: a report */
    struct reception *hubs; /* by level; NULL: no report */
};

/* A record that came in a frame. */
struct brought {
    struct hash id;
    instant at;
    int64_t drift; /* of the hub's clock since its start */
};

/* A record of which a beginning was sent, at its place in a stream. */
struct begun {
    struct uid stream;
    uint64_t position;
    struct hash id;
};

struct history {
    uint32_t n, cap;
    struct stated *list;
    uint32_t n_begun, begun_cap;
    struct begun *begun;
    uint32_t places; /* a power of two */
    uint32_t *place; /* index + 1 in `list`, by id; 0: none */
};

void history_init(struct history *h);
void history_done(struct history *h);
struct stated *history_find(struct history *h, const struct hash *id);
/* The next of those that `p` may be a part of, from `*at` on; NULL: no more. */
const struct hash *history_part_of(const struct history *h, const struct peek_part *p,
                                   uint32_t *at);
/* Note the record that `p`, which was sent, begins. */
void history_begun(struct history *h, const struct peek_part *p);
/* Find out what is contested. */
void history_contest(struct history *h);
/* The directory of `m`, which is open, is about to be lost: its log holds nothing any more. */
void history_forget(struct sim *sim, struct machine *m);
/* What is held nowhere since an accident befell `m`: note it, and who has to do it again. */
void history_mourn(struct sim *sim, struct machine *m);

/* Look at what the store of `m`, which is open, came to hold since the last look. */
void history_look(struct sim *sim, struct machine *m);
/* `frame` leaves the process of `m` for `peer`: nothing in it may be less than durable. */
void history_sent(struct sim *sim, struct machine *m, const struct hash *peer, struct slice frame);
/* The hub `m` takes `frame` from the socket. */
void history_taken(struct sim *sim, struct machine *m, struct slice frame);
/* The hub `m` made a step: it committed, or nobody knows (then history_reopened), or it is lost. */
void history_step(struct sim *sim, struct machine *m, bool committed, bool lost);
void history_reopened(struct sim *sim, struct machine *m);
/* The clock of `m` was set. */
void history_clock(struct machine *m);

#endif
