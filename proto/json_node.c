#include "proto/json_node.h"

#include "core/result.h"
#include "proto/json.h"

static const char *report_text(enum report_state s) {
    switch (s) {
    case STATE_QUEUED:
        return "queued";
    case STATE_RECEIVED:
        return "received";
    case STATE_ACCEPTED:
        return "accepted";
    case STATE_RETURNED:
        return "returned";
    case STATE_REJECTED:
        return "rejected";
    case STATE_SUPERSEDED:
        return "superseded";
    case STATE_WITHDRAWN:
        return "withdrawn";
    }
    return NULL;
}

static const char *receipt_text(enum receipt_state s) {
    switch (s) {
    case RECEIPT_HELD:
        return "held";
    case RECEIPT_VALID:
        return "valid";
    case RECEIPT_REJECTED:
        return "rejected";
    }
    return NULL;
}

static const char *text_or_null(const char *s) {
    return s && *s ? s : NULL;
}

static void put_receipts(struct json *j, const struct report_view *r) {
    json_begin_list(j, "receipts");
    for (uint32_t i = 0; i < r->n_receipts; i++) {
        const struct receipt_view *v = &r->receipts[i];
        json_begin_object(j, NULL);
        json_put_text(j, "unit", v->unit);
        json_put_text(j, "level", v->level);
        json_put_instant(j, "received_at", v->received_at);
        json_put_text(j, "state", receipt_text(v->state));
        json_put_bool(j, "clock_doubt", v->clock_doubt);
        json_put_instant(j, "mended_at", v->mended_at);
        if (v->reason)
            json_put_text(j, "reason", v->reason);
        if (v->reason_code)
            json_put_int(j, "reason_code", v->reason_code);
        json_end(j);
    }
    json_end(j);
}

/* The members of a report; `nil` and `reason_code` come after those that are promised. */
static void put_report(struct json *j, const struct report_view *r) {
    json_put_hash(j, "report", &r->report);
    json_put_text(j, "unit", r->unit);
    json_put_text(j, "campaign", r->campaign);
    json_put_text(j, "period", r->period);
    json_put_text(j, "kind", report_kind_text(r->kind));
    json_put_int(j, "revision", r->revision);
    json_put_text(j, "state", report_text(r->state));
    json_put_instant(j, "sealed_at", r->sealed_at);
    put_receipts(j, r);
    json_put_text(j, "reason", r->reason);
    if (r->reason_code)
        json_put_int(j, "reason_code", r->reason_code);
    else
        json_put_null(j, "reason_code");
    json_put_bool(j, "nil", r->nil);
    if (r->version) {
        json_put_int(j, "version", r->version);
        json_put_int(j, "version_in_force", r->latest_version);
    }
    if (r->epoch) {
        json_put_int(j, "epoch", r->epoch);
        json_put_int(j, "seq", (int64_t)r->seq);
    }
    if (r->reconstructed)
        json_put_bool(j, "reconstructed", true);
    if (r->registration_unchecked)
        json_put_text(j, "registration", "not checked");
    if (r->inherited)
        json_put_bool(j, "inherited", true);
    if (r->came_back)
        json_put_bool(j, "came_back", true);
    if (!hash_is_zero(&r->restates))
        json_put_hash(j, "restates", &r->restates);
    if (!hash_is_zero(&r->rival))
        json_put_hash(j, "rival", &r->rival);
    if (r->rival_values > 0)
        json_put_int(j, "rival_values", r->rival_values);
    if (!hash_is_zero(&r->in_force))
        json_put_hash(j, "in_force", &r->in_force);
    if (r->late) {
        json_put_bool(j, "late", true);
        json_put_instant(j, "due", r->window);
    }
}

static void put_due(struct json *j, const struct due_view *d) {
    json_begin_object(j, NULL);
    json_put_text(j, "unit", d->unit);
    json_put_text(j, "campaign", d->campaign);
    json_put_text(j, "period", d->period);
    json_put_text(j, "kind", report_kind_text(d->kind));
    json_put_instant(j, "due", d->due);
    json_put_int(j, "days_left", d->days_left);
    if (d->extended)
        json_put_bool(j, "extended", true);
    if (d->why)
        json_put_text(j, "why", d->why);
    json_end(j);
}

static int finish(struct json *j, struct buf *out, struct err *e) {
    int rc = json_print(j, out, e);
    json_free(j);
    return rc;
}

static void put_reports(struct json *j, const char *key, const struct report_view *list,
                        uint32_t n) {
    json_begin_list(j, key);
    for (uint32_t i = 0; i < n; i++) {
        json_begin_object(j, NULL);
        put_report(j, &list[i]);
        json_end(j);
    }
    json_end(j);
}

static void put_cell(struct json *j, const char *name, const struct cell *c) {
    switch ((enum cell_state)c->state) {
    case CELL_EMPTY:
        json_put_null(j, name);
        return;
    case CELL_NA:
        json_put_text(j, name, "na");
        return;
    case CELL_NOT_MET:
        json_put_text(j, name, "not met");
        return;
    case CELL_MET:
        json_put_text(j, name, "met");
        return;
    case CELL_SCORE:
    case CELL_VALUE:
        json_put_score(j, name, c->value);
        return;
    }
}

static void put_unsealed(struct json *j, const char *name, const struct unsealed_view *u) {
    json_begin_object(j, name);
    json_put_text(j, "unit", u->unit);
    json_put_text(j, "campaign", u->campaign);
    json_put_text(j, "period", u->period);
    json_put_hash(j, "report", &u->report);
    json_put_text(j, "kind", report_kind_text(u->kind));
    json_put_int(j, "revision", u->revision);
    json_put_int(j, "values", u->values);
    json_put_bool(j, "came_back", u->came_back);
    json_begin_list(j, "cells");
    for (uint32_t i = 0; i < u->n_cells; i++) {
        json_begin_object(j, NULL);
        json_put_text(j, "subject", u->cells[i].subject);
        json_put_text(j, "criterion", u->cells[i].criterion);
        put_cell(j, "here", &u->cells[i].here);
        put_cell(j, "reported", &u->cells[i].reported);
        json_end(j);
    }
    json_end(j);
    json_end(j);
}

int json_status(const struct status_view *s, struct buf *out, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    json_begin_object(j, NULL);
    json_put_text(j, "unit", s->unit);
    json_put_text(j, "hub", s->hub);
    json_put_instant(j, "last_contact", s->last_contact);
    json_put_int(j, "pending", (int64_t)s->pending);
    if (s->moved_under) {
        json_begin_object(j, "moved");
        json_put_day(j, "since", s->moved_since);
        json_put_text(j, "under", s->moved_under);
        json_end(j);
    }
    if (s->ended) {
        json_begin_object(j, "ended");
        json_put_text(j, "how", s->ended);
        json_put_instant(j, "since", s->ended_since);
        json_put_text(j, "why", s->ended_why);
        json_end(j);
    }
    put_reports(j, "reports", s->reports, s->n_reports);
    json_begin_list(j, "due");
    for (uint32_t i = 0; i < s->n_due; i++)
        put_due(j, &s->due[i]);
    json_end(j);
    if (s->n_exempt > 0) {
        json_begin_list(j, "exempt");
        for (uint32_t i = 0; i < s->n_exempt; i++)
            put_due(j, &s->exempt[i]);
        json_end(j);
    }
    if (s->n_unsealed > 0) {
        json_begin_list(j, "unsealed");
        for (uint32_t i = 0; i < s->n_unsealed; i++)
            put_unsealed(j, NULL, &s->unsealed[i]);
        json_end(j);
    }
    json_end(j);
    return finish(j, out, e);
}

int json_reports(const struct report_view *list, uint32_t n, struct buf *out, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    put_reports(j, NULL, list, n);
    return finish(j, out, e);
}

int json_report(const struct report_view *r, const struct value_view *values, uint32_t n,
                struct buf *out, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    json_begin_object(j, NULL);
    put_report(j, r);
    json_begin_list(j, "values");
    for (uint32_t i = 0; i < n; i++) {
        json_begin_object(j, NULL);
        json_put_text(j, "subject", values[i].subject);
        json_put_text(j, "criterion", values[i].criterion);
        put_cell(j, "value", &values[i].cell);
        json_put_text(j, "note", values[i].note);
        json_end(j);
    }
    json_end(j);
    json_end(j);
    return finish(j, out, e);
}

static void put_subject(struct json *j, const struct subject_view *v) {
    const struct subject *s = v->subject;
    json_begin_object(j, NULL);
    json_put_text(j, "unit", v->unit);
    json_put_text(j, "code", s->code);
    json_put_text(j, "kind", subject_kind_text(s->kind));
    json_put_text(j, "class", text_or_null(s->class_id));
    json_put_text(j, "name", text_or_null(v->name->name));
    json_put_bool(j, "leader", s->leader);
    json_put_bool(j, "uniformed", s->uniformed);
    json_put_text(j, "position", text_or_null(v->name->position));
    json_put_text(j, "title", text_or_null(v->name->title));
    json_put_day(j, "from", s->from);
    json_put_day(j, "until", s->until);
    json_put_uid(j, "id", &s->id);
    json_put_uid(j, "person", &s->person);
    json_end(j);
}

int json_subjects(const struct subject_view *list, uint32_t n, bool single, struct buf *out,
                  struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    if (!single)
        json_begin_list(j, NULL);
    for (uint32_t i = 0; i < n; i++)
        put_subject(j, &list[i]);
    if (!single)
        json_end(j);
    return finish(j, out, e);
}

/* Those of `v` who have another name, or those who leave. */
static void put_changes(struct json *j, const struct subject_import_view *v, bool leave) {
    json_begin_list(j, leave ? "left" : "renamed");
    for (uint32_t i = 0; i < v->n; i++) {
        const struct subject_change *x = &v->list[i];
        if (leave != !x->after)
            continue;
        json_begin_object(j, NULL);
        json_put_text(j, "unit", x->unit);
        json_put_text(j, "code", x->code);
        json_put_text(j, leave ? "name" : "before", text_or_null(x->before));
        if (!leave)
            json_put_text(j, "after", x->after);
        json_put_int(j, "values", x->values);
        json_put_int(j, "reports", x->reports);
        json_end(j);
    }
    json_end(j);
}

static void put_fields(struct json *j, const struct subject_import_view *v) {
    if (v->n_fields == 0)
        return;
    json_begin_list(j, "fields");
    for (uint32_t i = 0; i < v->n_fields; i++) {
        const struct subject_field_change *x = &v->fields[i];
        json_begin_object(j, NULL);
        json_put_text(j, "unit", x->unit);
        json_put_text(j, "code", x->code);
        json_put_text(j, "field", x->field);
        json_put_text(j, "before", text_or_null(x->before));
        json_put_text(j, "after", text_or_null(x->after));
        json_end(j);
    }
    json_end(j);
}

int json_subject_import(const struct subject_import_view *v, struct buf *out, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    json_begin_object(j, NULL);
    json_put_int(j, "subjects", v->rows);
    json_put_int(j, "added", v->added);
    json_put_int(j, "changed", v->changed);
    json_put_int(j, "gone", v->gone);
    put_changes(j, v, false);
    put_changes(j, v, true);
    put_fields(j, v);
    json_put_bool(j, "dry_run", v->dry_run);
    json_end(j);
    return finish(j, out, e);
}

static void put_score_row(struct json *j, const struct score_row *r) {
    const struct points *p = &r->points;
    json_begin_object(j, NULL);
    json_put_text(j, "subject", r->subject);
    json_put_text(j, "name", text_or_null(r->name));
    json_put_text(j, "kind", subject_kind_text(r->kind));
    json_put_text(j, "class", text_or_null(r->class_id));
    json_put_score(j, "score", p->total);
    json_put_score(j, "max", p->max);
    if (p->max > 0)
        json_put_percent(j, "share", share_half_away(p->total, p->max));
    else
        json_put_null(j, "share");
    json_put_text(j, "grade", r->grade);
    json_put_int(j, "met", p->met);
    json_begin_list(j, "empty");
    for (uint32_t i = 0; i < r->n_empty; i++)
        json_put_text(j, NULL, r->empty[i]);
    json_end(j);
    json_end(j);
}

int json_score(const struct score_view *s, struct buf *out, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    json_begin_object(j, NULL);
    json_put_text(j, "unit", s->unit);
    json_put_text(j, "campaign", s->campaign);
    json_put_int(j, "version", s->version);
    json_put_text(j, "period", s->period);
    json_put_text(j, "profile", s->profile);
    json_put_bool(j, "complete", s->empty == 0);
    json_put_int(j, "empty", s->empty);
    json_put_int(j, "strays", s->strays);
    json_begin_list(j, "rows");
    for (uint32_t i = 0; i < s->n_rows; i++)
        put_score_row(j, &s->rows[i]);
    json_end(j);
    if (s->unsealed)
        put_unsealed(j, "unsealed", s->unsealed);
    if (s->reconstructed)
        json_put_bool(j, "reconstructed", true);
    json_end(j);
    return finish(j, out, e);
}

int json_check(const struct check_view *c, struct buf *out, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    json_begin_object(j, NULL);
    json_put_int(j, "records", (int64_t)c->records);
    json_put_int(j, "rows", (int64_t)c->rows);
    json_put_int(j, "findings", (int64_t)c->total);
    json_begin_list(j, "problems");
    for (uint32_t i = 0; i < c->n; i++) {
        json_begin_object(j, NULL);
        json_put_hash(j, "record", &c->problems[i].record);
        json_put_text(j, "what", c->problems[i].what);
        json_end(j);
    }
    json_end(j);
    json_end(j);
    return finish(j, out, e);
}
