#include "proto/json_campaign.h"

#include "proto/json.h"

static void put_given(struct json *j, const char *key, const char *s) {
    json_put_text(j, key, s && *s ? s : NULL);
}

static void put_label(struct json *j, const char *key, const struct label *l) {
    json_begin_object(j, key);
    put_given(j, "vi", l->vi);
    put_given(j, "en", l->en);
    json_end(j);
}

static void put_strings(struct json *j, const char *key, char *const *list, uint32_t n) {
    json_begin_list(j, key);
    for (uint32_t i = 0; i < n; i++)
        json_put_text(j, NULL, list[i]);
    json_end(j);
}

static void put_head(struct json *j, const struct campaign_view *v) {
    const struct campaign *c = v->campaign;
    json_put_text(j, "issuer", v->issuer);
    json_put_text(j, "campaign", c->id);
    json_put_int(j, "version", c->version);
    put_label(j, "title", &c->title);
    put_given(j, "issuer_name", c->issuer_name);
    put_given(j, "document", c->document);
    json_put_bool(j, "template", campaign_is_template(c));
    json_put_bool(j, "reconstructed", c->reconstructed);
    json_put_text(j, "confidence", c->confidence == CONFIDENCE_LOW ? "low" : "high");
    put_given(j, "profile", c->profile);
    json_put_hash(j, "record", &v->record);
    if (v->withdrawn == INSTANT_NONE)
        return;
    json_begin_object(j, "withdrawn");
    json_put_instant(j, "from", v->withdrawn);
    json_put_text(j, "reason", v->why);
    json_end(j);
}

static void put_assigns(struct json *j, const struct campaign_view *v) {
    json_begin_list(j, "assigned");
    for (uint32_t i = 0; i < v->n_assigns; i++) {
        const struct campaign_assign *a = &v->assigns[i];
        json_begin_object(j, NULL);
        json_put_text(j, "unit", a->unit);
        json_put_bool(j, "exempt", a->exempt);
        json_put_day(j, "from", a->from);
        json_put_day(j, "until", a->until);
        json_put_text(j, "reason", a->why);
        json_end(j);
    }
    json_end(j);
}

static void put_periods(struct json *j, const struct campaign *c) {
    json_begin_list(j, "periods");
    for (uint32_t i = 0; i < c->n_periods; i++) {
        const struct period *p = &c->periods[i];
        json_begin_object(j, NULL);
        json_put_text(j, "period", p->id);
        json_put_day(j, "begin", p->begin);
        json_put_day(j, "end", p->end);
        json_put_day(j, "cutoff", p->cutoff);
        json_end(j);
    }
    json_end(j);
}

static void put_reports(struct json *j, const struct campaign_view *v) {
    json_begin_list(j, "reports");
    for (uint32_t i = 0; i < v->n_due; i++) {
        json_begin_object(j, NULL);
        json_put_text(j, "period", v->due[i].period);
        json_put_text(j, "kind", report_kind_text(v->due[i].kind));
        json_put_instant(j, "due", v->due[i].due);
        const struct report_rule *rule = campaign_report(v->campaign, v->due[i].kind);
        json_put_text(j, "needs", rule && rule->needs ? report_kind_text(rule->needs) : NULL);
        json_end(j);
    }
    json_end(j);
}

static const char *test_text(enum indicator_test t) {
    static const char *const names[] = {NULL, ">", ">=", "<", "<=", "="};
    return names[t];
}

static void put_scoring(struct json *j, const struct profile *profile, const char *id) {
    static const char *const modes[] = {"met", "points", "value"};
    static const char *const parts[] = {"base", "bonus", "penalty"};
    struct score_rule rule;
    profile_rule(profile, id, &rule);
    json_put_text(j, "mode", modes[rule.mode]);
    json_put_text(j, "part", parts[rule.part]);
    json_put_score(j, "max", rule.max);
}

static void put_criterion(struct json *j, const struct criterion *k, const struct profile *p) {
    json_begin_object(j, NULL);
    json_put_text(j, "id", k->id);
    put_given(j, "parent", k->parent);
    json_put_bool(j, "leaf", k->leaf);
    put_label(j, "label", &k->label);
    json_put_bool(j, "collective", k->collective);
    json_put_bool(j, "individual", k->individual);
    put_strings(j, "attributes", k->applies.attributes, k->applies.n_attributes);
    put_strings(j, "classes", k->applies.classes, k->applies.n_classes);
    put_strings(j, "unit_attributes", k->applies.unit_attributes, k->applies.n_unit_attributes);
    json_put_text(j, "test", test_text(k->test));
    bool number = k->test != TEST_NONE && !k->threshold_unknown;
    json_put_score(j, "threshold", number ? k->threshold : SCORE_NONE);
    json_put_bool(j, "threshold_unknown", k->threshold_unknown);
    put_given(j, "unit_of_measure", k->unit_of_measure);
    json_put_bool(j, "aim", k->is_aim);
    put_strings(j, "references", k->references, k->n_references);
    if (k->leaf && p)
        put_scoring(j, p, k->id);
    json_end(j);
}

static void put_campaign(struct json *j, const struct campaign_view *v) {
    json_begin_object(j, NULL);
    put_head(j, v);
    put_periods(j, v->campaign);
    put_reports(j, v);
    if (v->criteria) {
        json_put_bool(j, "criteria_reconstructed", v->criteria->reconstructed);
        json_begin_list(j, "criteria");
        for (uint32_t i = 0; i < v->criteria->n; i++)
            put_criterion(j, v->criteria->all[i], v->profile);
        json_end(j);
        json_put_plan(j, v->campaign, &v->units);
        put_assigns(j, v);
    }
    json_end(j);
}

int json_campaigns(const struct campaign_view *list, uint32_t n, struct buf *out, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    json_begin_list(j, NULL);
    for (uint32_t i = 0; i < n; i++)
        put_campaign(j, &list[i]);
    json_end(j);
    rc = json_print(j, out, e);
    json_free(j);
    return rc;
}

int json_campaign(const struct campaign_view *v, struct buf *out, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    put_campaign(j, v);
    rc = json_print(j, out, e);
    json_free(j);
    return rc;
}
