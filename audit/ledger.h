/*
 * Ledger: the records of a bundle, and who signed them. What is in it is bytes and signatures; what
 * the records say is folded later (audit/fold.h).
 *
 *     ledger_load     every entry parsed, found by id; which of several has a place
 *     ledger_trust    genesis → grant → enrolments; each record's signature under its author's key
 *     ledger_chains   each lane without a gap, each record naming the one before it
 *
 * Every step goes over all records and puts what is off into the findings.
 */
#ifndef AUDIT_LEDGER_H
#define AUDIT_LEDGER_H

#include "audit/finding.h"
#include "core/record.h"
#include "proto/bundle.h"

/* One actor in one epoch, as its genesis, grant or enrolment says. */
struct member {
    struct hash actor;
    uint32_t epoch;
    uint8_t by;      /* what it may author: BY_ROOT_KEY, BY_HUB or BY_NODE of proto/kinds.h */
    struct uid unit; /* zero for the root keys */
    struct public_key sign_key, transport_key;
    struct hash enroller; /* the actor that enrolled it; zero for the root keys */
    uint32_t order_epoch; /* where its enrolment stands in its enroller's lane 0 */
    uint64_t order_seq;   /* … see ledger_enrolled */
    struct hash record;   /* the genesis, grant or enrolment */
};

struct entry;

/* Records of (actor, epoch) in `lane` stand up to `seq`; in lanes that are not named none do, nor,
 * of whom it ends as a whole, in epochs that are not. */
struct ended {
    const struct entry *by; /* what says so: an enrolment or a revocation */
    bool whole;             /* a revocation, or an enrolment of another machine in its place */
    struct hash actor;
    uint32_t epoch;
    struct uid lane;
    uint64_t seq;
    /* Of the first of a lane in `ends_by_whom`, once it was asked for: where the lane ends, by
     * whatever says so and by enrolments only. */
    bool known[2];
    uint64_t last[2];
};

/* Whether a member was ended, once it was asked for: by whatever says so, by enrolments only. */
struct member_ended {
    bool known[2], ended[2];
};

struct entry {
    struct record r;             /* its bytes are the file's */
    uint64_t number;             /* in the file, from 1 */
    const struct member *author; /* NULL: nobody who is enrolled here signed it */
    bool good;                   /* nothing was found against it, and it stands */
    bool past_end;               /* it stands after the last good record of its author */
    bool beyond;                 /* … or is of campaigns, and beyond the share of its author */
    bool second;                 /* its place is another's, or it builds on one such */
    bool displaced;              /* … and it is sound: evidence of its author's, see below */
    const struct entry *instead; /* with `second`: what has its place; NULL: nothing does */
};

struct ledger {
    struct findings *findings;
    const struct world *world; /* who is told how far it is; NULL: nobody */
    struct hash root;          /* the fingerprint that the reader trusts */
    uint64_t read;             /* entries in the file, whatever they are */
    uint64_t authors;          /* distinct actors that stated something */
    bool signatures_ok;        /* every record's signature holds */
    bool overruled; /* the recovery key granted what the root key did: some records are nobody's */
    uint32_t n;
    uint32_t n_seconds, n_displaced;
    struct entry *list; /* those that are records, each once, in the order of the file */
    struct entry **by_id;
    struct entry **by_lane; /* by actor, epoch, lane, seq */
    uint32_t n_members, n_ends;
    struct member *members; /* by actor and epoch */
    struct ended *ends;
    struct ended **ends_by_whom;        /* by actor, epoch, lane; see ledger_ends_sort */
    struct member_ended *members_ended; /* of each member */
};

void ledger_init(struct ledger *l, const struct hash *root, struct findings *findings);
void ledger_done(struct ledger *l);

/*
 * Read all entries of `r` into `l`. Below zero only without memory, or when the entries cannot be
 * told apart any more, which is a finding already (ERR_CORRUPT).
 */
int ledger_load(struct ledger *l, struct bundle_reader *r, struct err *e);
int ledger_trust(struct ledger *l, struct err *e);
int ledger_chains(struct ledger *l, struct err *e);

/*
 * Of several records of one place the one that stands first in the file has it, unless it builds on
 * one that has not. The others, and what builds on them, are `second`: no good, from before anybody
 * is believed to be enrolled by them. ledger_load marks them; fails only without memory, as the
 * next.
 */
int ledger_seconds_mark(struct ledger *l, struct err *e);
/*
 * Once everyone is known: those are `displaced` that the key signed that signed what has their
 * place, before the end of its author. They are evidence, and nobody's fault but their author's.
 * Of any other second record, or of what has its place, something is found, or it is void.
 */
int ledger_seconds_settle(struct ledger *l, struct err *e);

/* The record `id`, the member (`actor`, `epoch`), the first epoch of `actor`; NULL if not here. */
struct entry *ledger_find(const struct ledger *l, const struct hash *id);
const struct member *ledger_member(const struct ledger *l, const struct hash *actor,
                                   uint32_t epoch);
const struct member *ledger_actor(const struct ledger *l, const struct hash *actor);
/* Put `m`, who is not there yet, among the members; what pointed at others is void. */
int ledger_enter(struct ledger *l, const struct member *m, struct err *e);
/* Take note that whoever enrolled `m`, who is there, said so again: the earlier place counts. */
void ledger_again(struct ledger *l, const struct member *m);
/* Whether `actor` is the root or the recovery key; whether it is the one of the two that did not
 * sign the genesis record. */
bool ledger_is_root_key(const struct ledger *l, const struct hash *actor);
bool ledger_is_recovery_key(const struct ledger *l, const struct hash *actor);

/* Sort the ends by whom they end. To be called once members and ends are all here, before anything
 * below is asked; what was found out before is forgotten. */
int ledger_ends_sort(struct ledger *l, struct err *e);
void ledger_ends_done(struct ledger *l);
/* Where in `ends_by_whom` those of (`actor`, `epoch`) and after begin. */
uint32_t ledger_ends_of(const struct ledger *l, const struct hash *actor, uint32_t epoch);
/* A hub ends only whom it enrolled, either root key whom it granted; the recovery key also whom the
 * root key granted, and the root key. */
bool ledger_may_end(const struct ledger *l, const struct ended *end, const struct member *m);
/* The last number that stands in `lane` of `m`, one of the members; UINT64_MAX if it is not ended,
 * or with `replaced_only` not by an enrolment that names this epoch. */
uint64_t ledger_last_good(const struct ledger *l, const struct member *m, const struct uid *lane,
                          bool replaced_only);
/* Whether `m`, one of the members, was replaced or revoked. */
bool ledger_ended(const struct ledger *l, const struct member *m);
/*
 * How many steps hub `above` is above `below` by who enrolled whom (1: it enrolled it); 0 if it is
 * not above it.
 */
unsigned ledger_steps(const struct ledger *l, const struct member *below, const struct hash *above);

/* How many enrolments lead from the root key to `m`, with both. */
unsigned ledger_depth(const struct ledger *l, const struct member *m);
/* Whether what enrolled `m` counts: a hub may have had no right to say it. */
bool ledger_stands(const struct ledger *l, const struct member *m);
/*
 * Negative, zero or positive as the actor of `a` was first enrolled before that of `b`, in the log
 * of the nearest hub above both.
 */
int ledger_enrolled(const struct ledger *l, const struct member *a, const struct member *b);

#endif
