/*
 * Payloads of records, as plain structs. A decoder checks every length, bound and text before it
 * returns; what it returns lives in the caller's arena. An encoder appends to the caller's buffer.
 *
 * Campaigns, profiles and acts have files of their own: proto/payload_campaign.h,
 * proto/payload_profile.h, proto/payload_act.h.
 */
#ifndef PROTO_PAYLOAD_H
#define PROTO_PAYLOAD_H

#include "core/crypto.h"
#include "core/sheet.h"
#include "core/units.h"
#include "proto/arena.h"

#define PAYLOAD_VERSION 1u /* of every kind so far; payloads of others are carried unread */
#define PAYLOAD_ARENA_BYTES ((size_t)16 << 20) /* enough for the largest payload, decoded */
#define ERASABLE_SALT_BYTES 32

enum role { ROLE_NODE = 1, ROLE_HUB = 2 };
const char *role_text(enum role role);

struct payload_genesis {
    struct public_key root_key, recovery_key;
    struct uid root_unit;
};
int payload_genesis_encode(const struct payload_genesis *p, struct buf *out, struct err *e);
int payload_genesis_decode(struct slice in, struct arena *a, struct payload_genesis *ret,
                           struct err *e);

struct payload_grant {
    struct hash actor;
    uint32_t epoch;
    struct public_key sign_key, transport_key;
    struct uid unit;
    struct uid renewal;             /* of later epochs: the request that this answers; else zero */
    uint8_t proof[SIGNATURE_BYTES]; /* of an enrolment: that of the join record, in a later epoch
                                       payload_renewal_prove */
};
/*
 * A later epoch is asked for by whoever has the key of the one before: sign what `g` says, but for
 * its proof, in `deployment` with that key; and check that it was.
 */
void payload_renewal_prove(const struct payload_grant *g, const struct hash *deployment,
                           const struct key_pair *before, uint8_t ret_proof[SIGNATURE_BYTES]);
bool payload_renewal_proven(const struct payload_grant *g, const struct hash *deployment,
                            const struct public_key *before);

int payload_grant_encode(const struct payload_grant *p, struct buf *out, struct err *e);
int payload_grant_decode(struct slice in, struct arena *a, struct payload_grant *ret,
                         struct err *e);

struct last_good {
    struct hash actor;
    uint32_t epoch;
    struct uid lane;
    uint64_t seq;
};
struct payload_enrol {
    struct payload_grant grant; /* actor, epoch, keys, unit */
    enum role role;
    uint32_t n_ends;
    struct last_good *ends;
};
/*
 * Whoever is enrolled first asked for that, with its key: whether the proof of `p` is that of the
 * join record that its keys, unit and role make in `deployment`.
 */
int payload_join_proven(const struct payload_enrol *p, const struct hash *deployment,
                        bool *ret_proven, struct err *e);
int payload_enrol_encode(const struct payload_enrol *p, struct buf *out, struct err *e);
int payload_enrol_decode(struct slice in, struct arena *a, struct payload_enrol *ret,
                         struct err *e);

struct payload_units {
    uint32_t n;
    struct unit_fact *facts;
};
int payload_units_encode(const struct payload_units *p, struct buf *out, struct err *e);
int payload_units_decode(struct slice in, struct arena *a, struct payload_units *ret,
                         struct err *e);

struct payload_join {
    struct public_key sign_key, transport_key;
    enum role role;
    char *program;
};
int payload_join_encode(const struct payload_join *p, struct buf *out, struct err *e);
int payload_join_decode(struct slice in, struct arena *a, struct payload_join *ret, struct err *e);

int payload_subjects_encode(const struct subjects *p, struct buf *out, struct err *e);
/* Checks that the first is the unit itself, codes and ids are unique. Lives in the arena. */
int payload_subjects_decode(struct slice in, struct arena *a, struct subjects *ret, struct err *e);

struct payload_name {
    uint8_t salt[ERASABLE_SALT_BYTES];
    struct uid subject;
    char *name, *position, *title;
};
int payload_name_encode(const struct payload_name *p, struct buf *out, struct err *e);
int payload_name_decode(struct slice in, struct arena *a, struct payload_name *ret, struct err *e);

/* A report as it travels: see core/sheet.h for what its columns mean. */
struct report_column {
    uint32_t step; /* ≥ 1 */
    bool measured;
    uint32_t n;
    uint32_t *cells;
};
struct payload_report {
    struct hash campaign, profile, subjects, answers; /* profile, answers: zero if none */
    char *period;
    enum report_kind kind;
    struct uid unit;
    uint32_t revision;
    bool nil;
    uint32_t n_columns, n_notes;
    struct report_column *columns;
    struct note *notes;
};
int payload_report_encode(const struct payload_report *p, struct buf *out, struct err *e);
int payload_report_decode(struct slice in, struct arena *a, struct payload_report *ret,
                          struct err *e);

/* The columns and notes of `s`, into `ret_report` (in `a`), for these leaves and subjects. */
int payload_report_from_sheet(const struct sheet *s, const struct criteria *criteria,
                              const struct subjects *subjects, struct arena *a,
                              struct payload_report *ret_report, struct err *e);
/*
 * The sheet that `report` carries, for these leaves and subjects; sheet_done frees it. A nil report
 * gives a sheet without values. ERR_REFUSED when its shape is not theirs.
 */
int payload_report_to_sheet(const struct payload_report *report, const struct criteria *criteria,
                            const struct subjects *subjects, struct sheet *ret_sheet,
                            struct err *e);

enum receipt_state { RECEIPT_HELD = 1, RECEIPT_VALID = 2, RECEIPT_REJECTED = 3 };

/* Why a report was rejected: signed as a code with arguments, worded by whoever shows it. */
enum reject_code {
    REJECT_MALFORMED = 1,   /* what */
    REJECT_CAMPAIGN = 2,    /* the record that it names is no campaign that reaches the unit */
    REJECT_TEMPLATE = 3,    /* campaign id */
    REJECT_PERIOD = 4,      /* period */
    REJECT_KIND = 5,        /* kind */
    REJECT_UNIT = 6,        /* unit code */
    REJECT_PROFILE = 7,     /* the profile does not score this campaign */
    REJECT_SUBJECTS = 8,    /* the subject list is not of this unit, or is not there */
    REJECT_SHAPE = 9,       /* columns do not fit criteria and subjects */
    REJECT_VALUE = 10,      /* subject, criterion: a value that may not stand there */
    REJECT_INCOMPLETE = 11, /* how many are empty */
    REJECT_NIL = 12,        /* a nil report carries values */
    REJECT_WITHDRAWN = 13,  /* campaign id: it had been withdrawn when the report came */
    REJECT_NO_REPORT = 14,  /* a withdrawal names what is no report of its unit */
    REJECT_VOID = 15,       /* what it names was stated after the end of its author */
    REJECT_REVISIONS = 16,  /* how many there may be: its author stated so many before */
};

struct receipt_entry {
    struct hash record;
    instant received_at;
    enum receipt_state state;
    uint32_t code;
    uint32_t n_args;
    char **args;
    bool clock_doubt;
};
struct payload_receipt {
    struct hash actor;
    uint32_t epoch;
    uint32_t n;
    struct receipt_entry *entries;
    uint64_t as_of; /* seq of the issuer's lane 0 when it judged */
};
int payload_receipt_encode(const struct payload_receipt *p, struct buf *out, struct err *e);
int payload_receipt_decode(struct slice in, struct arena *a, struct payload_receipt *ret,
                           struct err *e);
/* Word a rejection `code` with its `args` into `why`, as any error is worded. */
void reject_words(uint32_t code, uint32_t n_args, char *const *args, struct err *why);

struct contact_entry {
    struct hash actor; /* the child */
    struct uid unit;
    instant heard_at, drained_to; /* INSTANT_NONE: never */
};
struct payload_contact {
    instant stated_at;
    uint32_t n;
    struct contact_entry *children;
};
int payload_contact_encode(const struct payload_contact *p, struct buf *out, struct err *e);
int payload_contact_decode(struct slice in, struct arena *a, struct payload_contact *ret,
                           struct err *e);

#endif
