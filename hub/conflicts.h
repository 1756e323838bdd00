/*
 * Conflicts: two records that one machine signed for one place of its log. The first that came
 * counts, the other is evidence; which of two machines is the office's is for a person to say.
 */
#ifndef HUB_CONFLICTS_H
#define HUB_CONFLICTS_H

#include "hub/hub_call.h"
#include "store/fork.h"
#include "store/log.h"

struct conflict {
    struct fork fork; /* the evidence, and the place */
    struct hash held; /* the one that has the place */
    const char *unit; /* code of its author's, as long as the catalog is not refreshed */
    bool ended;       /* a person ended that machine */
    bool settled;     /* that epoch is over: the machine goes on in another, or was ended */
};

/* All of a store, in the order of its authors: init, next until it says false, done. */
struct conflict_walk {
    struct command *call;
    struct fork_walk forks;
};
void conflict_walk_init(struct conflict_walk *w, struct command *call);
bool conflict_walk_next(struct conflict_walk *w, struct conflict *ret_conflict);
void conflict_walk_done(struct conflict_walk *w);

/* Tell whoever called, in one line, of conflicts of machines that nobody ended, even where the
 * machine went on by itself; nothing where there is none. */
void conflicts_tell(struct command *call);

#endif
