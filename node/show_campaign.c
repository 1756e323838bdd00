#include "node/show_campaign.h"

#include "core/due.h"
#include "core/mem.h"
#include "core/sheet.h"
#include "core/table.h"
#include "node/expected.h"
#include "node/show_assign.h"
#include "node/show_label.h"
#include "node/show_plan.h"
#include "proto/json_campaign.h"

#include <stdio.h>
#include <string.h>

void show_campaign_reconstructed(const struct catalog_campaign *k, const struct world *w,
                                 struct buf *out) {
    if (k->c.reconstructed || k->criteria.reconstructed)
        world_say(w, out, "Some criteria are reconstructed from what other documents cite.");
}

static int end_json(int rc, struct buf *out, struct err *e) {
    if (rc == 0)
        buf_put_u8(out, '\n');
    return rc == 0 && out->failed ? err_nomem(e) : rc;
}

static const char *code_of(const void *arg, const struct uid *unit) {
    return catalog_code(arg, unit);
}

static struct campaign_view view_of(const struct catalog *c, const struct catalog_campaign *k) {
    const struct change_end *end = changes_end(&c->changes, &k->issuer, k->c.id);
    return (struct campaign_view){.campaign = &k->c,
                                  .issuer = catalog_code(c, &k->issuer),
                                  .record = k->record,
                                  .withdrawn = end ? end->from : INSTANT_NONE,
                                  .why = end ? end->why : NULL,
                                  .units = {c, code_of}};
}

/* The list. */

static bool is_latest(const struct catalog *c, const struct catalog_campaign *k) {
    return catalog_latest(c, &k->issuer, k->c.id) == k;
}

static int list_json(const struct catalog *c, struct buf *out, struct err *e) {
    struct campaign_view *list = mem_zalloc(c->n_campaigns, sizeof *list);
    uint32_t n = 0;
    if (!list)
        return err_nomem(e);
    for (uint32_t i = 0; i < c->n_campaigns; i++)
        if (is_latest(c, c->campaigns[i]))
            list[n++] = view_of(c, c->campaigns[i]);
    int rc = end_json(json_campaigns(list, n, out, e), out, e);
    mem_free(list);
    return rc;
}

/* Whether a campaign that hands down criteria to `k`, at most `depth` steps above, is
 * reconstructed. */
static bool inherits_reconstructed(const struct catalog *c, const struct catalog_campaign *k,
                                   unsigned depth) {
    for (uint32_t i = 0; depth > 0 && i < k->c.n_parents; i++) {
        const struct campaign_parent *p = &k->c.parents[i];
        const struct catalog_campaign *up = catalog_campaign(c, &p->record);
        if (p->inherit == INHERIT_CRITERIA && up &&
            (up->c.reconstructed || inherits_reconstructed(c, up, depth - 1)))
            return true;
    }
    return false;
}

/* Whether `k` asks `unit` for any report, in whatever period, or would but for an exemption. */
static bool asks_unit(const struct catalog *c, const struct catalog_campaign *k,
                      const struct uid *unit, day today) {
    for (uint32_t i = 0; i < k->c.n_periods; i++)
        for (uint32_t j = 0; j < k->c.n_reports; j++) {
            const struct period *p = &k->c.periods[i];
            instant due;
            if (expected_due(c, &k->c.reports[j], p, unit, &due, NULL) != 0)
                due = INSTANT_NONE;
            if (expected_on(c, k, &k->c.reports[j], unit, expected_day(p, due, today)) !=
                EXPECTED_NOT)
                return true;
        }
    return false;
}

/* Whether `k`, which is in force, asks nothing of the office `of`. */
static bool asks_nothing(const struct catalog *c, const struct catalog_campaign *k,
                         const struct campaign_reader *of) {
    bool asks = !of || campaign_is_template(&k->c) || changes_end(&c->changes, &k->issuer, k->c.id);
    for (size_t i = 0; !asks && i < units_count(c->units); i++) {
        const struct uid *id = units_id(c->units, i);
        asks = catalog_ever_under(c, id, &of->unit) && asks_unit(c, k, id, of->today);
    }
    return !asks;
}

#define REMARK_DEPTH 8u /* parents of parents looked at */

/* What a reader (an office `of`, or NULL) must know before trusting it, into `out`. */
static void put_remark(const struct world *w, const struct catalog *c,
                       const struct catalog_campaign *k, const struct campaign_reader *of,
                       struct buf *out) {
    const struct {
        bool holds;
        const char *text;
    } remarks[] = {
        {changes_end(&c->changes, &k->issuer, k->c.id) != NULL, N_("withdrawn by its issuer")},
        {k->c.reconstructed, N_("reconstructed")},
        {inherits_reconstructed(c, k, REMARK_DEPTH), N_("criteria reconstructed")},
        {k->c.confidence == CONFIDENCE_LOW, N_("source hard to read")},
        {campaign_is_template(&k->c), N_("hands down criteria only")},
        {asks_nothing(c, k, of), N_("asks nothing of this unit")},
    };
    const char *before = "";
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++)
        if (remarks[i].holds) {
            buf_printf(out, "%s%s", before, world_tr(w, remarks[i].text));
            before = "; ";
        }
}

static int list_row(struct table *t, const struct catalog *c, const struct catalog_campaign *k,
                    const struct campaign_reader *of, const struct world *w, struct err *e) {
    char version[16];
    struct buf periods, remark;
    buf_init(&periods);
    buf_init(&remark);
    put_remark(w, c, k, of, &remark);
    (void)snprintf(version, sizeof version, "%u", k->c.version);
    for (uint32_t i = 0; i < k->c.n_periods; i++)
        buf_printf(&periods, "%s%s", i ? " " : "", k->c.periods[i].id);
    const char *ids = buf_cstr(&periods), *said = buf_cstr(&remark);
    const char *cells[] = {k->c.id, catalog_code(c, &k->issuer), version,
                           ids,     show_label(w, &k->c.title),  said};
    int rc = ids && said ? table_row(t, TABLE_TOP, cells, NULL, e) : err_nomem(e);
    buf_done(&periods);
    buf_done(&remark);
    return rc;
}

int show_campaigns(const struct catalog *c, const struct campaign_reader *of, const struct world *w,
                   bool json, struct buf *out, struct err *e) {
    const struct table_column columns[] = {
        {world_tr(w, N_("campaign")), TABLE_LEFT},       {world_tr(w, N_("issuer")), TABLE_LEFT},
        {world_tr(w, N_("version")), TABLE_RIGHT},       {world_tr(w, N_("periods")), TABLE_LEFT},
        {world_tr(w, N_("campaign title")), TABLE_LEFT}, {world_tr(w, N_("remark")), TABLE_LEFT},
    };
    if (json)
        return list_json(c, out, e);
    struct table *t = NULL;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    for (uint32_t i = 0; rc == 0 && i < c->n_campaigns; i++)
        if (is_latest(c, c->campaigns[i]))
            rc = list_row(t, c, c->campaigns[i], of, w, e);
    if (rc == 0)
        rc = table_render(t, 0, out, e);
    table_free(t);
    return rc;
}

/* One campaign. */

static void put_line(struct buf *out, const struct world *w, const char *what, const char *value) {
    if (value && *value)
        buf_printf(out, "%s: %s\n", world_tr(w, what), value);
}

static void put_end(const struct catalog *c, const struct catalog_campaign *k,
                    const struct world *w, struct buf *out) {
    const struct change_end *end = changes_end(&c->changes, &k->issuer, k->c.id);
    char when[INSTANT_TEXT];
    if (!end)
        return;
    instant_text_people(end->from, when);
    put_line(out, w, N_("withdrawn on"), when);
    put_line(out, w, N_("why it was withdrawn"), end->why);
}

static void put_head(const struct catalog *c, const struct catalog_campaign *k,
                     const struct profile *profile, const struct world *w, struct buf *out) {
    const struct campaign *p = &k->c;
    buf_printf(out, "%s\n", show_label(w, &p->title));
    buf_printf(out, "%s: %s/%s\n", world_tr(w, N_("campaign")), catalog_code(c, &k->issuer), p->id);
    buf_printf(out, "%s: %u\n", world_tr(w, N_("version")), p->version);
    put_line(out, w, N_("amended on"), p->amended_on);
    put_line(out, w, N_("why it was amended"), p->amended_why);
    put_line(out, w, N_("issuer"), p->issuer_name);
    put_line(out, w, N_("document"), p->document);
    put_line(out, w, N_("scoring profile"), profile ? profile->id : p->profile);
    struct buf remark;
    buf_init(&remark);
    put_remark(w, c, k, NULL, &remark);
    put_line(out, w, N_("remark"), buf_cstr(&remark));
    buf_done(&remark);
    show_campaign_reconstructed(k, w, out);
    put_end(c, k, w, out);
}

/* Due dates of every period and kind, for units of `level`; NULL without memory. */
static struct campaign_due *all_due(const struct campaign *c, const char *level, uint32_t *ret_n) {
    struct campaign_due *list = mem_zalloc((size_t)c->n_periods * c->n_reports, sizeof *list);
    uint32_t n = 0;
    for (uint32_t i = 0; list && i < c->n_periods; i++)
        for (uint32_t j = 0; j < c->n_reports; j++) {
            struct campaign_due *d = &list[n++];
            *d = (struct campaign_due){c->periods[i].id, c->reports[j].kind, INSTANT_NONE};
            if (due_instant(&c->reports[j], &c->periods[i], level, NULL, &d->due, NULL) != 0)
                d->due = INSTANT_NONE;
        }
    *ret_n = n;
    return list;
}

static int put_due(const struct campaign_due *list, uint32_t n, const struct world *w,
                   struct buf *out, struct err *e) {
    const struct table_column columns[] = {
        {world_tr(w, N_("period")), TABLE_LEFT},
        {world_tr(w, N_("report kind")), TABLE_LEFT},
        {world_tr(w, N_("last day")), TABLE_LEFT},
    };
    struct table *t = NULL;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        char last[INSTANT_TEXT];
        const char *kind = report_kind_text(list[i].kind), *when = world_tr(w, N_("no date"));
        if (list[i].due != INSTANT_NONE) {
            day_text_people(instant_day(list[i].due - 1), last);
            when = last;
        }
        rc = table_row(t, TABLE_TOP, (const char *[]){list[i].period, world_tr(w, kind), when},
                       NULL, e);
    }
    if (rc == 0)
        rc = table_render(t, 0, out, e);
    table_free(t);
    return rc;
}

/* Whom `k` is about and applies to: `individual; leader; cong-chuc`. */
static void put_whom(const struct criterion *k, const struct world *w, struct buf *out) {
    const struct applicability *a = &k->applies;
    if (k->collective)
        buf_put_str(out, world_tr(w, N_("collective")));
    if (k->collective && k->individual)
        buf_put_str(out, ", ");
    if (k->individual)
        buf_put_str(out, world_tr(w, N_("individual")));
    for (uint32_t i = 0; i < a->n_attributes; i++)
        buf_printf(out, "; %s", world_tr(w, a->attributes[i]));
    for (uint32_t i = 0; i < a->n_classes; i++)
        buf_printf(out, "%s%s", i ? ", " : "; ", a->classes[i]);
    for (uint32_t i = 0; i < a->n_unit_attributes; i++)
        buf_printf(out, "; %s", a->unit_attributes[i]);
}

/* How `k` is scored: `met / not met`, `0 … 10`, `> 85 %`. */
static void put_scoring(const struct criterion *k, const struct profile *profile,
                        const struct world *w, struct buf *out) {
    static const char *const tests[] = {"", "> ", "≥ ", "< ", "≤ ", "= "};
    static const char *const parts[] = {"", N_("bonus"), N_("penalty")};
    struct score_rule rule;
    char number[16];
    if (k->is_aim) {
        buf_put_str(out, world_tr(w, N_("aim, not scored")));
        return;
    }
    profile_rule(profile, k->id, &rule);
    score_text_people(rule.max, number);
    if (rule.mode == MODE_POINTS)
        buf_printf(out, "0 … %s", number);
    else
        buf_put_str(out, rule.mode == MODE_MET ? world_tr(w, N_("met / not met"))
                                               : world_tr(w, N_("measured value")));
    if (rule.part != PART_BASE)
        buf_printf(out, ", %s", world_tr(w, parts[rule.part]));
    if (k->test == TEST_NONE)
        return;
    score_text_people(k->threshold, number);
    buf_printf(out, ", %s%s %s", tests[k->test],
               k->threshold_unknown ? world_tr(w, N_("not set")) : number,
               k->unit_of_measure ? k->unit_of_measure : "");
}

/* The row of the table at which the criterion called `id` stands; TABLE_TOP if none. */
static size_t row_of(const struct criteria *c, uint32_t before, const char *id) {
    for (uint32_t i = 0; i < before; i++)
        if (strcmp(c->all[i]->id, id) == 0)
            return i;
    return TABLE_TOP;
}

static int criterion_row(struct table *t, const struct criteria *all, uint32_t i,
                         const struct profile *profile, const struct world *w, struct err *e) {
    const struct criterion *k = all->all[i];
    struct buf whom, scoring;
    buf_init(&whom);
    buf_init(&scoring);
    put_whom(k, w, &whom);
    if (k->leaf)
        put_scoring(k, profile, w, &scoring);
    const char *a = buf_cstr(&whom), *b = buf_cstr(&scoring);
    const char *cells[] = {k->id, show_label(w, &k->label), a, b};
    size_t parent = k->parent && *k->parent ? row_of(all, i, k->parent) : TABLE_TOP;
    int rc = a && b ? table_row(t, parent, cells, NULL, e) : err_nomem(e);
    buf_done(&whom);
    buf_done(&scoring);
    return rc;
}

static int put_criteria(const struct criteria *all, const struct profile *profile,
                        const struct world *w, struct buf *out, struct err *e) {
    const struct table_column columns[] = {
        {world_tr(w, N_("criterion")), TABLE_TREE},
        {world_tr(w, N_("what it asks")), TABLE_LEFT},
        {world_tr(w, N_("whom it applies to")), TABLE_LEFT},
        {world_tr(w, N_("how it is scored")), TABLE_LEFT},
    };
    struct table *t = NULL;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    for (uint32_t i = 0; rc == 0 && i < all->n; i++)
        rc = criterion_row(t, all, i, profile, w, e);
    if (rc == 0)
        rc = table_render(t, 0, out, e);
    table_free(t);
    return rc;
}

static int show_text(const struct catalog *c, const struct catalog_campaign *k,
                     const struct campaign_view *v, const struct world *w, struct buf *out,
                     struct err *e) {
    put_head(c, k, v->profile, w, out);
    int rc = 0;
    if (v->n_due > 0) {
        buf_put_u8(out, '\n');
        rc = put_due(v->due, v->n_due, w, out, e);
    }
    buf_put_u8(out, '\n');
    if (rc == 0)
        rc = put_criteria(v->criteria, v->profile ? v->profile : &profile_met, w, out, e);
    if (rc == 0 && v->criteria->reconstructed)
        world_say(w, out, "Some criteria are reconstructed from what other documents cite.");
    if (rc == 0)
        show_plan(c, k, w, out);
    if (rc == 0)
        show_assign_lines(v->assigns, v->n_assigns, w, out);
    return rc == 0 && out->failed ? err_nomem(e) : rc;
}

int show_campaign(struct catalog *c, struct catalog_campaign *k, const char *level,
                  const struct world *w, bool json, struct buf *out, struct err *e) {
    struct hash missing, record;
    struct campaign_view v = view_of(c, k);
    int rc = catalog_criteria(c, k, &missing, e);
    if (rc != 0)
        return rc;
    v.criteria = &k->criteria;
    if (catalog_profile_in_force(c, k, &v.profile, &record, NULL) != 0)
        v.profile = NULL;
    struct campaign_due *due = all_due(&k->c, level, &v.n_due);
    struct campaign_assign *assigns = show_assign_find(c, k, &v.n_assigns);
    v.due = due;
    v.assigns = assigns;
    if (!due || !assigns)
        rc = err_nomem(e);
    else if (json)
        rc = end_json(json_campaign(&v, out, e), out, e);
    else
        rc = show_text(c, k, &v, w, out, e);
    mem_free(due);
    mem_free(assigns);
    return rc;
}
