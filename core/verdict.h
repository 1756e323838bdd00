/* clang-format off */
/*
 * Verdicts: what a slot (campaign, period, report kind, unit) is worth at an instant. One pure
 * function of signed facts; the order in which facts came to be known has no influence, and the only
 * clock is the instant that the caller asks about.
 *
 * The window W ends at the due instant, or at the latest signed extension if that is later (a
 * reopening is an extension). A revision counts by its first receipt:
 *
 *     first < due                        on_time
 *     due ≤ first < W                    excused
 *     answers a return before its until  what the returned revision was
 *     else                               late
 *
 * Candidates are the revisions that are valid (an incomplete one is rejected unless the campaign
 * allows it) and later than the last one that was returned or withdrawn; what came before does not revive. The
 * effective one is the last candidate inside the window that is open to it (W, or the until of the
 * return that it answers), or simply the last one if none is. A later one that came too late is
 * shown beside it and does not count. Without any candidate:
 *
 *     a return is still open             what its revision was, value void
 *     at < W                             not_due
 *     all hubs between drained up to W   missing
 *     else                               unknown
 *
 * What this means, with due = 100 and asked at 200 unless said:
 *
 *      1  received at 99; at 100                         on_time; late
 *      2  zeros at 90, the real sheet at 110             on_time by the zeros, the real one is shown
 *      3  only a rejected one at 90                      missing
 *      4  90, returned until 120:  asked at 105          on_time, void
 *                                  answered at 110       on_time
 *                                  answered at 130       late
 *                                  never answered        missing
 *      5  80 and 90, the second returned, asked at 105   on_time, void: the first does not revive
 *      6  two, the second withdrawn                      missing: the first does not revive
 *      7  extended to 150, nothing:  asked at 120        not_due
 *                                    asked at 200        missing
 *      8  extended to 150, 120, returned until 170,
 *         answered at 160                                excused
 *      9  extended to 150 after the due date, 120        excused
 *     10  one revision with receipts of 95 and 130       on_time
 *     11  the hub between cut off since 90, nothing      unknown
 *     12  the same, back, received by that hub at 95     on_time
 *
 * A revision exists from its first receipt on; what is said about one that does not exist yet at the
 * instant asked about says nothing yet. All other acts hold as stated, whenever they were stated.
 */
/* clang-format on */
#ifndef CORE_VERDICT_H
#define CORE_VERDICT_H

#include "core/campaign.h"
#include "core/result.h"

#define VERDICT_NONE UINT32_MAX /* no such revision */

/* One valid receipt of a revision. */
struct verdict_receipt {
    instant at;
    bool by_root;
};

/* Where a revision stands among those of its slot: never its label, never when it arrived. */
struct verdict_order {
    uint32_t enrolment; /* how many actors were enrolled for the unit before this one */
    uint32_t epoch;
    uint64_t seq;
};

struct verdict_revision {
    struct hash id; /* of the record */
    struct verdict_order order;
    instant first;       /* see verdict_first; INSTANT_NONE: no receipt that counts */
    bool valid;          /* not rejected */
    bool withdrawn;      /* by its author */
    bool accepted;       /* by a reviewer */
    struct hash answers; /* the return that it answers, by record id; zero: none */
};

struct verdict_return {
    struct hash id;       /* of the record */
    struct hash revision; /* what was returned */
    instant until;        /* an answer received before this counts as the returned one did */
};

/* The facts of one slot, each list in any order. */
struct verdict_facts {
    instant due; /* INSTANT_NONE: no date is asked, the slot is never due */
    bool exempt;
    bool direct;     /* the unit reports straight to the hub that judges */
    instant drained; /* up to when every hub between has sent on all it had; INSTANT_NONE */
    uint32_t n_extensions, n_revisions, n_returns;
    const instant *extensions; /* the until of each that reaches the unit */
    const struct verdict_revision *revisions;
    const struct verdict_return *returns;
};

/* Revisions are named by their position in the facts; VERDICT_NONE where there is none. */
struct verdict {
    enum slot_state state;
    enum slot_review review;
    instant window;     /* W; INSTANT_NONE: no date is asked */
    uint32_t effective; /* the revision that counts */
    uint32_t shown;     /* a later one that came after the window and does not count */
    uint32_t returned;  /* without any candidate: the one sent back and not answered */
    bool
        void_value; /* the state is that of `returned` while its return is open, the value is not */
};

/*
 * The instant at which a revision counts as received: the earliest of its `n` `receipts`, from
 * whichever epoch, or with BASIS_ROOT the earliest of the root's. INSTANT_NONE if there is none.
 */
instant verdict_first(enum receipt_basis basis, const struct verdict_receipt *receipts, uint32_t n);

/* The verdict of `facts` at the instant `at`. Allocates nothing and cannot fail. */
struct verdict verdict_of(const struct verdict_facts *facts, instant at);

#endif
