/*
 * Fold: what the good records of a ledger say, side by side, in memory. It draws no conclusion: due
 * instants, judgements, boards and rankings are worked out from it elsewhere.
 */
#ifndef AUDIT_FOLD_H
#define AUDIT_FOLD_H

#include "audit/fold_act.h"
#include "audit/ledger.h"
#include "core/campaign.h"
#include "core/limits.h"
#include "core/profile.h"
#include "core/unit_shares.h"
#include "core/units_way.h"
#include "proto/payload.h"

#define INSTANT_LATEST INT64_MAX

struct fold_campaign {
    const struct entry *entry;
    struct campaign c;
    struct criteria criteria; /* in force, where `resolved` is 0 */
    bool inherits_void;       /* from a version stated after its author's end */
    int resolved;             /* ERR_ABSENT: a parent is not here; ERR_REFUSED: they do not fit */
};

struct fold_profile {
    const struct entry *entry;
    struct profile p;
};

struct fold_report {
    struct entry *entry;
    bool readable; /* else nothing below is set */
    struct hash campaign_id, profile_id, subjects_id;
    const struct fold_campaign *campaign; /* NULL: not here */
    char period[LIMIT_CODE + 1];
    enum report_kind kind;
    struct uid unit;
    uint32_t revision;
    bool nil;
    day enrolled_until;         /* see fold_enrolled_until */
    bool withdrawn;             /* a withdrawal in its lane names it */
    enum receipt_state verdict; /* what it has to be, by rejudge.h */
    bool either;                /* valid or rejected: what decided it left no trace */
    bool rests_on_void; /* counts for nothing; what hubs said of it may have been right then */
    const struct entry *displaced; /* … as it names this, whose place is another's; else NULL */
    uint32_t first_receipt, n_receipts; /* in the fold's list */
};

/* One line of a receipt. */
struct fold_receipt {
    struct entry *entry;       /* the receipt */
    const struct entry *of;    /* what it names; NULL: not here */
    const struct member *whom; /* by whom that was stated, as it says; NULL: nobody known here */
    struct receipt_entry says; /* without its arguments */
    unsigned steps;            /* how far its issuer is above the author; 0: it is not */
};

struct fold_name {
    const struct entry *entry;
    struct uid subject;
};

/* What a hub said of one child. */
struct fold_contact {
    const struct entry *entry;
    instant stated_at;
    struct contact_entry says;
};

struct fold {
    struct ledger *l;
    bool void_units; /* facts about units were stated after the end of their author */
    struct units *units;
    struct unit_shares shares; /* of the tree, used so far by hubs below the root */
    uint32_t n_campaigns, n_profiles, n_reports, n_receipts, n_names, n_contacts;
    uint32_t n_changes, n_extensions, n_withdrawals, n_mends;
    struct fold_campaign *campaigns;
    struct fold_profile *profiles;
    struct fold_report *reports;   /* in order of revision: fold_revised */
    uint32_t *report_at;           /* by place in the ledger: place in `reports` + 1; 0: none */
    struct fold_receipt *receipts; /* by the record named, issuer, epoch, lane, seq */
    struct fold_name *names;       /* by lane, subject, fold_order */
    struct fold_contact *contacts; /* in the order read */
    struct fold_change *changes;
    struct fold_extension *extensions;
    struct fold_withdrawal *withdrawals;
    struct fold_mend *mends;
};

void fold_init(struct fold *f, struct ledger *l);
void fold_done(struct fold *f);

/*
 * Fold the good records of the ledger, after ledger_trust and ledger_chains. Rights that depend on
 * the tree of units (lanes of children, who enrols below whom) are checked on the way; records that
 * fail are no longer good. Below zero only without memory.
 */
int fold_all(struct fold *f, struct err *e);

/* The fact about `unit` on `on`, or its latest one if it has none yet by then; NULL: unknown. */
const struct unit_fact *fold_unit(const struct fold *f, const struct uid *unit, day on);
/* The code of `unit` on `on`, or its latest, or `?`. */
const char *fold_code(const struct fold *f, const struct uid *unit, day on);

/* The campaign version, or profile version, that is this record; NULL if it is not here. */
const struct fold_campaign *fold_campaign(const struct fold *f, const struct hash *record);
const struct fold_profile *fold_profile(const struct fold *f, const struct hash *record);
/* The unit that issued `k`. */
const struct uid *fold_issuer(const struct fold_campaign *k);
/* The report that is this record; NULL if it is something else. */
struct fold_report *fold_report(const struct fold *f, const struct entry *x);
/* The latest version of the campaign that `k` is a version of. */
const struct fold_campaign *fold_latest(const struct fold *f, const struct fold_campaign *k);

/* The earliest end of the campaign that `k` is a version of; INSTANT_LATEST: it was not withdrawn.
 */
instant fold_end(const struct fold *f, const struct fold_campaign *k);
/* The withdrawal that is this record; NULL if it is something else. */
const struct fold_withdrawal *fold_withdrawal(const struct fold *f, const struct entry *x);

/* Order of what authors of one lane say: enrolment of the author, its epoch, seq, id. */
int fold_order(const struct fold *f, const struct entry *a, const struct entry *b);
/* Order of revisions: first whose author's hubs have the unit no more, those that lost it last
 * after the others; then fold_order. */
int fold_revised(const struct fold *f, const struct fold_report *a, const struct fold_report *b);
/* The last day on which `unit` lay below `author` and each who enrolled it, up to the root. */
day fold_enrolled_until(const struct fold *f, const struct member *author, const struct uid *unit);

/*
 * The name of `subject` that held when `report` was stated, copied for the caller into `ret_name`:
 * what the last record before it in its lane says, or the first after it where there is none
 * before; NULL where there is none or it was erased.
 */
int fold_subject_name(const struct fold *f, const struct entry *report, const struct uid *subject,
                      char **ret_name, struct err *e);

#endif
