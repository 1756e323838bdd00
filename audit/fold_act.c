#include "audit/fold_act.h"

#include "core/mem.h"
#include "proto/payload_act.h"

#include <stdio.h>
#include <string.h>

static int read_end(const struct record *r, struct arena *a, struct fold_change *ret,
                    struct err *e) {
    struct payload_campaign_withdraw p;
    int rc = payload_campaign_withdraw_decode(r->payload, a, &p, e);
    if (rc != 0)
        return rc;
    *ret = (struct fold_change){.ends = true, .at = p.from};
    (void)snprintf(ret->campaign, sizeof ret->campaign, "%s", p.campaign);
    return 0;
}

int fold_act_change(const struct record *r, struct arena *a, struct fold_change *ret,
                    struct err *e) {
    struct payload_campaign_assign p;
    if (r->h.kind == KIND_CAMPAIGN_WITHDRAW)
        return read_end(r, a, ret, e);
    int rc = payload_campaign_assign_decode(r->payload, a, &p, e);
    if (rc != 0)
        return rc;
    *ret =
        (struct fold_change){.exempt = p.exempt, .unit = p.unit, .from = p.from, .until = p.until};
    (void)snprintf(ret->campaign, sizeof ret->campaign, "%s", p.campaign);
    return 0;
}

int fold_act_extension(const struct record *r, struct arena *a, struct fold_extension *ret,
                       struct err *e) {
    struct payload_extension p;
    int rc = payload_extension_decode(r->payload, a, &p, e);
    if (rc != 0)
        return rc;
    *ret = (struct fold_extension){.issuer = p.issuer, .kind = p.kind, .until = p.until};
    (void)snprintf(ret->campaign, sizeof ret->campaign, "%s", p.campaign);
    (void)snprintf(ret->period, sizeof ret->period, "%s", p.period);
    return 0;
}

int fold_act_withdrawal(const struct record *r, struct arena *a, struct fold_withdrawal *ret,
                        struct err *e) {
    struct payload_withdrawal p;
    struct err why = {0};
    int rc = payload_withdrawal_decode(r->payload, a, &p, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    *ret = (struct fold_withdrawal){.readable = rc == 0};
    if (rc == 0)
        ret->report = p.record;
    return 0;
}

int fold_act_mend(const struct record *r, struct arena *a, struct fold_mend *ret, struct err *e) {
    struct payload_clock_mend p;
    int rc = payload_clock_mend_decode(r->payload, a, &p, e);
    if (rc != 0)
        return rc;
    struct hash *records = mem_zalloc(p.n_records + 1, sizeof *records);
    if (!records)
        return err_nomem(e);
    memcpy(records, p.records, p.n_records * sizeof *records);
    *ret = (struct fold_mend){.actor = p.actor,
                              .from = p.from,
                              .until = p.until,
                              .shift = p.shift_ms,
                              .n_records = p.n_records,
                              .records = records};
    return 0;
}
