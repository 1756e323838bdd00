/*
 * Waits: what a hub has and makes nothing of yet, and what it waits for. All of it may wait for
 * ever where what it names never comes; then a person has to see to it.
 */
#ifndef HUB_WAITS_H
#define HUB_WAITS_H

#include "hub/hub_call.h"
#include "node/pending.h"

enum wait_for {
    WAIT_SHOWN,     /* a doubted child (hub/greeting.h) has to show all that it has */
    WAIT_PLACE,     /* the record before it */
    WAIT_ENROLMENT, /* that of its author */
    WAIT_NAMED,     /* a record that it names: received, and not judged yet */
    WAIT_UNIT,      /* an enrolment: that its unit is below whoever stated it */
};
#define WAIT_KINDS 5u

/* One thing that waits. Of records that one neighbour brought and that wait for one another only
 * the first. */
struct wait {
    enum wait_for what_for;
    const char *unit;    /* code of its author's, as long as the catalog is; NULL: not known */
    const char *by;      /* … of the neighbour's that brought it; NULL: not known */
    struct hash actor;   /* the author, or the doubted child */
    struct hash record;  /* zero: a doubted child */
    struct hash awaited; /* the record or author that is not here; zero: nothing of that kind */
    instant since;       /* when it came; INSTANT_NONE: not known */
};

/* All of a store: init, next until it says false, done. */
struct wait_walk {
    struct command *call;
    struct child child; /* the last one looked at */
    bool children_done;
    struct pending_walk rows;
};
void wait_walk_init(struct wait_walk *w, struct command *call);
bool wait_walk_next(struct wait_walk *w, struct wait *ret_wait);
void wait_walk_done(struct wait_walk *w);

/* Tell whoever called `call`, in one line, of children that are doubted; nothing where none is. */
void waits_tell(struct command *call);

#endif
