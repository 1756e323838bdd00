/*
 * One call of a verb: a hub's directory opened for one verb, with one transaction.
 */
#ifndef HUB_HUB_CALL_H
#define HUB_HUB_CALL_H

#include "core/verb.h"
#include "node/actor.h"

struct hub_call {
    struct verb_call *call;
    struct actor actor;
    struct txn *t; /* NULL: ended */
    instant now;   /* when the verb began */
    bool open;
};

/* Open the hub of `call` and begin a transaction; hub_call_done ends both, on failure too. */
int hub_call_open(struct hub_call *s, struct verb_call *call, bool write, struct err *e);
/* Commit; only hub_call_done is left to do. */
int hub_call_commit(struct hub_call *s, struct err *e);
void hub_call_done(struct hub_call *s);

/* Today, as the clock showed it when the verb began. */
day hub_call_today(const struct hub_call *s);
/* The unit called `code` today, else the one called so by its latest fact, into `ret_fact`;
 * ERR_REFUSED if there is none, or several are called so today. */
int hub_call_unit(const struct hub_call *s, const char *code, const struct unit_fact **ret_fact,
                  struct err *e);

/*
 * The latest version of the campaign called `name` (ID, or UNIT/ID) that this hub issued and did
 * not withdraw. ERR_REFUSED says what it is if it is anything else.
 */
int hub_call_own_campaign(const struct hub_call *s, const char *name,
                          struct catalog_campaign **ret_campaign, struct err *e);

#endif
