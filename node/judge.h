/*
 * Judgement: whether an admitted report is valid. One function for the office that seals and for
 * the hub that receives, so that what a node seals is never rejected above for its content.
 */
#ifndef NODE_JUDGE_H
#define NODE_JUDGE_H

#include "core/limits.h"
#include "core/sheet.h"
#include "node/catalog.h"
#include "node/roster.h"
#include "proto/payload.h"

#define JUDGE_ARGS 2

struct judgement {
    enum receipt_state state; /* HELD: it waits for `awaits` */
    struct hash awaits;
    uint32_t code; /* REJECTED: enum reject_code, with arguments */
    uint32_t n_args;
    char args[JUDGE_ARGS][LIMIT_NAME + 1];
    uint32_t empty; /* VALID: applicable cells without a value */
};

/* A report with everything that its values mean, opened for reading. */
struct opened_report {
    struct arena arena;
    struct payload_report report;
    struct catalog_campaign *campaign;
    const struct profile *profile;
    struct subjects subjects;
    struct sheet sheet;
    day on; /* units are seen as of the period's cutoff, whenever it is judged */
    const struct unit_fact *unit;
};
void judge_opened_done(struct opened_report *o);
/* The rules that `o`'s sheet is judged by; valid as long as `o`. */
struct sheet_rules judge_opened_rules(const struct opened_report *o);

/*
 * Judge `r`, a report by `author`. Fills `ret_judgement`; with a valid one `ret_opened` too, if it
 * is not NULL (judge_opened_done frees it). Below zero only when the store or memory fails.
 */
int judge_report(struct catalog *c, struct txn *t, const struct record *r,
                 const struct member *author, struct judgement *ret_judgement,
                 struct opened_report *ret_opened, struct err *e);

/* The subject list that was read last: offices send many reports of one list in a row. Valid within
 * one transaction. */
struct judge_lists {
    struct arena arena;
    struct hash record, author; /* of the list; zero: none */
    struct subjects subjects;
};
void judge_lists_init(struct judge_lists *l);
void judge_lists_done(struct judge_lists *l);

/* As judge_report, for one of many reports: `lists` keeps what the next may need too. What is
 * opened lives no longer than until the next call. */
int judge_next(struct judge_lists *lists, struct catalog *c, struct txn *t, const struct record *r,
               const struct member *author, struct judgement *ret_judgement,
               struct opened_report *ret_opened, struct err *e);

/*
 * Judge `r`, a report by `author` that was found valid once, by what stands now: what it names may
 * be void since by the end of whoever stated it. That its unit got a machine of its own since says
 * nothing. Below zero only when the store or memory fails.
 */
int judge_again(struct catalog *c, struct txn *t, const struct record *r,
                const struct member *author, struct judgement *ret_judgement, struct err *e);

/* A valid report is rejected where its author has stated too many revisions of it before. */
void judge_crowded(struct judgement *judgement);

/* A valid report of `k` that came at `received_at` is rejected where `k` had been withdrawn. */
void judge_end(const struct catalog *c, const struct catalog_campaign *k, instant received_at,
               struct judgement *judgement);

/*
 * Judge `r`, a withdrawal: it is valid when it names a report of the same lane, and waits while
 * that is not held. Below zero only when the store or memory fails.
 */
int judge_withdrawal(struct txn *t, const struct record *r, struct judgement *ret_judgement,
                     struct err *e);

#endif
