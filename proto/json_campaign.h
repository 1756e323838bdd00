/*
 * Campaigns as programs read them: the same shape from the node and the hub.
 */
#ifndef PROTO_JSON_CAMPAIGN_H
#define PROTO_JSON_CAMPAIGN_H

#include "core/bytes.h"
#include "core/profile.h"
#include "proto/json_plan.h"

/* When one kind of report of one period is due; INSTANT_NONE: no date. */
struct campaign_due {
    const char *period;
    enum report_kind kind;
    instant due;
};

/* A unit that is asked, or exempt, whatever the campaign says. */
struct campaign_assign {
    const char *unit; /* code */
    bool exempt;
    day from, until; /* DAY_NONE: open */
    const char *why; /* NULL: not known */
};

/* A campaign with what stands outside it. */
struct campaign_view {
    const struct campaign *campaign;
    const char *issuer; /* unit code */
    struct hash record;
    const struct criteria *criteria; /* NULL: not wanted */
    const struct profile *profile;   /* in force; NULL: not known */
    uint32_t n_due;
    const struct campaign_due *due;
    instant withdrawn; /* from when on nobody is asked; INSTANT_NONE: it holds */
    const char *why;   /* it was withdrawn; NULL: not known */
    uint32_t n_assigns;
    const struct campaign_assign *assigns; /* by unit, then as stated: the last one holds */
    struct json_plan_units units;          /* where criteria are wanted: how units are called */
};

/* Each appends one document to `out`, in one line without a line feed: a list, and one with its
 * criteria. */
int json_campaigns(const struct campaign_view *list, uint32_t n, struct buf *out, struct err *e);
int json_campaign(const struct campaign_view *v, struct buf *out, struct err *e);

#endif
