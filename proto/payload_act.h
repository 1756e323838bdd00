/*
 * Payloads of acts: what a hub or a reporter states about a report, a due date or a campaign that
 * stands already. Every one says why, as a code with arguments.
 */
#ifndef PROTO_PAYLOAD_ACT_H
#define PROTO_PAYLOAD_ACT_H

#include "proto/payload.h"

#define ACT_REASON_ARGS 4u

enum act_reason_code {
    ACT_REASON_WORDS = 1, /* in the author's own words: one argument, not empty */
};
struct act_reason {
    uint32_t code;
    uint32_t n_args;
    char **args;
};
/* The words of `r`; NULL for a code that this program does not know. */
const char *payload_act_words(const struct act_reason *r);

/* Kind 4: the actor is revoked; its records stand up to `ends`, and nowhere else. */
struct payload_revoke {
    struct hash actor;
    uint32_t n_ends; /* 1 … LIMIT_LIST, each of `actor` */
    struct last_good *ends;
    struct act_reason reason;
};
int payload_revoke_encode(const struct payload_revoke *p, struct buf *out, struct err *e);
int payload_revoke_decode(struct slice in, struct arena *a, struct payload_revoke *ret,
                          struct err *e);

/* Kind 20: from an instant on nobody is asked by campaign `campaign` of the author's unit. */
struct payload_campaign_withdraw {
    char *campaign;
    instant from;
    struct act_reason reason;
};
int payload_campaign_withdraw_encode(const struct payload_campaign_withdraw *p, struct buf *out,
                                     struct err *e);
int payload_campaign_withdraw_decode(struct slice in, struct arena *a,
                                     struct payload_campaign_withdraw *ret, struct err *e);

/* Kind 21: campaign `campaign` of the author's unit asks `unit`, or exempts it, on [from, until).
 */
struct payload_campaign_assign {
    char *campaign;
    struct uid unit;
    bool exempt;
    day from, until; /* DAY_NONE: open */
    struct act_reason reason;
};
int payload_campaign_assign_encode(const struct payload_campaign_assign *p, struct buf *out,
                                   struct err *e);
int payload_campaign_assign_decode(struct slice in, struct arena *a,
                                   struct payload_campaign_assign *ret, struct err *e);

/* Kind 36: the report `record` is taken back. */
struct payload_withdrawal {
    struct hash record;
    struct act_reason reason;
};
int payload_withdrawal_encode(const struct payload_withdrawal *p, struct buf *out, struct err *e);
int payload_withdrawal_decode(struct slice in, struct arena *a, struct payload_withdrawal *ret,
                              struct err *e);

/* Kind 67: the unit of the record's lane may report until a later instant. */
enum act_scope { ACT_SCOPE_UNIT = 1, ACT_SCOPE_UNDER = 2, ACT_SCOPE_GROUP = 3 };
struct payload_extension {
    struct uid issuer; /* of the campaign, whose lineage is (issuer, campaign) */
    char *campaign, *period;
    enum report_kind kind;
    instant until; /* the first instant that is too late */
    enum act_scope scope;
    struct uid under; /* ACT_SCOPE_UNDER; else zero */
    char *group;      /* ACT_SCOPE_GROUP; else empty */
    struct act_reason reason;
};
int payload_extension_encode(const struct payload_extension *p, struct buf *out, struct err *e);
int payload_extension_decode(struct slice in, struct arena *a, struct payload_extension *ret,
                             struct err *e);

/*
 * Kind 82: in [from, until), as the clock of hub `actor` showed it, it was wrong by `shift_ms`. Of
 * the receipts that it gave then those are mended that doubt that clock, or those of `records`.
 */
struct payload_clock_mend {
    struct hash actor;
    instant from, until;
    int64_t shift_ms;   /* to be added; at most LIMIT_CLOCK_SHIFT_MS either way */
    uint32_t n_records; /* at most LIMIT_LIST; 0: of doubted receipts */
    struct hash *records;
    struct act_reason reason;
};
int payload_clock_mend_encode(const struct payload_clock_mend *p, struct buf *out, struct err *e);
int payload_clock_mend_decode(struct slice in, struct arena *a, struct payload_clock_mend *ret,
                              struct err *e);

#endif
