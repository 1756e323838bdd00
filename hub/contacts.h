/*
 * Contacts: up to when everything that the hubs below had is here, and when a unit was last heard.
 * Of its own children a hub knows by itself; of those below them by what their hubs stated.
 */
#ifndef HUB_CONTACTS_H
#define HUB_CONTACTS_H

#include "hub/heard.h"

struct contacts {
    struct uid hub; /* the unit of the hub that looks */
    const struct units *units;
    uint32_t n_own, n_stated, n_hubs;
    struct heard *own;            /* by unit */
    struct contact_entry *stated; /* by unit, each with its greatest drained_to */
    struct contact_hub {
        struct uid unit;
        bool is_child; /* enrolled by this very hub */
    } * hubs;          /* the live ones */
};

int contacts_load(struct actor *a, struct txn *t, struct contacts *ret_contacts, struct err *e);
void contacts_done(struct contacts *c);

/*
 * Up to when every hub between `unit` and this one, as the tree was on `on`, has sent on all it
 * had; INSTANT_NONE where one never has. `ret_direct`: there is none between.
 */
instant contacts_drained(const struct contacts *c, const struct uid *unit, day on,
                         bool *ret_direct);
/* When `unit`, or else the nearest one above it, was last heard here; INSTANT_NONE if never. */
instant contacts_last(const struct contacts *c, const struct uid *unit, day on);

#endif
