/*
 * What happened, as someone saw it who stands outside: what every machine stated, when hubs took
 * it, which receipts they gave. Kept from frames and from raw rows of the stores, by code that the
 * product does not share.
 */
#ifndef TESTS_SIM_HISTORY_H
#define TESTS_SIM_HISTORY_H

#include "core/bytes.h"
#include "core/id.h"
#include "core/instant.h"

struct sim;
struct machine;

#define HISTORY_LEVELS 5u
#define TAKES_MAX 8u
#define NO_DEED UINT32_MAX

enum expectation_of { EXPECT_NOTHING, EXPECT_VALID, EXPECT_REJECTED, EXPECT_HELD };

/* What one hub on the way up did with a report. */
struct reception {
    uint32_t n_takes;
    instant takes[TAKES_MAX]; /* the hub's clock, each time it took the bytes before it held them */
    bool doubt, sure;         /* the hub must say that it doubts its clock; must not */
    uint32_t finals, helds;   /* receipts, by what they say */
    instant received_at, held_at;
    uint32_t state, code;
    bool got_doubt;
    struct hash final_id, held_id; /* the receipt records */
};

/* One record that a machine stated. */
struct stated {
    struct hash id;
    uint32_t owner, deed; /* a machine; NO_DEED: no report */
    uint32_t next;        /* of its owner's reports and withdrawals, index + 1; 0: the last */
    uint16_t kind;
    uint64_t seq;
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
struct arrival {
    struct hash id;
    instant at;
    int64_t drift; /* of the hub's clock since its start */
};

struct history {
    uint32_t n, cap;
    struct stated *list;
    uint32_t places; /* a power of two */
    uint32_t *place; /* index + 1 in `list`, by id; 0: none */
};

void history_init(struct history *h);
void history_done(struct history *h);
struct stated *history_find(struct history *h, const struct hash *id);

/* Look at what the store of `m`, which is open, came to hold since the last look. */
void history_look(struct sim *sim, struct machine *m);
/* `frame` leaves the process of `m` for `peer`: nothing in it may be less than durable. */
void history_sent(struct sim *sim, struct machine *m, const struct hash *peer, struct slice frame);
/* The hub `m` takes `frame` from the socket. */
void history_taken(struct sim *sim, struct machine *m, struct slice frame);
/* The hub `m` made a step: it committed, or nobody knows (then history_reopened), or it is lost. */
void history_step(struct sim *sim, struct machine *m, bool committed, bool lost);
void history_reopened(struct sim *sim, struct machine *m);

#endif
