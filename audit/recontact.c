#include "audit/recontact.h"

#include "proto/kinds.h"

const struct fold_contact *recontact_stated(const struct fold *f, const struct hash *child,
                                            const struct hash *by) {
    const struct fold_contact *last = NULL;
    for (uint32_t i = 0; i < f->n_contacts; i++) {
        const struct fold_contact *c = &f->contacts[i];
        const struct record_header *h = &c->entry->r.h, *l = last ? &last->entry->r.h : NULL;
        if (hash_equal(&c->says.actor, child) && hash_equal(&h->actor, by) &&
            (!l || h->epoch > l->epoch || (h->epoch == l->epoch && h->seq > l->seq)))
            last = c;
    }
    return last;
}

/* Nobody heard anything after he says so, or after the bundle was made. */
static void later(instant *last, instant heard_at, instant said_at) {
    if (heard_at <= said_at && heard_at > *last)
        *last = heard_at;
}

instant recontact_last(const struct fold *f, const struct recontact_home *home,
                       const struct uid *unit) {
    instant last = INSTANT_NONE;
    for (uint32_t i = 0; i < home->n_contacts; i++)
        if (uid_equal(&home->contacts[i].unit, unit))
            later(&last, home->contacts[i].heard_at, home->now);
    for (uint32_t i = 0; i < f->l->n_members; i++) {
        const struct member *m = &f->l->members[i];
        if ((m->by != BY_NODE && m->by != BY_HUB) || !uid_equal(&m->unit, unit) ||
            hash_equal(&m->enroller, &home->actor) || !ledger_stands(f->l, m))
            continue;
        const struct fold_contact *c = recontact_stated(f, &m->actor, &m->enroller);
        if (c && c->says.heard_at <= home->now)
            later(&last, c->says.heard_at, c->stated_at);
    }
    return last;
}
