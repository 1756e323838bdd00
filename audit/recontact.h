/*
 * Contacts worked out once more: what the hubs said of their children, and what the maker of the
 * bundle itself heard.
 */
#ifndef AUDIT_RECONTACT_H
#define AUDIT_RECONTACT_H

#include "audit/fold.h"

/* What a bundle knows besides its records: where it was made, and whom its maker heard. */
struct recontact_home {
    struct uid unit; /* of the exporter; the root of all that is shown */
    struct hash actor;
    instant now; /* when it was made */
    uint32_t n_contacts;
    const struct contact_entry *contacts;
};

/* What hub `by` said last of its child `child`; NULL: nothing. */
const struct fold_contact *recontact_stated(const struct fold *f, const struct hash *child,
                                            const struct hash *by);
/* When a machine of `unit` was last heard, as `home` or the hub that enrolled it says;
 * INSTANT_NONE: never, or what is said cannot be. */
instant recontact_last(const struct fold *f, const struct recontact_home *home,
                       const struct uid *unit);

#endif
