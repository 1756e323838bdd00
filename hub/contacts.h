/*
 * Contacts: up to when everything that the hubs below had is here, and when a unit was last heard.
 * Of its own children a hub knows by itself; of those below them by what the hub that enrolled each
 * stated, and by nobody else.
 */
#ifndef HUB_CONTACTS_H
#define HUB_CONTACTS_H

#include "hub/heard.h"

struct contacts {
    struct uid hub; /* the unit of the hub that looks */
    struct hash id; /* … and itself */
    const struct units *units;
    uint32_t n_own, n_hubs, n_ways, n_nodes;
    struct heard *own; /* by unit, each actor of it: as measured here, or stated by its hub */
    struct contact_hub {
        struct uid unit;
        instant drained; /* INSTANT_NONE: never */
        bool ended;      /* replaced or revoked */
    } * hubs;            /* each that ever was, by unit */
    struct contact_way {
        struct hash actor, enroller;
        struct uid unit;
    } * ways; /* each hub that ever was, by actor */
    struct contact_node {
        struct uid unit;
        struct hash enroller;
        bool live;
    } * nodes; /* each machine that ever was, by unit */
};

/*
 * What `t` holds at hub `a`, whose clock shows `now`, into `ret_contacts` (contacts_done). A
 * contact later than `now`, or than the statement that tells of it, is of a clock that was wrong:
 * when it really was is not known.
 */
int contacts_load(struct actor *a, struct txn *t, instant now, struct contacts *ret_contacts,
                  struct err *e);
void contacts_done(struct contacts *c);

/*
 * Up to when every hub between `unit` and this one has sent on all it had; INSTANT_NONE where one
 * never has. `ret_direct`: there is none between. Between are the hubs through which machines of
 * `unit` state, ended ones too: whoever enrolled each, and so on up to this one; of a replaced hub
 * its heirs. Where no live machine is known, whoever is between in the tree as it was on `on` may
 * have enrolled one, and machines of the units between may state for `unit`. A hub there that was
 * ended, and that nobody followed, stays between: what came to it since it last sent all it had is
 * nowhere but with its offices, so nobody can say that they sent nothing. It no longer is once a
 * hub in its place has sent on all it had, the unit lies elsewhere, or a machine of it joined
 * elsewhere. A hub that claims too much for those below it gains nothing: what this hub measured of
 * the uppermost caps all others.
 */
instant contacts_drained(const struct contacts *c, const struct uid *unit, day on,
                         bool *ret_direct);
/* When a machine of `unit` itself was last heard by the hub that it reports to: measured here, or
 * as that hub stated; INSTANT_NONE: never, there is none, or nobody here knows. */
instant contacts_last(const struct contacts *c, const struct uid *unit);

#endif
