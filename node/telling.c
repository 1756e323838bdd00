#include "node/telling.h"

#include "core/limits.h"
#include "node/judge.h"
#include "node/roster.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "store/log.h"

#include <string.h>

const char *telling_keep(const struct telling *l, const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = arena_alloc(l->arena, n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

void telling_campaign(const struct telling *l, struct catalog_campaign *k, struct report_view *v) {
    struct catalog *c = &l->actor->catalog;
    struct err why = {0};
    if (!k)
        return;
    const struct report_rule *rule = campaign_report(&k->c, v->kind);
    bool resolved = catalog_criteria(c, k, NULL, &why) == 0;
    v->version = k->c.version;
    v->latest_version = catalog_latest(c, &k->issuer, k->c.id)->c.version;
    v->reconstructed = k->c.reconstructed || (resolved && k->criteria.reconstructed);
    v->registration_unchecked = rule && rule->needs == REPORT_REGISTRATION;
}

/* The unit of the hub `actor`, whichever its epoch. */
static const struct unit_fact *hub_unit(const struct telling *l, const struct hash *actor) {
    struct member m;
    for (uint32_t epoch = 1; roster_find(l->t, actor, epoch, &m); epoch++)
        if (m.by == BY_HUB)
            return catalog_unit(&l->actor->catalog, &m.unit);
    return NULL;
}

static int tell_reason(const struct telling *l, struct report_view *v,
                       const struct receipt_row *row, struct receipt_view *ret_receipt,
                       struct err *e) {
    struct err why = {0};
    char text[ERR_ARGS * ERR_ARG_BYTES];
    int rc = views_rejection(l->t, &v->report, row, &why);
    if (rc != 0 && rc != ERR_REFUSED)
        return err_set(e, rc, "the receipt of a report cannot be read: run `check`");
    v->state = STATE_REJECTED;
    v->reason_code = row->code;
    v->reason = telling_keep(l, err_text(&why, l->w->tr, text, sizeof text));
    ret_receipt->reason_code = v->reason_code;
    ret_receipt->reason = v->reason;
    return 0;
}

static int tell_one(const struct telling *l, struct report_view *v, const struct receipt_row *row,
                    struct err *e) {
    const struct unit_fact *f = hub_unit(l, &row->issuer);
    instant at;
    bool mended = mends_apply(l->mends, &v->report, row, &at);
    struct receipt_view *told = &v->receipts[v->n_receipts++];
    *told = (struct receipt_view){
        .unit = f ? telling_keep(l, f->code) : NULL,
        .level = f ? telling_keep(l, f->level) : NULL,
        .received_at = row->received_at,
        .state = row->state,
        .clock_doubt = row->clock_doubt,
        .mended_at = mended ? at : INSTANT_NONE,
    };
    if (row->state == RECEIPT_REJECTED)
        return tell_reason(l, v, row, told, e);
    if (v->state == STATE_QUEUED)
        v->state = STATE_RECEIVED;
    return 0;
}

int telling_receipts(const struct telling *l, struct report_view *v, struct err *e) {
    struct receipt_walk w;
    struct receipt_row row;
    bool valid = false;
    int rc = 0;
    uint32_t n = 0;
    views_receipts(&w, l->t, &v->report);
    while (views_receipts_next(&w, &row))
        n++;
    views_receipts_done(&w);
    v->receipts = arena_alloc(l->arena, (n + 1) * sizeof *v->receipts);
    if (!v->receipts)
        return err_nomem(e);
    views_receipts(&w, l->t, &v->report);
    while (rc == 0 && v->n_receipts < n && views_receipts_next(&w, &row)) {
        if (!views_may_say(&l->actor->catalog, l->t, &row))
            continue;
        rc = tell_one(l, v, &row, e);
        valid |= row.state == RECEIPT_VALID;
    }
    views_receipts_done(&w);
    if (v->state == STATE_REJECTED && valid) { /* one hub's valid receipt is enough */
        v->state = STATE_RECEIVED;
        v->reason = NULL;
        v->reason_code = 0;
    }
    if (rc == 0 && l->arena->failed)
        rc = err_nomem(e);
    return rc == 0 ? txn_failed(l->t, e) : rc;
}

int telling_void(const struct telling *l, struct report_view *v, struct err *e) {
    struct catalog *c = &l->actor->catalog;
    char text[ERR_ARGS * ERR_ARG_BYTES], *args[JUDGE_ARGS];
    struct err why = {0};
    struct judgement j;
    struct record r;
    struct member author;
    if (v->state != STATE_RECEIVED || !catalog_any_void(c))
        return 0;
    int rc = log_get(l->t, &v->report, &r, e);
    if (rc == 0 && roster_find(l->t, &r.h.actor, r.h.epoch, &author))
        rc = judge_again(c, l->t, &r, &author, &j, e);
    else
        return rc;
    if (rc != 0 || j.state != RECEIPT_REJECTED)
        return rc;
    for (uint32_t i = 0; i < JUDGE_ARGS; i++)
        args[i] = j.args[i];
    reject_words(j.code, j.n_args, args, &why);
    v->state = STATE_REJECTED;
    v->reason_code = j.code;
    v->reason = telling_keep(l, err_text(&why, l->w->tr, text, sizeof text));
    return l->arena->failed ? err_nomem(e) : 0;
}

void telling_late(const struct verdict *of, const struct verdict_revision *r,
                  struct report_view *v) {
    v->late = of->window != INSTANT_NONE && r->first != INSTANT_NONE && r->first >= of->window;
    v->counts_at = r->first;
    v->window = of->window;
}
