/*
 * People: whom a unit reports about. Its subject list as this actor, or a machine of its unit
 * before it, stated it last, with the names that stand in records of their own. The unit itself is
 * always the first, under its own code, without anybody having to list it.
 */
#ifndef NODE_PEOPLE_H
#define NODE_PEOPLE_H

#include "core/world.h"
#include "node/actor.h"

struct people {
    struct arena arena; /* everything below lives here */
    struct uid unit;
    struct subjects subjects;
    struct payload_name *names; /* by row; `name` NULL where it was erased or never given */
    struct hash record; /* the list as this machine stated it; zero: it never stated this one */
};

/* The present list of `unit` and its names into `ret_people`; people_done frees it. */
int people_load(struct actor *a, struct txn *t, const struct unit_fact *unit,
                struct people *ret_people, struct err *e);
void people_done(struct people *p);

/* The name of row `row`; never NULL, empty where there is none. */
const char *people_name(const struct people *p, uint32_t row);

/* State `list` at `now`; `ret_record` gets the id of its record. */
int people_state(struct actor *a, struct txn *t, const struct subjects *list, instant now,
                 struct hash *ret_record, struct err *e);
/* State what `name->subject` is called, at `now`. */
int people_state_name(struct actor *a, struct txn *t, const struct payload_name *name, instant now,
                      struct err *e);

/*
 * The id that a subject called `code` had in any list of `unit` that this actor, or a machine
 * before it, ever stated, into `ret_id`; `ret_known`: whether it stands in one. Who comes back to a
 * list is the same subject.
 */
int people_known(struct actor *a, struct txn *t, const struct uid *unit, const char *code,
                 struct uid *ret_id, bool *ret_known, struct err *e);

/* The units for which this actor, or a machine before it, ever stated a list. */
struct people_units {
    struct buf ids; /* UID_BYTES each */
};
/* `ret_units` is to be freed by people_units_done in any case. */
int people_units_load(struct actor *a, struct txn *t, struct people_units *ret_units,
                      struct err *e);
void people_units_done(struct people_units *u);
bool people_units_has(const struct people_units *u, const struct uid *unit);

/*
 * The person id for `text`, whatever the office writes there (a staff number, an identity card):
 * the same text gives the same id in all lists of this machine, so it joins posts held in several
 * places. It is a hash under a secret that never leaves the machine (kept as `person.secret` in
 * table meta, drawn from `w` at first use): nobody who holds the records can guess texts and
 * compare.
 */
int people_person(struct txn *t, const struct world *w, const char *text, struct uid *ret_person,
                  struct err *e);

#endif
