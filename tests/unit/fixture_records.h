/*
 * A small deployment in memory, for tests: a root hub of a province, offices below it, a campaign,
 * sheets and receipts, every record signed. Whatever fails here stops the test.
 *
 *     0 root key   1 root hub of the province (code 94)   2 … whoever is enrolled after
 */
#ifndef TESTS_FIXTURE_RECORDS_H
#define TESTS_FIXTURE_RECORDS_H

#include "core/record.h"
#include "core/sheet.h"
#include "proto/bundle.h"
#include "proto/payload.h"

#define FIXTURE_ACTORS 16
#define FIXTURE_LANES 16
#define FIXTURE_RECORDS 2560
#define FIXTURE_UNITS 8

#define FIXTURE_ROOT_KEY 0
#define FIXTURE_ROOT_HUB 1

struct fixture_head {
    struct uid lane;
    uint64_t seq;
    struct hash prev;
};

struct fixture_actor {
    struct key_pair *sign, *transport;
    struct hash id;
    struct uid unit;
    uint32_t epoch; /* that it states in */
    uint32_t n_heads;
    struct fixture_head heads[FIXTURE_LANES];
};

struct fixture_record {
    struct buf bytes;
    struct hash id;
    bool left_out; /* stated, and not in the bundle */
};

struct fixture {
    struct hash deployment;
    instant now; /* that records claim: 1/12/2023, until a test changes it */
    uint32_t n_actors, n_records;
    struct fixture_actor actors[FIXTURE_ACTORS];
    struct fixture_record records[FIXTURE_RECORDS];
    struct uid province, units[FIXTURE_UNITS]; /* communes, codes 1001 … */
    struct hash campaign;
    struct campaign plan; /* what `campaign` says */
};

/* Genesis, the grant of the root hub, the units. */
void fixture_init(struct fixture *f, uint8_t seed);
void fixture_done(struct fixture *f);

/* Enrol an actor of `unit` by `hub`, and let it state its join record; its place. */
uint32_t fixture_enrol(struct fixture *f, uint32_t hub, struct uid unit, enum role role);
/* Let the root hub go on in its next epoch, with the same keys. */
void fixture_go_on(struct fixture *f);
/* Let `actor` state `kind` in `lane` (NULL: lane 0). */
struct hash fixture_state(struct fixture *f, uint32_t actor, uint16_t kind, const struct uid *lane,
                          struct slice payload);
/*
 * Make the campaign's plan, which a test may change before it is issued: report `annual` of period
 * 2023, due 15/12/2023 inclusive, leaves C1 (of collectives) and I1 (of individuals), met / not
 * met, expected of all communes. Its lists are static; there is room for a third criterion, I2.
 */
void fixture_plan(struct fixture *f);
/* State the plan as a campaign of the root hub. */
void fixture_issue(struct fixture *f);

/*
 * Let the node `actor` report: its unit's C1 as `collective` says, and I1 of two people, “CB01” and
 * “CB02”, as `people` says; I2, if the plan has it, is met where I1 is not. `revision` is the
 * label.
 */
struct hash fixture_report(struct fixture *f, uint32_t actor, uint32_t revision,
                           enum cell_state collective, const enum cell_state people[2]);
/* Let `hub` receipt `record` of `author` as `state` at `at`. */
struct hash fixture_receipt(struct fixture *f, uint32_t hub, uint32_t author, struct hash record,
                            enum receipt_state state, instant at);
/* The bundle that `exporter` makes at `at`, of all that is not left out, appended to `out`. */
void fixture_bundle(const struct fixture *f, uint32_t exporter, instant at, struct buf *out);

/* An instant in Viet Nam, as instant_parse reads it. */
instant fixture_at(const char *text);

#endif
