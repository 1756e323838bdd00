#include "hub/amended.h"

#include "core/sheet.h"
#include "node/expected.h"
#include "node/words.h"

#include <string.h>

#define MOVES_MAX 32 /* pairs of dates of one report in one period: levels have their own */

/* Units whose date moves alike. */
struct move {
    instant from, to;
    uint32_t n;
};

struct telling {
    struct catalog *c;
    const struct catalog_campaign *held, *next;
    instant now;
    const struct world *w;
    struct buf *words;
    uint32_t said;
};

/* One kind of report in one period, in both versions. */
struct pair {
    const char *period;
    enum report_kind kind;
    uint32_t was, is, n_moves; /* units asked, before and now */
    struct move moves[MOVES_MAX];
};

static bool asks(const struct telling *t, const struct catalog_campaign *k, const struct pair *p,
                 const struct uid *unit, instant *ret_due) {
    const struct period *period = campaign_period(&k->c, p->period);
    const struct report_rule *rule = campaign_report(&k->c, p->kind);
    *ret_due = INSTANT_NONE;
    return period && rule && expected_of(t->c, k, rule, period, unit, period->end, ret_due);
}

static void add_move(struct pair *p, instant from, instant to) {
    uint32_t i = 0;
    while (i < p->n_moves && (p->moves[i].from != from || p->moves[i].to != to))
        i++;
    if (i == MOVES_MAX)
        return;
    if (i == p->n_moves)
        p->moves[p->n_moves++] = (struct move){from, to, 0};
    p->moves[i].n++;
}

static const char *due_text(const struct telling *t, instant due, char out[INSTANT_TEXT]) {
    return due == INSTANT_NONE ? world_tr(t->w, N_("no date")) : words_due(due, out);
}

static void tell_move(struct telling *t, const struct pair *p, const struct move *m) {
    char before[INSTANT_TEXT], after[INSTANT_TEXT];
    const char *kind = words_kind(t->w, p->kind), *from = due_text(t, m->from, before),
               *to = due_text(t, m->to, after);
    bool dated = m->to != INSTANT_NONE, undated = m->from == INSTANT_NONE;
    if (dated && m->to <= t->now && (undated || m->from > t->now))
        world_say(t->w, t->words,
                  "period %s, %s: due date %s → %s, %u units: that is IN THE PAST, so whoever has "
                  "not reported by then is late or missing at once",
                  p->period, kind, from, to, m->n);
    else if (dated && (undated || m->to < m->from))
        world_say(t->w, t->words, "period %s, %s: due date %s → %s, %u units: that is EARLIER",
                  p->period, kind, from, to, m->n);
    else
        world_say(t->w, t->words, "period %s, %s: due date %s → %s, %u units", p->period, kind,
                  from, to, m->n);
    t->said++;
}

static void tell_pair(struct telling *t, const char *period, enum report_kind kind) {
    struct pair p = {.period = period, .kind = kind};
    for (size_t u = 0; u < units_count(t->c->units); u++) {
        const struct uid *unit = units_id(t->c->units, u);
        instant from, to;
        bool was = asks(t, t->held, &p, unit, &from), is = asks(t, t->next, &p, unit, &to);
        p.was += was;
        p.is += is;
        if (was && is && from != to)
            add_move(&p, from, to);
    }
    for (uint32_t i = 0; i < p.n_moves; i++)
        tell_move(t, &p, &p.moves[i]);
    if (p.was == p.is)
        return;
    world_say(t->w, t->words, "period %s, %s: units asked %u → %u", period, words_kind(t->w, kind),
              p.was, p.is);
    t->said++;
}

static bool same_label(const struct label *a, const struct label *b) {
    return strcmp(a->vi, b->vi) == 0 && strcmp(a->en, b->en) == 0;
}

static bool same_list(char **a, uint32_t n_a, char **b, uint32_t n_b) {
    bool same = n_a == n_b;
    for (uint32_t i = 0; same && i < n_a; i++)
        same = strcmp(a[i], b[i]) == 0;
    return same;
}

/* Whether `a` and `b` ask the same; where they come from may have changed. */
static bool same_criterion(const struct criterion *a, const struct criterion *b) {
    const struct applicability *x = &a->applies, *y = &b->applies;
    return strcmp(a->parent, b->parent) == 0 && a->leaf == b->leaf &&
           a->collective == b->collective && a->individual == b->individual &&
           same_label(&a->label, &b->label) && a->test == b->test &&
           a->threshold_unknown == b->threshold_unknown && a->threshold == b->threshold &&
           strcmp(a->unit_of_measure, b->unit_of_measure) == 0 && a->is_aim == b->is_aim &&
           same_list(x->attributes, x->n_attributes, y->attributes, y->n_attributes) &&
           same_list(x->classes, x->n_classes, y->classes, y->n_classes) &&
           same_list(x->unit_attributes, x->n_unit_attributes, y->unit_attributes,
                     y->n_unit_attributes);
}

static const struct criterion *find_criterion(const struct criteria *in, const char *id) {
    for (uint32_t i = 0; i < in->n; i++)
        if (strcmp(in->all[i]->id, id) == 0)
            return in->all[i];
    return NULL;
}

/* The ids of `from` that `in` lacks, or, with `both`, that ask something else there. */
static void tell_criteria(struct telling *t, const struct criteria *from, const struct criteria *in,
                          bool both, const char *msgid) {
    struct buf ids;
    buf_init(&ids);
    for (uint32_t i = 0; i < from->n; i++) {
        const struct criterion *other = find_criterion(in, from->all[i]->id);
        bool changed = other && !same_criterion(from->all[i], other);
        if (both ? changed : !other)
            buf_printf(&ids, "%s%s", ids.len > 0 ? ", " : "", from->all[i]->id);
    }
    const char *text = ids.len > 0 ? buf_cstr(&ids) : NULL;
    if (text) {
        buf_printf(t->words, "%s: %s\n", world_tr(t->w, msgid), text);
        t->said++;
    }
    t->words->failed |= ids.failed;
    buf_done(&ids);
}

static void tell_reports(struct telling *t, const struct campaign *of, const struct campaign *but) {
    for (uint32_t i = 0; i < of->n_periods; i++)
        for (int kind = 1; kind <= REPORT_KINDS; kind++)
            if (!but || !campaign_period(but, of->periods[i].id))
                tell_pair(t, of->periods[i].id, (enum report_kind)kind);
}

void amended_tell(struct catalog *c, struct catalog_campaign *held,
                  const struct catalog_campaign *next, const struct criteria *next_criteria,
                  instant now, const struct world *w, struct buf *words) {
    struct telling t = {.c = c, .held = held, .next = next, .now = now, .w = w, .words = words};
    struct err ignored = {0};
    world_say(w, words, "what changes against version %u:", held->c.version);
    tell_reports(&t, &next->c, NULL);
    tell_reports(&t, &held->c, &next->c);
    if (catalog_criteria(c, held, NULL, &ignored) == 0) {
        tell_criteria(&t, next_criteria, &held->criteria, false, N_("criteria added"));
        tell_criteria(&t, &held->criteria, next_criteria, false, N_("criteria removed"));
        tell_criteria(&t, next_criteria, &held->criteria, true, N_("criteria changed"));
    }
    if (t.said == 0)
        world_say(w, words, "due dates, units asked and criteria stay as they were");
}
