#include "proto/json.h"

/* Where reports count only once a registration was there before, which nobody looks for yet. */
static void put_registration(struct json *j, bool unchecked) {
    if (unchecked)
        json_put_text(j, "registration", "not checked");
}

static void put_board_row(struct json *j, const struct board_row *r) {
    bool received = !hash_is_zero(&r->report);
    json_begin_object(j, NULL);
    json_put_text(j, "unit", r->unit);
    json_put_text(j, "name", r->name);
    json_put_text(j, "state", slot_state_text(r->state));
    json_put_text(j, "review", slot_review_text(r->review));
    json_put_instant(j, "received_at", r->received_at);
    json_put_text(j, "by", r->by);
    json_put_hash(j, "report", &r->report);
    if (received && r->revision > 0)
        json_put_int(j, "revision", r->revision);
    else
        json_put_null(j, "revision");
    json_put_bool(j, "nil", r->nil);
    json_put_instant(j, "last_contact", r->last_contact);
    if (!hash_is_zero(&r->shown)) {
        json_begin_object(j, "shown");
        json_put_hash(j, "report", &r->shown);
        json_put_instant(j, "received_at", r->shown_received_at);
        json_end(j);
    }
    if (r->extended_to != INSTANT_NONE)
        json_put_instant(j, "extended_to", r->extended_to);
    json_put_bool(j, "clock_doubt", r->clock_doubt);
    if (r->why)
        json_put_text(j, "why", r->why);
    json_end(j);
}

static void put_branch(struct json *j, const struct board_branch *x) {
    json_begin_object(j, NULL);
    json_put_text(j, "unit", x->unit);
    json_put_text(j, "name", x->name);
    json_put_int(j, "expected", x->expected);
    json_put_int(j, "actual", x->actual);
    json_put_int(j, "actual_on_time", x->actual_on_time);
    json_put_percent(j, "rate", share_half_up(x->actual, x->expected));
    json_put_percent(j, "rate_on_time", share_half_up(x->actual_on_time, x->expected));
    json_put_int(j, "missing", x->missing);
    json_put_int(j, "unknown", x->unknown);
    json_put_int(j, "not_due", x->not_due);
    json_end(j);
}

static void put_branches(struct json *j, const struct board *b) {
    json_begin_list(j, "branches");
    for (uint32_t i = 0; i < b->n_branches; i++)
        put_branch(j, &b->branches[i]);
    json_end(j);
}

static void put_board(struct json *j, const char *key, const struct board *b) {
    json_begin_object(j, key);
    json_put_text(j, "campaign", b->campaign);
    json_put_text(j, "period", b->period);
    json_put_text(j, "kind", report_kind_text(b->kind));
    json_put_instant(j, "at", b->at);
    json_put_instant(j, "due", b->due);
    json_put_int(j, "expected", b->expected);
    json_put_int(j, "actual", b->actual);
    json_put_int(j, "actual_on_time", b->actual_on_time);
    json_put_percent(j, "rate", share_half_up(b->actual, b->expected));
    json_put_percent(j, "rate_on_time", share_half_up(b->actual_on_time, b->expected));
    json_begin_list(j, "rows");
    for (uint32_t i = 0; i < b->n_rows; i++)
        put_board_row(j, &b->rows[i]);
    json_end(j);
    if (b->reconstructed)
        json_put_bool(j, "reconstructed", true);
    put_registration(j, b->registration_unchecked);
    if (b->branched)
        put_branches(j, b);
    json_end(j);
}

void json_put_boards(struct json *j, const char *key, const struct board *list, size_t n,
                     bool single) {
    if (single && n == 1) {
        put_board(j, key, list);
        return;
    }
    json_begin_list(j, key);
    for (size_t i = 0; i < n; i++)
        put_board(j, NULL, &list[i]);
    json_end(j);
}

static const char *source_text(enum value_source s) {
    switch (s) {
    case SOURCE_SELF:
        return "self";
    case SOURCE_APPRAISED:
        return "appraised";
    case SOURCE_COUNCIL:
        return "council";
    }
    return NULL;
}

/* What the campaign compares where shares are equal, as it is of row `r`. */
static void put_compared(struct json *j, const struct ranking *in, const struct rank_row *r) {
    json_begin_list(j, "tie_breakers");
    for (uint32_t i = 0; i < in->n_comparators; i++) {
        const struct comparator *by = &in->comparators[i];
        int64_t v = ranking_compared(in, r, i);
        json_begin_object(j, NULL);
        json_put_text(j, "by", comparator_field_text(by->field));
        if (by->field == BY_CRITERION)
            json_put_text(j, "criterion", by->criterion);
        if (v == RANK_NO_VALUE)
            json_put_null(j, "value");
        else if (by->field == BY_MET)
            json_put_int(j, "value", v);
        else
            json_put_score(j, "value", (score)v);
        json_end(j);
    }
    json_end(j);
}

static void put_rank_row(struct json *j, const struct ranking *in, const struct rank_row *r) {
    json_begin_object(j, NULL);
    if (r->rank > 0)
        json_put_int(j, "rank", r->rank);
    else
        json_put_null(j, "rank");
    json_put_bool(j, "tied", r->tied);
    json_put_text(j, "unit", r->unit);
    json_put_text(j, "unit_name", r->unit_name);
    json_put_text(j, "subject", r->subject);
    json_put_text(j, "name", r->name);
    json_put_text(j, "class", r->class_id);
    json_put_score(j, "score", r->total);
    json_put_score(j, "max", r->max);
    if (r->max > 0)
        json_put_percent(j, "share", share_half_away(r->total, r->max));
    else
        json_put_null(j, "share");
    json_put_text(j, "grade", r->grade);
    json_put_text(j, "source", source_text(r->source));
    json_put_bool(j, "on_time", r->on_time);
    json_put_hash(j, "report", &r->report);
    json_put_int(j, "revision", r->revision);
    if (r->older_version)
        json_put_int(j, "version", r->older_version);
    if (ranking_is_equal(in, (uint32_t)(r - in->rows)))
        put_compared(j, in, r);
    json_end(j);
}

/* A count, or null where it is negative: not known, or none. */
static void put_count(struct json *j, const char *key, int64_t n) {
    if (n < 0)
        json_put_null(j, key);
    else
        json_put_int(j, key, n);
}

static void put_quota(struct json *j, const struct rank_quota *q) {
    static const char *const scopes[] = {"issuer", "group", "unit"};
    const struct quota *rule = q->rule;
    bool shown = !q->why;
    json_begin_object(j, NULL);
    json_put_text(j, "quota", rule->id);
    json_put_text(j, "award", *rule->award ? rule->award : NULL);
    json_put_text(j, "scope", scopes[rule->scope]);
    json_put_text(j, "within", q->within);
    json_put_text(j, "mode", rule->mode == QUOTA_BLOCK ? "block" : "warn");
    if (rule->is_percentage)
        json_put_percent(j, "percent", rule->amount);
    else
        json_put_null(j, "percent");
    put_count(j, "base", q->base);
    put_count(j, "places", q->places);
    put_count(j, "inside", shown ? (int64_t)q->inside : -1);
    put_count(j, "left", shown ? (int64_t)q->left : -1);
    put_count(j, "edge", shown && q->edge > 0 ? (int64_t)q->edge : -1);
    json_begin_list(j, "ties");
    for (uint32_t i = 0; i < q->n_ties; i++) {
        json_begin_object(j, NULL);
        json_put_text(j, "unit", q->ties[i].unit);
        json_put_text(j, "subject", q->ties[i].subject);
        json_end(j);
    }
    json_end(j);
    json_put_text(j, "why", q->why);
    json_end(j);
}

void json_put_ranking(struct json *j, const char *key, const struct ranking *r) {
    json_begin_object(j, key);
    json_put_text(j, "campaign", r->campaign);
    json_put_int(j, "version", r->version);
    json_put_text(j, "period", r->period);
    json_put_text(j, "kind", report_kind_text(r->kind));
    json_put_text(j, "under", r->under);
    json_put_text(j, "group", r->group);
    json_put_text(j, "subject_kind", subject_kind_text(r->subjects));
    json_put_text(j, "profile", r->profile);
    json_put_text(j, "values", r->values);
    json_put_day(j, "units_as_of", r->units_as_of);
    json_begin_list(j, "rows");
    for (uint32_t i = 0; i < r->n_rows; i++)
        put_rank_row(j, r, &r->rows[i]);
    json_end(j);
    json_begin_list(j, "excluded");
    for (uint32_t i = 0; i < r->n_excluded; i++) {
        json_begin_object(j, NULL);
        json_put_text(j, "unit", r->excluded[i].unit);
        json_put_text(j, "subject", r->excluded[i].subject);
        json_put_text(j, "why", r->excluded[i].why);
        json_end(j);
    }
    json_end(j);
    json_begin_list(j, "quotas");
    for (uint32_t i = 0; i < r->n_quotas; i++)
        put_quota(j, &r->quotas[i]);
    json_end(j);
    if (r->reconstructed)
        json_put_bool(j, "reconstructed", true);
    put_registration(j, r->registration_unchecked);
    json_end(j);
}

int json_boards(const struct board *list, size_t n, bool single, struct buf *out, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    json_put_boards(j, NULL, list, n, single);
    rc = json_print(j, out, e);
    json_free(j);
    return rc;
}

int json_ranking(const struct ranking *r, struct buf *out, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    json_put_ranking(j, NULL, r);
    rc = json_print(j, out, e);
    json_free(j);
    return rc;
}
