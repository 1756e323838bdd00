#include "node/show_plan.h"

#include "core/sheet.h"
#include "node/show_label.h"
#include "node/words.h"

#include <stdio.h>
#include <string.h>

struct plan {
    const struct catalog *catalog;
    const struct campaign *c;
    const struct world *w;
    struct buf *out;
};

/* A heading over the lines of one list, nothing for an empty one. */
static bool head(const struct plan *p, const char *title, uint32_t n) {
    if (n > 0)
        buf_printf(p->out, "\n%s\n", world_tr(p->w, title));
    return n > 0;
}

/* `  ID  LABEL`, as far as each is given. */
static void begin(const struct plan *p, const char *id, const struct label *label) {
    buf_put_str(p->out, " ");
    if (id && *id)
        buf_printf(p->out, " %s", id);
    const char *text = label ? show_label(p->w, label) : "";
    if (*text)
        buf_printf(p->out, " %s", text);
}

static void add(const struct plan *p, const char *text) {
    if (text && *text)
        buf_printf(p->out, "; %s", text);
}

/* The same for a code of the campaign: the word for a usual one, else the code itself. */
static void add_code(const struct plan *p, const char *code) {
    static const char *const usual[] = {
        N_("yearly"),
        N_("interim"),
        N_("final"),
        N_("commune_chair"),
        N_("district_chair"),
        N_("province_chair"),
        N_("pm"),
        N_("president"),
        N_("follower"),
        N_("oversight"),
        N_("council"),
        N_("decider"),
        N_("publicity"),
        N_("reporter"),
        N_("followed"),
        N_("adviser"),
        N_("own"),
        N_("competent"),
    };
    for (size_t i = 0; code && i < sizeof usual / sizeof *usual; i++)
        if (strcmp(code, usual[i]) == 0) {
            add(p, world_tr(p->w, usual[i]));
            return;
        }
    add(p, code);
}

/* `; WORD: a, b` for what is listed. */
static void add_list(const struct plan *p, const char *word, char *const *list, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        buf_printf(p->out, "%s%s%s", i ? ", " : "; ", i ? "" : world_tr(p->w, word), list[i]);
}

static void add_units(const struct plan *p, const char *word, const struct uid *list, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        buf_printf(p->out, "%s%s%s", i ? ", " : "; ", i ? "" : world_tr(p->w, word),
                   catalog_code(p->catalog, &list[i]));
}

static void end(const struct plan *p) {
    buf_put_u8(p->out, '\n');
}

static void put_parents(const struct plan *p) {
    if (!head(p, N_("Builds on"), p->c->n_parents))
        return;
    for (uint32_t i = 0; i < p->c->n_parents; i++) {
        const struct campaign_parent *up = &p->c->parents[i];
        begin(p, up->id, NULL);
        add(p, up->reference);
        if (up->inherit == INHERIT_CRITERIA)
            add(p, world_tr(p->w, N_("its criteria hold here too")));
        if (hash_is_zero(&up->record))
            add(p, world_tr(p->w, N_("only named, not held here")));
        end(p);
    }
}

static void put_due(const struct plan *p, const struct due_rule *d) {
    char date[48];
    if (d->recurrence == DUE_UNDATED) {
        add(p, world_tr(p->w, N_("no date")));
        return;
    }
    if (d->recurrence == DUE_PERIOD_END)
        (void)snprintf(date, sizeof date, "%d", d->days_after);
    else if (d->recurrence == DUE_ONCE)
        (void)snprintf(date, sizeof date, "%d/%d/%d", d->day, d->month, d->year);
    else
        (void)snprintf(date, sizeof date, "%d/%d", d->day, d->month);
    const char *when =
        d->inclusive ? world_tr(p->w, N_("no later than")) : world_tr(p->w, N_("before"));
    buf_printf(p->out, "; %s%s%s ", words_level(p->w, d->level), *d->level ? ": " : "", when);
    if (d->recurrence != DUE_PERIOD_END)
        buf_printf(p->out, "%s", date);
    else if (d->days_after == 0)
        buf_printf(p->out, "%s", world_tr(p->w, N_("the last day of the period")));
    else
        buf_printf(p->out, "%s %s %s", world_tr(p->w, N_("day number")), date,
                   world_tr(p->w, N_("after the period")));
}

static void put_selection(const struct plan *p, const struct selection *s) {
    for (uint32_t i = 0; i < s->n_levels; i++)
        buf_printf(p->out, "%s%s%s", i ? ", " : "; ", i ? "" : world_tr(p->w, N_("levels ")),
                   words_level(p->w, s->levels[i]));
    add_list(p, N_("kinds "), s->kinds, s->n_kinds);
    add_list(p, N_("groups "), s->groups, s->n_groups);
    add_units(p, N_("with "), s->include, s->n_include);
    add_units(p, N_("without "), s->exclude, s->n_exclude);
    add(p, s->condition);
}

static void put_rules(const struct plan *p) {
    if (!head(p, N_("Reports asked for"), p->c->n_reports))
        return;
    for (uint32_t i = 0; i < p->c->n_reports; i++) {
        const struct report_rule *r = &p->c->reports[i];
        begin(p, world_tr(p->w, report_kind_text(r->kind)), NULL);
        for (uint32_t k = 0; k < r->n_due; k++)
            put_due(p, &r->due[k]);
        for (uint32_t k = 0; k < r->n_expected; k++)
            put_selection(p, &r->expected[k]);
        if (r->embedded)
            buf_printf(p->out, "; %s %s", world_tr(p->w, N_("as a section of:")), r->embedded_in);
        if (r->needs)
            buf_printf(p->out, "; %s %s", world_tr(p->w, N_("only after:")),
                       world_tr(p->w, report_kind_text(r->needs)));
        if (r->allow_incomplete)
            add(p, world_tr(p->w, N_("may be incomplete")));
        if (r->basis == BASIS_ROOT)
            add(p, world_tr(p->w, N_("counts once the root has it")));
        if (r->late == LATE_EXCLUDE)
            add(p, world_tr(p->w, N_("late ones are not ranked")));
        if (r->late == LATE_PENALTY) {
            char points[16];
            score_text_people(r->late_penalty, points);
            buf_printf(p->out, "; %s %s", world_tr(p->w, N_("late ones lose points:")), points);
        }
        end(p);
    }
}

static void put_groups(const struct plan *p) {
    const struct campaign *c = p->c;
    if (head(p, N_("Peer groups"), c->n_groups))
        for (uint32_t i = 0; i < c->n_groups; i++) {
            begin(p, c->groups[i].id, &c->groups[i].label);
            add_units(p, N_("units "), c->groups[i].units, c->groups[i].n_units);
            add_list(p, N_("classes "), c->groups[i].classes, c->groups[i].n_classes);
            end(p);
        }
    if (head(p, N_("Unit attributes"), c->n_unit_attributes))
        for (uint32_t i = 0; i < c->n_unit_attributes; i++) {
            const struct unit_attribute *a = &c->unit_attributes[i];
            begin(p, a->id, &a->label);
            add_units(p, N_("units "), a->units, a->n_units);
            add_list(p, N_("kinds "), a->kinds, a->n_kinds);
            end(p);
        }
}

static void put_quota(const struct plan *p, const struct quota *q) {
    static const char *const scopes[] = {N_("in all"), N_("in each group"), N_("in each unit")};
    char amount[16];
    begin(p, q->id, NULL);
    add(p, q->award);
    if (q->is_percentage)
        score_text_people(q->amount, amount);
    else
        (void)snprintf(amount, sizeof amount, "%d", q->amount);
    buf_printf(p->out, "; %s%s%s%s", amount, q->is_percentage ? " %" : "", *q->base ? " / " : "",
               q->base);
    add(p, world_tr(p->w, scopes[q->scope]));
    if (q->mode == QUOTA_BLOCK)
        add(p, world_tr(p->w, N_("more is refused")));
    end(p);
}

static void put_award(const struct plan *p, const struct award *a) {
    begin(p, a->id, &a->label);
    add_code(p, a->occasion);
    add_code(p, a->authority);
    add(p, a->condition);
    if (a->upkeep == UPKEEP_FROM_LAUNCH)
        add(p, world_tr(p->w, N_("a model counts from its launch to the review")));
    if (a->upkeep == UPKEEP_FROM_REGISTRATION)
        add(p, world_tr(p->w, N_("a model counts from its registration to the review")));
    if (a->note && *a->note)
        buf_printf(p->out, "; %s %s", world_tr(p->w, N_("beware:")), a->note);
    end(p);
}

static void put_awards(const struct plan *p) {
    const struct campaign *c = p->c;
    if (head(p, N_("Awards"), c->n_awards))
        for (uint32_t i = 0; i < c->n_awards; i++)
            put_award(p, &c->awards[i]);
    if (head(p, N_("Quotas"), c->n_quotas))
        for (uint32_t i = 0; i < c->n_quotas; i++)
            put_quota(p, &c->quotas[i]);
    if (head(p, N_("Milestones"), c->n_milestones))
        for (uint32_t i = 0; i < c->n_milestones; i++) {
            const struct milestone *m = &c->milestones[i];
            begin(p, m->id, &m->label);
            if (m->precision == MILESTONE_DAY)
                buf_printf(p->out, "; %d/%d/%d", m->day, m->month, m->year);
            else
                buf_printf(p->out, "; %d, %s", m->year,
                           world_tr(p->w, N_("by the end of the year")));
            if (m->missing_after)
                add(p, world_tr(p->w, N_("missing once past")));
            end(p);
        }
}

static void put_references(const struct plan *p) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->c->n_criteria; i++)
        n += p->c->criteria[i].n_references;
    if (!head(p, N_("What criteria rest on"), n))
        return;
    for (uint32_t i = 0; i < p->c->n_criteria; i++) {
        const struct criterion *k = &p->c->criteria[i];
        if (k->n_references == 0)
            continue;
        begin(p, k->id, NULL);
        add_list(p, N_("sources "), k->references, k->n_references);
        end(p);
    }
}

static void put_comparators(const struct plan *p) {
    static const char *const fields[] = {N_("criterion"), N_("base points"), N_("bonus"),
                                         N_("penalty"),   N_("total"),       N_("criteria met")};
    if (!head(p, N_("Between equal shares decide, in order"), p->c->n_comparators))
        return;
    for (uint32_t i = 0; i < p->c->n_comparators; i++) {
        const struct comparator *by = &p->c->comparators[i];
        begin(p, world_tr(p->w, fields[by->field]), NULL);
        if (by->field == BY_CRITERION)
            buf_printf(p->out, " %s", by->criterion);
        if (by->ascending)
            add(p, world_tr(p->w, N_("smallest first")));
        end(p);
    }
}

static void put_items(const struct plan *p, const char *title, const struct item *list,
                      uint32_t n) {
    if (!head(p, title, n))
        return;
    for (uint32_t i = 0; i < n; i++) {
        begin(p, list[i].id, &list[i].label);
        add_code(p, list[i].role);
        add(p, list[i].whom);
        add(p, list[i].text);
        end(p);
    }
}

static void put_forms(const struct plan *p) {
    if (!head(p, N_("Forms"), p->c->n_forms))
        return;
    for (uint32_t i = 0; i < p->c->n_forms; i++) {
        const struct form *f = &p->c->forms[i];
        begin(p, f->id, &f->label);
        for (uint32_t k = 0; k < f->n_fields; k++)
            buf_printf(p->out, "%s%s", k ? ", " : ": ", show_label(p->w, &f->fields[k].label));
        end(p);
    }
}

void show_plan(const struct catalog *c, const struct catalog_campaign *k, const struct world *w,
               struct buf *out) {
    const struct plan p = {c, &k->c, w, out};
    put_parents(&p);
    put_rules(&p);
    put_items(&p, N_("Classes of collectives"), k->c.collectives, k->c.n_collectives);
    put_items(&p, N_("Classes of individuals"), k->c.individuals, k->c.n_individuals);
    put_groups(&p);
    put_references(&p);
    put_awards(&p);
    put_comparators(&p);
    put_items(&p, N_("Dossier"), k->c.dossier, k->c.n_dossier);
    put_forms(&p);
    put_items(&p, N_("Recipients"), k->c.recipients, k->c.n_recipients);
    put_items(&p, N_("Routes"), k->c.routes, k->c.n_routes);
    put_items(&p, N_("Roles"), k->c.roles, k->c.n_roles);
    put_items(&p, N_("Sources"), k->c.sources, k->c.n_sources);
    put_items(&p, N_("Errata"), k->c.errata, k->c.n_errata);
}
