/*
 * One sound payload of every kind that has a codec, and a hub that stated one of each that hubs
 * state.
 */
#ifndef TESTS_FIXTURE_KINDS_H
#define TESTS_FIXTURE_KINDS_H

#include "tests/unit/fixture_hub.h"

/*
 * A payload of `kind` into `out`, which is made: stated by `h` or its child `a`, about `about` (a
 * subject list for a report, a report for a withdrawal, any record else). False: no codec knows the
 * kind.
 */
bool fixture_kind_payload(const struct fixture_hub *h, const struct fixture_author *a,
                          uint16_t kind, const struct hash *about, struct buf *out);

/* Let the hub state one record of each kind that hubs state and `h` has none of yet, those about
 * `a` in its lane; the last one revokes `a`. */
void fixture_kinds_by_hub(struct fixture_hub *h, const struct fixture_author *a,
                          const struct hash *about);

/* The next records of `a`: its story, a name, a withdrawal, and a kind that nobody knows; 7. */
#define FIXTURE_KINDS_BY_NODE 7
void fixture_kinds_by_node(const struct fixture_hub *h, struct fixture_author *a,
                           struct buf out[FIXTURE_KINDS_BY_NODE]);

#endif
