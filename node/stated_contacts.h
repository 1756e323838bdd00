/*
 * Stated contacts: what hubs last said of their children, by child. A view over contact records.
 * What a hub said after its end is passed over for what it said before. Whether whoever said so is
 * the one that enrolled the child is for the reader to ask.
 */
#ifndef NODE_STATED_CONTACTS_H
#define NODE_STATED_CONTACTS_H

#include "core/record.h"
#include "proto/payload.h"
#include "store/db.h"

/* Enter what `r`, a contact record whose payload is `p`, says. */
void stated_contacts_enter(struct txn *t, const struct record *r, const struct payload_contact *p);

/*
 * What hub `by` last said of `child` and stands: up to when its uplink was drained, at most up to
 * when that was said; INSTANT_NONE: it said nothing, or that it never was.
 */
instant stated_contacts_drained(struct txn *t, const struct hash *child, const struct hash *by);

/* The record in which hub `by` last told of `child`, into `ret_record`; whether there is one. */
bool stated_contacts_last(struct txn *t, const struct hash *child, const struct hash *by,
                          struct hash *ret_record);
/* The contact record `id` into `ret_contact`, whose lists live in `a`. */
int stated_contacts_read(struct txn *t, const struct hash *id, struct arena *a,
                         struct payload_contact *ret_contact, struct err *e);
/* What `p` says of `child`; NULL: nothing. Of several entries the first counts. */
const struct contact_entry *stated_contacts_entry(const struct payload_contact *p,
                                                  const struct hash *child);

/* For `check`: whether all that `r`, a contact record whose payload is `p`, says is entered; and
 * whether the row `key` → `row` follows from a record that is held, which is `ret_record`. */
bool stated_contacts_noted(struct txn *t, const struct record *r, const struct payload_contact *p);
bool stated_contacts_follows(struct txn *t, struct slice key, struct slice row,
                             struct hash *ret_record);

#endif
