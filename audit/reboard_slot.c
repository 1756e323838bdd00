#include "audit/reboard.h"
#include "audit/reclock.h"
#include "audit/redue.h"
#include "core/mem.h"
#include "core/sheet.h"
#include "proto/kinds.h"

#include <assert.h>
#include <string.h>

static bool is_in(char *const *list, uint32_t n, const char *id) {
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(list[i], id) == 0)
            return true;
    return false;
}

static bool has_uid(const struct uid *list, uint32_t n, const struct uid *id) {
    for (uint32_t i = 0; i < n; i++)
        if (uid_equal(&list[i], id))
            return true;
    return false;
}

static bool fits(const struct selection *s, const struct campaign *c,
                 const struct unit_fact *fact) {
    struct unit_view view = {fact->id, fact->kind};
    return (s->n_levels == 0 || is_in(s->levels, s->n_levels, fact->level)) &&
           (s->n_kinds == 0 || is_in(s->kinds, s->n_kinds, fact->kind)) &&
           (s->n_groups == 0 || is_in(s->groups, s->n_groups, fact->group)) &&
           (s->condition[0] == '\0' || unit_has_attribute(c, &view, s->condition));
}

static bool selects(const struct selection *s, const struct fold_campaign *k,
                    const struct unit_fact *fact, day on) {
    if ((s->from != DAY_NONE && on < s->from) || (s->until != DAY_NONE && on >= s->until))
        return false;
    if (has_uid(s->exclude, s->n_exclude, &fact->id))
        return false;
    if (has_uid(s->include, s->n_include, &fact->id))
        return true;
    bool only_include = s->n_include > 0 && s->n_levels == 0 && s->n_kinds == 0 &&
                        s->n_groups == 0 && s->condition[0] == '\0';
    return !only_include && !uid_equal(&fact->id, fold_issuer(k)) && fits(s, &k->c, fact);
}

/* What the issuer of `k` last stated of `unit` by name, for what is due on `on`; NULL: nothing. */
static const struct fold_change *named(const struct fold *f, const struct fold_campaign *k,
                                       const struct uid *unit, day on) {
    const struct fold_change *last = NULL;
    for (uint32_t i = 0; i < f->n_changes; i++) {
        const struct fold_change *x = &f->changes[i];
        bool holds =
            (x->from == DAY_NONE || x->from <= on) && (x->until == DAY_NONE || on < x->until);
        if (x->ends || !holds || !uid_equal(&x->unit, unit) || strcmp(x->campaign, k->c.id) != 0 ||
            !uid_equal(&x->entry->author->unit, fold_issuer(k)))
            continue;
        if (!last || fold_order(f, last->entry, x->entry) < 0)
            last = x;
    }
    return last;
}

/* Whether the campaign had been withdrawn by the end of `on`. */
static bool has_ended(const struct fold *f, const struct fold_campaign *k, day on) {
    instant end = fold_end(f, k);
    return end != INSTANT_LATEST && instant_day(end) <= on;
}

bool reboard_expected(const struct fold *f, const struct ask_slot *s, const struct uid *unit,
                      day on, bool *ret_exempt) {
    const struct unit_fact *fact = units_at(f->units, unit, on);
    if (ret_exempt)
        *ret_exempt = false;
    if (!fact || !units_exist(f->units, unit, on) || has_ended(f, s->k, on) ||
        !units_under(f->units, unit, fold_issuer(s->k), on))
        return false;
    const struct fold_change *says = named(f, s->k, unit, on);
    if (says && ret_exempt)
        *ret_exempt = says->exempt;
    if (says)
        return !says->exempt;
    if (s->rule->n_expected == 0)
        return !uid_equal(unit, fold_issuer(s->k));
    for (uint32_t i = 0; i < s->rule->n_expected; i++)
        if (selects(&s->rule->expected[i], s->k, fact, on))
            return true;
    return false;
}

/* ---- receipts ---- */

/* Whether `x`, which counts as `at`, goes before `y`, which counts as `then`: it is earlier; by a
 * hub that is nearer; by the same one, which does not doubt it. */
static bool goes_before(const struct fold *f, const struct fold_receipt *x, instant at,
                        const struct fold_receipt *y, instant then) {
    if (at != then)
        return at < then;
    if (x->steps != y->steps)
        return x->steps < y->steps;
    return !reclock_doubts(f, x) && reclock_doubts(f, y);
}

/* The receipt that makes `r` received: of those that count the one that goes before all others. */
static const struct fold_receipt *first_receipt(const struct fold *f, const struct ask_slot *s,
                                                const struct fold_report *r, instant *ret_at) {
    const struct fold_receipt *first = NULL;
    for (uint32_t i = 0; i < r->n_receipts; i++) {
        const struct fold_receipt *x = &f->receipts[r->first_receipt + i];
        if (!x->entry->good || x->steps == 0 || x->says.state != RECEIPT_VALID)
            continue;
        const struct member *root = ledger_actor(f->l, &x->entry->author->enroller);
        if (s->rule->basis == BASIS_ROOT && !(root && root->by == BY_ROOT_KEY))
            continue;
        instant at = reclock_instant(f, x);
        if (first && !goes_before(f, x, at, first, *ret_at))
            continue;
        first = x;
        *ret_at = at;
    }
    return first;
}

/* ---- more time ---- */

/* The extension for `unit` that names the latest instant, by a hub that may: the issuer's, or one
 * above; of several the one whose id is least. */
static const struct fold_extension *latest_extension(const struct fold *f, const struct ask_slot *s,
                                                     const struct uid *unit) {
    const struct fold_extension *last = NULL;
    for (uint32_t i = 0; i < f->n_extensions; i++) {
        const struct fold_extension *x = &f->extensions[i];
        bool mine = uid_equal(&x->entry->r.h.lane, unit) && x->kind == s->rule->kind &&
                    uid_equal(&x->issuer, fold_issuer(s->k)) &&
                    strcmp(x->campaign, s->k->c.id) == 0 && strcmp(x->period, s->period->id) == 0;
        bool later = !last || x->until > last->until ||
                     (x->until == last->until &&
                      memcmp(x->entry->r.id.b, last->entry->r.id.b, HASH_BYTES) < 0);
        if (mine && later && units_ever_under(f->units, &x->issuer, &x->entry->author->unit))
            last = x;
    }
    return last;
}

/* ---- hubs between ---- */

/* What the exporter measured of its child `hub`. */
static instant drained_here(const struct recontact_home *home, const struct hash *hub) {
    for (uint32_t i = 0; i < home->n_contacts; i++)
        if (hash_equal(&home->contacts[i].actor, hub))
            return home->contacts[i].drained_to;
    return INSTANT_NONE;
}

/* What `enroller` said last of its child `hub`. Nobody can have seen beyond when he said so. */
static instant drained_there(const struct fold *f, const struct hash *hub,
                             const struct hash *enroller) {
    const struct fold_contact *last = recontact_stated(f, hub, enroller);
    if (!last)
        return INSTANT_NONE;
    return last->says.drained_to > last->stated_at ? last->stated_at : last->says.drained_to;
}

static void lower(instant *least, instant to) {
    if (to < *least)
        *least = to;
}

/* Up to when what `m`, a hub, had is at home, as whoever enrolled it knows. */
static instant drained(const struct fold *f, const struct recontact_home *home,
                       const struct member *m) {
    return hash_equal(&m->enroller, &home->actor) ? drained_here(home, &m->actor)
                                                  : drained_there(f, &m->actor, &m->enroller);
}

/* Lower `least` to what is known of the hubs of `unit` that were not ended; whether there is one.
 */
static bool lower_by_hubs(const struct fold *f, const struct recontact_home *home,
                          const struct uid *unit, instant *least) {
    bool any = false;
    for (uint32_t i = 0; i < f->l->n_members; i++) {
        const struct member *m = &f->l->members[i];
        if (m->by != BY_HUB || !uid_equal(&m->unit, unit) || !ledger_stands(f->l, m) ||
            ledger_ended(f->l, m))
            continue;
        lower(least, drained(f, home, m));
        any = true;
    }
    return any;
}

/* A hub that was ended, and has none in its place, left what it had not handed on with its offices:
 * lower `least` to the latest that is known of such hubs of `unit`. */
static void lower_by_lost(const struct fold *f, const struct recontact_home *home,
                          const struct uid *unit, instant *least) {
    instant latest = INSTANT_NONE;
    bool any = false;
    for (uint32_t i = 0; i < f->l->n_members; i++) {
        const struct member *m = &f->l->members[i];
        if (m->by != BY_HUB || !uid_equal(&m->unit, unit) || !ledger_stands(f->l, m))
            continue;
        instant to = drained(f, home, m);
        latest = to > latest ? to : latest;
        any = true;
    }
    if (any)
        lower(least, latest);
}

/* The same for each step of the enrolments that lead from home to `node`; whether each is there.
 * Home learns nothing of what was enrolled past it. */
static bool lower_by_enrolments(const struct fold *f, const struct recontact_home *home,
                                const struct member *node, instant *least) {
    const struct member *hub = ledger_actor(f->l, &node->enroller);
    bool whole = true;
    for (uint32_t i = 0; i < f->l->n_members && hub && hub->by == BY_HUB; i++) {
        if (hash_equal(&hub->actor, &home->actor) || uid_equal(&hub->unit, &home->unit))
            return whole;
        whole = lower_by_hubs(f, home, &hub->unit, least) && whole;
        hub = ledger_actor(f->l, &hub->enroller);
    }
    lower(least, INSTANT_NONE);
    return whole;
}

/* The same for every machine that `unit` ever had; whether one is there that may state now. */
static bool lower_by_machines(const struct fold *f, const struct recontact_home *home,
                              const struct uid *unit, instant *least) {
    bool served = false;
    for (uint32_t i = 0; i < f->l->n_members; i++) {
        const struct member *m = &f->l->members[i];
        if (m->by != BY_NODE || !uid_equal(&m->unit, unit) || !ledger_stands(f->l, m))
            continue;
        if (lower_by_enrolments(f, home, m, least) && !ledger_ended(f->l, m))
            served = true;
    }
    return served;
}

/* Up to when all that `unit` may have stated has come past every hub on its way home. A unit that
 * no machine serves may be served from above, or by one that nobody here has heard of. */
static instant drained_between(const struct fold *f, const struct recontact_home *home,
                               const struct uid *unit, day on) {
    instant least = INSTANT_LATEST;
    if (lower_by_machines(f, home, unit, &least))
        return least;
    const struct unit_fact *at = units_at(f->units, unit, on);
    struct uid id = *unit;
    while (!uid_is_zero(&id) && !uid_equal(&id, &home->unit)) {
        if (!lower_by_hubs(f, home, &id, &least))
            lower_by_lost(f, home, &id, &least);
        if (!uid_equal(&id, unit))
            (void)lower_by_machines(f, home, &id, &least);
        id = at ? at->parent : (struct uid){{0}};
        at = units_at(f->units, &id, on);
    }
    return least;
}

/* Whether `unit` was elsewhere than below `home` on some day of [from, to], as far as it is known:
 * it may have reported there. */
static bool was_elsewhere(const struct fold *f, const struct uid *unit, const struct uid *home,
                          day from, day to, unsigned steps) {
    if (uid_equal(unit, home))
        return false;
    if (steps > LIMIT_UNIT_DEPTH)
        return true;
    for (day on = to;;) {
        const struct unit_fact *fact = units_at(f->units, unit, on);
        if (!fact)
            return steps > 0;
        day since = fact->effective > from ? fact->effective : from;
        if (uid_is_zero(&fact->parent) ||
            was_elsewhere(f, &fact->parent, home, since, on, steps + 1))
            return true;
        if (fact->effective <= from)
            return false;
        on = fact->effective - 1;
    }
}

/* ---- the slot ---- */

static day day_of_unit(instant due, const struct period *period, instant at) {
    if (due != INSTANT_NONE)
        return instant_day(due - 1);
    return at < instant_of_day(period->end) ? instant_day(at) : period->end;
}

struct revision {
    const struct fold_report *report;
    const struct fold_receipt *first;
    instant at; /* what that counts as */
};

/* The valid revisions of `unit` with a receipt that counts, in order; both lists have room. */
static int collect(const struct fold *f, const struct ask_slot *s, const struct uid *unit,
                   struct revision *list, struct reslot_revision *plain) {
    int n = 0;
    for (uint32_t i = 0; i < f->n_reports; i++) {
        const struct fold_report *r = &f->reports[i];
        if (!uid_equal(&r->unit, unit) || r->verdict != RECEIPT_VALID || !ask_answers(f, s, r))
            continue;
        instant at = INSTANT_NONE;
        const struct fold_receipt *first = first_receipt(f, s, r, &at);
        if (!first)
            continue;
        list[n] = (struct revision){r, first, at};
        plain[n++] = (struct reslot_revision){
            .first = at, .withdrawn = r->withdrawn, .answers = RESLOT_NONE};
    }
    return n;
}

int reboard_slot(const struct fold *f, const struct recontact_home *home, const struct ask_slot *s,
                 const struct uid *unit, instant at, struct reboard_slot *ret_slot, struct err *e) {
    const struct unit_fact *fact = units_at(f->units, unit, s->period->end);
    struct reboard_slot out = {.due = redue_instant(s->rule, s->period, fact ? fact->level : NULL)};
    struct revision *list = mem_zalloc(f->n_reports, sizeof *list);
    struct reslot_revision *plain = mem_zalloc(f->n_reports, sizeof *plain);
    int rc = list && plain ? 0 : err_nomem(e);
    if (rc == 0) {
        assert(list && plain); /* err_nomem is never 0 */
        out.on = day_of_unit(out.due, s->period, at);
        bool elsewhere = was_elsewhere(f, unit, &home->unit, s->period->begin, out.on, 0);
        const struct fold_extension *extension = latest_extension(f, s, unit);
        const struct fold_change *says = named(f, s->k, unit, out.on);
        out.until = extension ? extension->until : INSTANT_NONE;
        out.extension = extension ? extension->entry : NULL;
        out.exemption = says && says->exempt ? says->entry : NULL;
        struct reslot_facts facts = {.due = out.due,
                                     .n_extensions = out.until == INSTANT_NONE ? 0 : 1,
                                     .extensions = &out.until,
                                     .drained = elsewhere ? INSTANT_NONE
                                                          : drained_between(f, home, unit, out.on),
                                     .n_revisions = collect(f, s, unit, list, plain),
                                     .revisions = plain};
        out.verdict = reslot_of(&facts, at);
        if (out.verdict.effective != RESLOT_NONE) {
            out.effective = list[out.verdict.effective].report;
            out.first = list[out.verdict.effective].first;
            out.first_at = list[out.verdict.effective].at;
        }
        if (out.verdict.shown != RESLOT_NONE) {
            out.shown = list[out.verdict.shown].report;
            out.shown_at = list[out.verdict.shown].at;
        }
        *ret_slot = out;
    }
    mem_free(list);
    mem_free(plain);
    return rc;
}
