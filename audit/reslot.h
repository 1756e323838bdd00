/*
 * The verdict of one slot worked out once more, step by step as the head of core/verdict.h tells
 * it; nothing here includes or looks at what the product makes of that.
 */
#ifndef AUDIT_RESLOT_H
#define AUDIT_RESLOT_H

#include "core/instant.h"
#include "core/result.h"

#define RESLOT_NONE (-1)

/* A valid and complete revision; `first` is its first receipt that counts. */
struct reslot_revision {
    instant first;
    bool withdrawn, accepted;
    int answers; /* position of the return that it answers; RESLOT_NONE */
};

struct reslot_return {
    int revision; /* position of what was returned */
    instant until;
};

struct reslot_facts {
    instant due; /* INSTANT_NONE: no date is asked */
    bool exempt;
    instant drained; /* up to when every hub between sent all it had; INT64_MAX: none between */
    int n_revisions, n_returns, n_extensions;
    const struct reslot_revision *revisions; /* in order of revision */
    const struct reslot_return *returns;
    const instant *extensions;
};

struct reslot {
    enum slot_state state;
    enum slot_review review;
    int effective; /* position of the revision that counts; RESLOT_NONE */
    int shown;     /* of a later one that came too late; RESLOT_NONE */
    int returned;  /* without any that counts: of the one that was sent back; RESLOT_NONE */
};

/* The verdict of `f` at the instant `at`. */
struct reslot reslot_of(const struct reslot_facts *f, instant at);

#endif
