#include "node/standing_choice.h"

#include "core/sheet.h"
#include "node/lineage.h"
#include "node/reading.h"
#include "node/words.h"

#include <stdio.h>
#include <string.h>

struct choosing {
    const struct slot_facts *f;
    struct actor *a;
    const struct standing_asked *asked;
    struct standing_choice c;
    struct buf *words;
    struct err *e;
};

/* The only one for which a report stands; NULL if that is none or several. */
static struct catalog_campaign *only_with_reports(struct choosing *c, const struct lineages *open) {
    struct catalog_campaign *found = NULL;
    for (uint32_t i = 0; i < open->n; i++) {
        struct catalog_campaign *k = open->list[i];
        if (!slot_facts_any(c->f, &k->issuer, k->c.id, NULL, 0))
            continue;
        if (found)
            return NULL;
        found = k;
    }
    return found;
}

static int pick_campaign(struct choosing *c, struct lineages *open) {
    const char *name = c->asked->campaign;
    uint32_t n = open->n;
    lineages_keep(open, &c->a->catalog, name, DAY_LATEST);
    if (n == 0)
        return err_set(c->e, ERR_REFUSED, "no campaign asks for reports here yet: issue one");
    if (open->n == 0)
        return err_set(c->e, ERR_REFUSED,
                       "no campaign here is called %s: `campaign list` shows all", name);
    c->c.campaign = open->n == 1 ? open->list[0] : name ? NULL : only_with_reports(c, open);
    if (c->c.campaign)
        return 0;
    lineages_list(open, &c->a->catalog, DAY_LATEST, c->words);
    if (name)
        return err_set(
            c->e, ERR_USAGE,
            "several campaigns are called %s: give --campaign UNIT/ID, one of those listed", name);
    return err_set(c->e, ERR_USAGE,
                   "there are several campaigns: give --campaign, one of those listed");
}

static int choose_campaign(struct choosing *c) {
    struct lineages open;
    int rc = lineages_open(c->a, &open, c->e);
    if (rc != 0)
        return rc;
    rc = pick_campaign(c, &open);
    lineages_done(&open);
    return rc;
}

static int choose_kind(struct choosing *c) {
    const struct campaign *k = &c->c.campaign->c;
    const char *typed = c->asked->kind;
    if (!typed) {
        c->c.rule = campaign_default_report(k);
        return 0;
    }
    enum report_kind kind;
    int rc = words_kind_read(typed, &kind, c->e);
    if (rc != 0)
        return rc;
    c->c.rule = campaign_report(k, kind);
    if (!c->c.rule)
        return err_set(c->e, ERR_REFUSED, "campaign %s asks for no %s report: see `campaign show`",
                       k->id, typed);
    return 0;
}

static int choose_period(struct choosing *c) {
    const struct catalog_campaign *k = c->c.campaign;
    const char *typed = c->asked->period;
    if (typed) {
        c->c.period = campaign_period(&k->c, typed);
        if (!c->c.period)
            return err_set(c->e, ERR_REFUSED, "campaign %s has no period %s: see `campaign show`",
                           k->c.id, typed);
        return 0;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < k->c.n_periods; i++) {
        const struct period *p = &k->c.periods[i];
        if (k->c.n_periods > 1 &&
            !slot_facts_any(c->f, &k->issuer, k->c.id, p->id, c->c.rule->kind))
            continue;
        c->c.period = p;
        n++;
    }
    if (n == 1)
        return 0;
    for (uint32_t i = 0; i < k->c.n_periods; i++)
        buf_printf(c->words, "%s\n", k->c.periods[i].id);
    return err_set(c->e, ERR_USAGE,
                   "campaign %s has several periods: give --period, one of those listed", k->c.id);
}

static int choose_subjects(struct choosing *c) {
    const char *typed = c->asked->subject_kind;
    if (typed) {
        c->c.subjects = subject_kind_parse(typed);
        if (c->c.subjects == SUBJECT_ANY)
            return err_set(c->e, ERR_USAGE, "--subject-kind is collective or individual, not %s",
                           typed);
        return 0;
    }
    struct catalog_campaign *k = c->c.campaign;
    int rc = catalog_criteria(&c->a->catalog, k, NULL, c->e);
    if (rc != 0)
        return rc;
    bool collective = false, individual = false;
    for (uint32_t i = 0; i < k->criteria.n_leaves; i++) {
        collective |= criterion_about(k->criteria.leaves[i], SUBJECT_COLLECTIVE);
        individual |= criterion_about(k->criteria.leaves[i], SUBJECT_INDIVIDUAL);
    }
    c->c.subjects = collective ? SUBJECT_COLLECTIVE : SUBJECT_INDIVIDUAL;
    if (collective != individual)
        return 0;
    buf_printf(c->words, "%s\n%s\n", subject_kind_text(SUBJECT_COLLECTIVE),
               subject_kind_text(SUBJECT_INDIVIDUAL));
    return err_set(
        c->e, ERR_USAGE,
        "collectives and individuals are ranked apart: give --subject-kind, one of those "
        "listed");
}

static int choose_units(struct choosing *c) {
    const char *code = c->asked->under;
    c->c.as_of =
        c->asked->units_as_of != DAY_NONE ? c->asked->units_as_of : reading_day(c->c.period);
    if (!code)
        return 0;
    const struct unit_fact *f = NULL;
    int rc = units_named(c->a->catalog.units, code, c->c.as_of, &f, c->e);
    if (rc != 0)
        return rc;
    if (!f) {
        char on[INSTANT_TEXT];
        day_text_people(c->c.as_of, on);
        return err_set(c->e, ERR_REFUSED,
                       "there was no unit %s on %s: correct the code, or give --units-as-of", code,
                       on);
    }
    c->c.under = f->id;
    return 0;
}

static int choose_values(struct choosing *c) {
    const char *typed = c->asked->values ? c->asked->values : "effective";
    if (strcmp(typed, "appraised") == 0 || strcmp(typed, "council") == 0)
        return err_set(c->e, ERR_REFUSED, "--values %s is not built yet: give self or effective",
                       typed);
    if (strcmp(typed, "self") != 0 && strcmp(typed, "effective") != 0)
        return err_set(c->e, ERR_USAGE, "--values is self, appraised, council or effective, not %s",
                       typed);
    c->c.values = strcmp(typed, "self") == 0 ? "self" : "effective";
    return 0;
}

int standing_choice_make(const struct slot_facts *f, const struct standing_asked *asked,
                         struct standing_choice *ret_choice, struct buf *words, struct err *e) {
    struct choosing c = {.f = f, .a = f->actor, .asked = asked, .words = words, .e = e};
    int rc = choose_values(&c);
    if (rc == 0)
        rc = choose_campaign(&c);
    if (rc == 0)
        rc = choose_kind(&c);
    if (rc == 0)
        rc = choose_period(&c);
    if (rc == 0)
        rc = choose_subjects(&c);
    if (rc == 0)
        rc = choose_units(&c);
    if (rc == 0)
        *ret_choice = c.c;
    return rc;
}

static int no_subject(const char *typed, struct err *e) {
    return err_set(e, ERR_REFUSED,
                   "no subject %s is in this ranking: write what `rank` prints in its columns unit "
                   "and subject, with / between, as 31741/BT",
                   typed);
}

int standing_subject_absent(const struct standing_asked *asked, struct err *e) {
    return no_subject(asked->subject, e);
}

int standing_subject_parse(const struct slot_facts *f, const struct standing_choice *choice,
                           const char *typed, struct standing_subject *ret_subject, struct err *e) {
    const struct units *units = f->actor->catalog.units;
    const struct unit_fact *own = units_at(units, &f->actor->unit, choice->as_of);
    const char *slash = strchr(typed, '/'), *code = slash ? slash + 1 : typed;
    size_t n = slash ? (size_t)(slash - typed) : 0;
    struct standing_subject s = {.unit = ""};
    if (n > LIMIT_CODE || strlen(code) > LIMIT_CODE || !code[0])
        return no_subject(typed, e);
    (void)snprintf(s.code, sizeof s.code, "%s", code);
    if (slash)
        memcpy(s.unit, typed, n);
    else if (units_by_code(units, code, choice->as_of))
        memcpy(s.unit, s.code, sizeof s.unit);
    else if (own)
        (void)snprintf(s.unit, sizeof s.unit, "%s", own->code);
    *ret_subject = s;
    return 0;
}
