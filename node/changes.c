#include "node/changes.h"

#include "core/list.h"
#include "core/mem.h"
#include "proto/payload_act.h"

#include <stdio.h>
#include <string.h>

void changes_done(struct changes *c) {
    for (uint32_t i = 0; i < c->n_assigns; i++)
        mem_free(c->assigns[i].why);
    for (uint32_t i = 0; i < c->n_ends; i++)
        mem_free(c->ends[i].why);
    mem_free(c->assigns);
    mem_free(c->ends);
    *c = (struct changes){0};
}

/* What its author garbled says nothing. */
static int tolerate(int rc, struct err *e) {
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

static int read_assign(struct changes *c, struct txn *t, const struct record *r,
                       const struct member *author, struct arena *a, struct err *e) {
    struct payload_campaign_assign p;
    int rc = payload_campaign_assign_decode(r->payload, a, &p, NULL);
    if (rc != 0)
        return tolerate(rc, e);
    struct change_assign x = {.issuer = author->unit,
                              .unit = p.unit,
                              .exempt = p.exempt,
                              .from = p.from,
                              .until = p.until,
                              .order = {.epoch = r->h.epoch, .seq = r->h.seq, .record = r->id}};
    (void)snprintf(x.campaign, sizeof x.campaign, "%s", p.campaign);
    rc = roster_enrolment(t, &r->h.actor, &x.order.enrolment, e);
    if (rc == 0)
        rc = list_grow(&c->assigns, c->n_assigns, sizeof *c->assigns, e);
    if (rc != 0)
        return rc;
    const char *words = payload_act_words(&p.reason);
    x.why = mem_strdup(words);
    if (words && !x.why)
        return err_nomem(e);
    c->assigns[c->n_assigns++] = x;
    return 0;
}

static int read_end(struct changes *c, const struct record *r, const struct member *author,
                    struct arena *a, struct err *e) {
    struct payload_campaign_withdraw p;
    int rc = payload_campaign_withdraw_decode(r->payload, a, &p, NULL);
    if (rc != 0)
        return tolerate(rc, e);
    struct change_end x = {.issuer = author->unit, .from = p.from, .record = r->id};
    (void)snprintf(x.campaign, sizeof x.campaign, "%s", p.campaign);
    if (list_grow(&c->ends, c->n_ends, sizeof *c->ends, e) != 0)
        return ERR_NOMEM;
    const char *words = payload_act_words(&p.reason);
    x.why = mem_strdup(words);
    if (words && !x.why)
        return err_nomem(e);
    c->ends[c->n_ends++] = x;
    return 0;
}

int changes_read(struct changes *c, struct txn *t, const struct record *r,
                 const struct member *author, struct err *e) {
    struct arena a;
    if (r->h.payload_version != PAYLOAD_VERSION)
        return 0;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = r->h.kind == KIND_CAMPAIGN_ASSIGN ? read_assign(c, t, r, author, &a, e)
                                               : read_end(c, r, author, &a, e);
    arena_done(&a);
    return rc;
}

static int compare(const struct change_order *a, const struct change_order *b) {
    int enrolled = roster_enrolment_cmp(&a->enrolment, &b->enrolment);
    if (enrolled != 0)
        return enrolled;
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    return hash_cmp(&a->record, &b->record);
}

int changes_compare(const struct change_assign *a, const struct change_assign *b) {
    return compare(&a->order, &b->order);
}

static bool holds(const struct change_assign *x, day on) {
    return (x->from == DAY_NONE || on >= x->from) && (x->until == DAY_NONE || on < x->until);
}

const struct change_assign *changes_last(const struct changes *c, const struct uid *issuer,
                                         const char *id, const struct uid *unit, day on) {
    const struct change_assign *last = NULL;
    for (uint32_t i = 0; i < c->n_assigns; i++) {
        const struct change_assign *x = &c->assigns[i];
        if (uid_equal(&x->unit, unit) && uid_equal(&x->issuer, issuer) &&
            strcmp(x->campaign, id) == 0 && holds(x, on) &&
            (!last || compare(&x->order, &last->order) > 0))
            last = x;
    }
    return last;
}

enum change_says changes_of(const struct changes *c, const struct uid *issuer, const char *id,
                            const struct uid *unit, day on) {
    const struct change_assign *last = changes_last(c, issuer, id, unit, on);
    return !last ? CHANGE_NOTHING : last->exempt ? CHANGE_EXEMPT : CHANGE_ASKED;
}

const struct change_end *changes_end(const struct changes *c, const struct uid *issuer,
                                     const char *id) {
    const struct change_end *first = NULL;
    for (uint32_t i = 0; i < c->n_ends; i++) {
        const struct change_end *x = &c->ends[i];
        if (uid_equal(&x->issuer, issuer) && strcmp(x->campaign, id) == 0 &&
            (!first || x->from < first->from))
            first = x;
    }
    return first;
}

bool changes_ended(const struct changes *c, const struct uid *issuer, const char *id, day on) {
    const struct change_end *end = changes_end(c, issuer, id);
    return end && on >= instant_day(end->from);
}
