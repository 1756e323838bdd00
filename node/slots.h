/*
 * Slots: which reports stand for (campaign, period, report kind, unit). A view over judged reports;
 * node/slot_facts puts those of a slot in the order that decides between revisions.
 */
#ifndef NODE_SLOTS_H
#define NODE_SLOTS_H

#include "core/campaign.h"
#include "core/limits.h"
#include "store/db.h"
#include "store/key.h"

struct slot {
    struct uid issuer; /* of the campaign, whose lineage is (issuer, id) */
    const char *campaign, *period;
    enum report_kind kind;
    struct uid unit;
};

/* A report in a slot, with what its header says of its place there, and what it says of itself. */
struct slot_revision {
    struct hash report, author;
    uint32_t epoch;
    uint64_t seq;
    uint32_t number; /* its revision */
    bool nil;
};

/* What the keys of all that is of `s` start with. */
struct key slots_key(const struct slot *s);

/* Enter `in`, valid, into `s`, which is touched by that. */
void slots_enter(struct txn *t, const struct slot *s, const struct slot_revision *in);

/* Note that rankings have to look again at `s`, or at the slot of `report`, which its reader may
 * find out. */
void slots_touch(struct txn *t, const struct slot *s);
void slots_touch_report(struct txn *t, const struct hash *report);

/* The revisions of `s`, in the order of their ids. `w` must not move until it is done. Once
 * slots_next has come to the end, `damaged` says whether one is missing, or is not as it was
 * written: then what was read counts for nothing. */
struct slot_walk {
    struct walk walk;
    uint8_t prefix[256];
    size_t prefix_len;
    uint64_t head, sum; /* what all revisions of the slot add up to, and those that were read */
    bool damaged;
};
void slots_walk(struct slot_walk *w, struct txn *t, const struct slot *s);
/* The revisions of all slots. */
void slots_walk_all(struct slot_walk *w, struct txn *t);
bool slots_next(struct slot_walk *w, struct slot_revision *ret_revision);
void slots_done(struct slot_walk *w);

/* A slot that holds its own name; not to be copied. */
struct slot_place {
    struct key key; /* what the keys of its revisions start with */
    char campaign[LIMIT_CODE + 1], period[LIMIT_CODE + 1];
    struct slot slot;
};
/* The slot whose `key` is that; false: that is none. */
bool slots_read(struct slice key, struct slot_place *ret_place);
/* The first slot with a revision after `after`, a `key` of one (empty: the first of all), into
 * `ret_place`; false: there is none. */
bool slots_after(struct txn *t, struct slice after, struct slot_place *ret_place);
/* The first slot with a revision of `campaign` of `issuer`; false: there is none. */
bool slots_first(struct txn *t, const struct uid *issuer, const char *campaign,
                 struct slot_place *ret_place);

/* ERR_CORRUPT, saying what a damaged walk means. */
int slots_damaged(struct err *e);

/* Whether the author of `in` has as many other revisions in `s` as it may have (LIMIT_REVISIONS).
 */
bool slots_full(struct txn *t, const struct slot *s, const struct slot_revision *in);

/* Whether any report stands in campaign `id` of `issuer`, of `period` (NULL: any; then of any kind)
 * and of `kind` (0: any). */
bool slots_held(struct txn *t, const struct uid *issuer, const char *id, const char *period,
                enum report_kind kind);

#endif
