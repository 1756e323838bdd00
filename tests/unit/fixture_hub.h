/*
 * A root hub over a real store in a folder of its own, with a province, four communes and, if
 * asked, a campaign; and authors whose records a test makes by hand, right or wrong.
 */
#ifndef TESTS_FIXTURE_HUB_H
#define TESTS_FIXTURE_HUB_H

#include "hub/hub.h"
#include "proto/ticket.h"
#include "tests/unit/fixture_disk.h"

#define FIXTURE_COMMUNES 4

/* One author: its keys, and where its own lane stands. */
struct fixture_author {
    struct key_pair *sign, *transport;
    struct hash id;
    struct uid unit, outbox;
    uint64_t seq;
    struct hash prev;
};

struct fixture_hub {
    char folder[FIXTURE_PATH], dir[FIXTURE_PATH];
    struct db_options options;
    uint64_t luck;
    struct world world;
    struct moment now;
    struct actor actor;
    struct hub hub;
    struct fixture_author root; /* the root key */
    struct uid province, communes[FIXTURE_COMMUNES];
    struct campaign plan; /* see fixture_plan in fixture_records.h */
    struct hash campaign; /* zero until it is issued */
    struct arena arena;   /* of the frame that was taken last */
};

/* Found and open; `options` may be NULL. */
void fixture_hub_open(struct fixture_hub *h, const struct db_options *options);
void fixture_hub_close(struct fixture_hub *h);
/* End the process and start it again. */
void fixture_hub_restart(struct fixture_hub *h);
/* State the plan as a campaign. */
void fixture_hub_issue(struct fixture_hub *h);
/* Let the hub state `kind` in lane 0, in a transaction of its own. */
struct hash fixture_hub_state(struct fixture_hub *h, uint16_t kind, struct slice payload);
/* A ticket for `unit`, as `enrol` would make it; its token is `n` over and over. */
struct ticket fixture_ticket(struct fixture_hub *h, const struct uid *unit, enum role role,
                             uint8_t n);

void fixture_author_init(struct fixture_author *a, uint8_t seed, const struct uid *unit);
void fixture_author_done(struct fixture_author *a);
/* What the next record of `a` begins with: its own lane, the next seq. */
struct record_header fixture_header(const struct fixture_hub *h, const struct fixture_author *a,
                                    uint16_t kind);
/* Sign `header` and `payload` by `a` into `out`, which is made; its id. */
struct hash fixture_sign(const struct fixture_author *a, const struct record_header *header,
                         struct slice payload, struct buf *out);
/* The next record of `a`, into `out`, which is made. */
struct hash fixture_next_record(const struct fixture_hub *h, struct fixture_author *a,
                                uint16_t kind, struct slice payload, struct buf *out);

/* Payloads, into `out`, which is made. */
void fixture_enrol_payload(const struct fixture_hub *h, const struct fixture_author *a,
                           enum role role, struct buf *out);
void fixture_join_payload(const struct fixture_author *a, enum role role, struct buf *out);
void fixture_subjects_payload(const struct fixture_author *a, struct buf *out);
/* A whole report of the plan over those subjects, all met. */
void fixture_report_payload(const struct fixture_hub *h, const struct fixture_author *a,
                            const struct hash *subjects, uint32_t revision, struct buf *out);
/* The next records of `a`: its join, its subjects and `n` reports, in `out[0]` … `out[1 + n]`. */
void fixture_story(const struct fixture_hub *h, struct fixture_author *a, uint32_t n,
                   struct buf *out);
/* Enrol `a` by the hub itself, with an inbox. */
void fixture_enrol_author(struct fixture_hub *h, const struct fixture_author *a, enum role role);

/* ---- frames ---- */

/* Queue `f` on connection `peer` of `a`, as a guest if `guest`; a HELLO on a new one. */
void fixture_knock(struct fixture_hub *h, uint32_t peer, const struct fixture_author *a, bool guest,
                   const struct frame *f);
/* Greet on `peer`: `a` has `end` records in its outbox and knows `inbox` up to `position`. */
void fixture_hello(struct fixture_hub *h, uint32_t peer, const struct fixture_author *a,
                   uint64_t end, const struct uid *inbox, uint64_t position);
/* Send `n` records of the outbox of `a`, the first at `first`. */
void fixture_records(struct fixture_hub *h, uint32_t peer, const struct fixture_author *a,
                     uint64_t first, const struct buf *records, uint32_t n);
/* Take the queue, a second later. */
void fixture_step(struct fixture_hub *h);
/* The next frame that leaves the hub, until the next call; false if there is none. */
bool fixture_left(struct fixture_hub *h, uint32_t *ret_peer, struct frame *ret_frame);
/* The next frame of `type` to `peer`; those before it are dropped. */
bool fixture_expect(struct fixture_hub *h, uint32_t peer, enum frame_type type,
                    struct frame *ret_frame);
/* How many frames leave; they are dropped. */
uint32_t fixture_drop_all(struct fixture_hub *h);

/* How many rows `table` has. */
uint64_t fixture_count(struct fixture_hub *h, enum store_table table);
/* What the hub said of `record`: a receipt_state, 0: nothing. */
int fixture_said(struct fixture_hub *h, const struct hash *record);
/* How many receipts of the hub name `record` as `state`. */
uint32_t fixture_receipts(struct fixture_hub *h, const struct hash *record,
                          enum receipt_state state, instant *ret_received_at);

#endif
