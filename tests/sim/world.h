/*
 * A whole deployment in one process: a tree of hubs of any number of levels with the offices below
 * them, each the product's own engines over a store of its own, driven by one scheduler. What a
 * process would do around its engines (sockets, clocks, starting again) is done here, and can fail
 * in every way that the table in fault.c names.
 *
 *     office ──deeds──► machine ──frames──► network ──frames──► machine above     fault: at every
 * step └──────────────── history ◄──────────────┘       checker: now and at the end
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "hub/hub.h"
#include "node/uplink.h"
#include "proto/ticket.h"
#include "tests/sim/history.h"
#include "tests/sim/scheduler.h"

#define LEVELS_MAX 5u
#define MACHINES_MAX 8192u
#define DEEDS_MAX 24u
#define ACTS_MAX 20u
#define SYNCS_MAX (4 * DEEDS_MAX)
#define FAULTS_MAX 32u
#define PATH_MAX_BYTES 200u
#define CODE_BYTES 12u
#define NOBODY UINT32_MAX
#define NEVER INT64_MAX
#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * (int64_t)HOUR)

/* What an office does, and what must come of it. */
enum deed_kind {
    DEED_GOOD,       /* a whole report of its own unit: valid */
    DEED_BELOW,      /* … of a unit below it that has no node: valid */
    DEED_NIL,        /* nothing to report: valid */
    DEED_WITHDRAW,   /* takes its last report back: valid */
    DEED_INCOMPLETE, /* rejected, or valid where the campaign takes it */
    DEED_PERIOD,     /* rejected: all others */
    DEED_KIND,
    DEED_UNIT,
    DEED_SUBJECTS,
    DEED_SHAPE,
    DEED_VALUE,
    DEED_CAMPAIGN, /* names a campaign that nobody issued: held for ever */
    DEED_MANY,     /* no report: a few hundred other records */
    DEED_KINDS
};

struct deed {
    enum deed_kind kind;
    int64_t at;
    uint32_t issuer; /* the hub whose campaign it is about */
    bool interim;    /* the other kind of report */
    bool wordy;      /* with notes, so that a few reports fill a frame */
    uint32_t revision, cells;
    bool done;
};

/* What the office of a hub does. */
enum act_kind {
    ACT_FOUND,  /* states the units below it, and makes their tickets */
    ACT_ISSUE,  /* states version `version` of its campaign */
    ACT_EXTEND, /* gives the unit of `target` until `until` for its campaign */
    ACT_EXEMPT, /* exempts the unit of `target` from it */
};

struct act {
    enum act_kind kind;
    int64_t at;
    uint32_t version, target;
    instant until;
    bool interim, done;
    struct hash record; /* what stated it */
};

/* The campaign of a hub, with the true due instants of its versions [1] and [2]. */
struct issue {
    bool planned, inclusive, allow_incomplete, amends;
    char period[8];
    int date[3][3]; /* as the campaign writes them: year, month, day */
    int64_t due[3];
    struct hash record[3]; /* that stated it; zero: not yet */
};

/* An actor's machine: its process, its disk, its clock, and what its people mean to do. */
struct machine {
    uint32_t index, parent, level; /* parent NOBODY, level 0: the root */
    bool is_hub;
    uint32_t n_children;
    char dir[PATH_MAX_BYTES], code[CODE_BYTES];
    char below_code[CODE_BYTES]; /* of the unit below an office, or right under a hub */
    struct ticket ticket;
    bool has_ticket;
    bool wants_ticket; /* another one: it lost everything */
    struct prng random;
    struct world world; /* lent to engines: clock and randomness */
    struct sim *sim;
    struct actor actor;
    struct hash id; /* its actor's, also while it is down */
    bool up, joined;
    uint32_t starts;    /* of its process; events of an earlier one are void */
    int64_t wall_shift; /* how wrong its clock is */
    bool shifted;       /* it ever was */
    int64_t full_until; /* its disk takes nothing until then */
    int64_t dark[2];    /* its line is dead between these */
    uint32_t accident;  /* what befalls its directory; 0: nothing */
    bool copied;        /* a copy of it was put aside … */
    uint32_t copied_at; /* … when the history had so many records */
    uint32_t joined_at; /* when the history had so many records */
    bool struck;        /* it befell it … */
    int64_t struck_at;  /* … then, the last time */
    uint32_t life;      /* which of its actors this is, one after the other */
    int64_t met_at;     /* when all was last exchanged with the hub above */
    int64_t spent_at;   /* the root's: since when it lacks records of its own; 0: it does not */
    int64_t renew_at;   /* the root's: when somebody comes with the root key; 0: not meant */
    struct uid unit;
    uint64_t seen_log;     /* how far the history has read its log */
    uint64_t commits;      /* that were tried on its store, and starts over it … */
    uint64_t looked;       /* … and how many of those it had seen when the history read it last */
    uint32_t first_report; /* in the history, index + 1; 0: none */
    uint32_t n_arrivals, arrivals_cap;
    struct brought *arrivals; /* records that came in, in the step that is being made */

    /* The child side. */
    struct uplink uplink;
    struct post post; /* of a join */
    bool in_session, calm;
    uint32_t conn;   /* the session's */
    int64_t since;   /* when the session began */
    int64_t linger;  /* how long it stays on after all is said */
    int64_t settled; /* when all was said; NEVER: not yet */
    int64_t sync_at; /* the next session that is meant; NEVER: none */
    int64_t pause;   /* before it tries again */
    int64_t act_at;  /* when its people try again; NEVER: not meant */
    uint32_t tries, n_syncs;
    int64_t syncs[SYNCS_MAX]; /* when it means to sync */

    /* A hub. */
    struct hub hub;
    bool step_planned, tick_planned, keep_planned;
    bool to_tell;      /* there is something for those below */
    int64_t silent_at; /* its last step in which it lacked records of its own; 0: none yet */
    struct moment hub_started;
    struct uid lone; /* a unit right under it without a machine */
    struct issue issue;
    uint32_t n_acts;
    struct act acts[ACTS_MAX];

    /* An office. */
    struct uid below; /* a unit under its own without a machine */
    uint32_t n_deeds;
    struct deed deeds[DEEDS_MAX];
};

struct conn {
    uint32_t child;                 /* the machine that made it, to the one above it */
    bool guest, stands, dead, told; /* told: both sides can see that it is dead */
    struct hash actor;
    struct public_key key;
    int64_t disturbed;        /* when an accident last befell it */
    int64_t latency, last[2]; /* when the last frame of a direction comes out */
};

/* What the command line asks of every run. */
struct sim_options {
    uint32_t nodes, levels; /* 0: as the seed says */
    bool large;             /* 200 to 800 offices */
    bool chosen;            /* what befalls directories is not drawn, it is */
    bool wipe, rollback, clone;
    bool two;   /* on one way up to the root, else one at most */
    bool hasty; /* hubs state acts at once after they were put back */
    bool trace;
};

struct sim {
    uint64_t seed;
    struct sim_options asked;
    bool faulty, armed, healed; /* armed: things may go wrong now */
    struct scheduler s;
    struct prng plan, net, luck, fate, keep; /* fate: of directories; keep: of kept rankings */
    uint8_t root_seed[SEED_BYTES];
    uint64_t forks;    /* kept as evidence, at the end */
    uint32_t n_struck; /* machines whose directory was lost, put back or copied */
    char dir[PATH_MAX_BYTES];
    uint32_t rate[FAULTS_MAX];  /* per million, of each fault in this run */
    uint64_t count[FAULTS_MAX]; /* how often each happened */
    int64_t begun;              /* the wall clock's true value at virtual time 0 */
    int64_t heal_at;
    bool called; /* the last round after healing has begun */
    uint64_t events, looks;
    uint32_t awake;             /* who was not at rest when that was asked last */
    uint32_t levels, n, n_hubs; /* hubs come first, each after the one above it */
    struct machine *machines;
    uint32_t n_conns, conns_cap;
    struct conn *conns;
    struct history history;
    char violation[600]; /* empty: none */
};

#define SIDE_UP 0u   /* to the hub */
#define SIDE_DOWN 1u /* to the child */

/* A deployment for `seed` as `asked` in the new directory `dir`. */
void sim_init(struct sim *sim, uint64_t seed, bool faulty, const struct sim_options *asked,
              const char *dir);
/* Let everything happen, heal, settle. */
void sim_run(struct sim *sim);
/* Close everything and remove the directory. */
void sim_done(struct sim *sim);

/* Note that `property` does not hold; the first one stays. */
void sim_violate(struct sim *sim, const char *property, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What cannot go wrong here went wrong: as a violation, with what `e` says. */
void sim_broken(struct sim *sim, const char *doing, const struct err *e);
/* A line of the trace, if anybody reads it; the hash gets it anyway. */
void sim_say(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The moment that the clock of `m` shows. */
struct moment sim_moment(const struct machine *m);
/* Set the clock of `m` to be off by `shift`. */
void sim_set_clock(struct machine *m, int64_t shift);
/* The machine above `m`; NULL at the root. */
struct machine *sim_above(const struct machine *m);
/* The hub at `level` above `m`, or `m` itself at its own level. */
struct machine *sim_hub_of(const struct machine *m, uint32_t level);
/* Whether `m` is `top` or below it. */
bool sim_under(const struct machine *m, const struct machine *top);
/* Let `e` happen to `m` in `delay` ms. */
void sim_plan(struct machine *m, int64_t delay, struct event e);

#endif
