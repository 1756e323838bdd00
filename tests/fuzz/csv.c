#include "tests/fuzz/csv.h"

#include "core/verb.h"
#include "hub/unit_events.h"
#include "hub/unit_import.h"
#include "node/sheet_file.h"
#include "node/subject_file.h"
#include "tests/unit/fixture_stage.h"

#include <assert.h>

static const char people[] =
    "code,kind,class,name,unit\n1001,collective,,Xã,\nCB01,individual,cb,An,\n"
    "CB02,individual,,Bình,\n";

int csv_units(struct slice file, struct problems *p, struct err *e) {
    static struct stage *s;
    struct csv *csv;
    struct unit_plan plan;
    struct units *units;
    if (!s)
        s = stage_hub();
    int rc = csv_open(file, "units.csv", &csv, p, e);
    if (rc != 0)
        return rc;
    FIXTURE_OK(units_new(&units, e), e);
    rc = csv_match(csv, unit_import_columns, UNIT_COLUMNS, false, p, e);
    if (rc == 0 && p->total == 0) {
        const struct import_hub hub = {.unit = &s->hub.province, .is_root = true};
        rc = unit_import_plan(csv, units, &hub, &s->hub.world, p, &plan, e);
        unit_import_done(&plan);
    }
    units_free(units);
    csv_close(csv);
    return rc;
}

/* The catalog of the hub as its store says; what was tried in it is forgotten. */
static void catalog_anew(struct actor *a, struct txn *t) {
    struct err e = {0};
    FIXTURE_OK(catalog_reset(&a->catalog, &e), &e);
    FIXTURE_OK(catalog_refresh(&a->catalog, t, &e), &e);
}

int csv_events(struct slice file, struct problems *p, struct err *e) {
    static struct stage *s;
    struct csv *csv;
    struct event_plan plan = {0};
    struct txn *t;
    struct err own = {0};
    if (!s)
        s = stage_hub();
    int rc = csv_open(file, "events.csv", &csv, p, e);
    if (rc != 0)
        return rc;
    struct actor *a = &s->hub.actor;
    FIXTURE_OK(actor_begin(a, false, &t, &own), &own);
    catalog_anew(a, t);
    rc = csv_match(csv, unit_events_columns, EVENT_COLUMNS, false, p, e);
    if (rc == 0 && p->total == 0)
        rc = unit_events_plan(csv, a->catalog.units, &a->unit, a->is_root, &s->hub.world, p, &plan,
                              e);
    if (rc == 0 && p->total == 0) /* each row says something, new or not */
        assert(plan.n_rows + plan.n_same == csv_rows(csv));
    unit_events_done(&plan);
    actor_abort(a, t);
    csv_close(csv);
    return rc;
}

/* The office, with people: opened once. */
static struct stage *office(struct command *c, struct verb_call *call) {
    static struct stage *s;
    struct problems p = {0};
    struct subject_import done = {0};
    struct err e = {0};
    bool first = !s;
    if (first)
        s = stage_node(STAGE_SYNCED);
    verb_call_init(call, &s->hub.world, NULL);
    *c = (struct command){.call = call,
                          .world = &s->hub.world,
                          .actor = s->node,
                          .write = true,
                          .now = s->hub.now.wall,
                          .today = instant_day(s->hub.now.wall)};
    FIXTURE_OK(actor_begin(&c->actor, true, &c->t, &e), &e);
    if (first) {
        FIXTURE_OK(subject_file_import(c, slice_str(people), "people.csv", SUBJECT_CHANGES_UNSAID,
                                       &p, &done, &e),
                   &e);
        for (size_t i = 0; i < p.n; i++)
            FIXTURE_OK(ERR_REFUSED, &p.list[i].what);
        subject_changes_done(&done.changes);
        FIXTURE_OK(actor_commit(&c->actor, c->t, &e), &e);
        FIXTURE_OK(actor_begin(&c->actor, true, &c->t, &e), &e);
    }
    return s;
}

static void leave(struct stage *s, struct command *c) {
    actor_abort(&c->actor, c->t);
    s->node = c->actor; /* its catalog has moved on */
    verb_call_done(c->call);
}

int csv_subjects(struct slice file, struct problems *p, struct err *e) {
    struct command c;
    struct verb_call call;
    struct subject_import done = {0};
    struct stage *s = office(&c, &call);
    int rc = subject_file_import(&c, file, "subjects.csv", SUBJECT_CHANGES_UNSAID, p, &done, e);
    subject_changes_done(&done.changes);
    leave(s, &c);
    return rc;
}

int csv_sheet(struct slice file, struct problems *p, struct err *e) {
    struct command c;
    struct verb_call call;
    struct office o;
    struct err own = {0};
    struct sheet_file_did did;
    struct stage *s = office(&c, &call);
    FIXTURE_OK(office_open(&c.actor, c.t, &(struct office_choice){0}, c.today, &o, &own), &own);
    int rc = sheet_file_read(&o, c.world, file, "sheet.csv", p, &did, e);
    office_done(&o);
    leave(s, &c);
    return rc;
}
