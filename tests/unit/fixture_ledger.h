/*
 * What the auditor makes of a bundle, for tests that also have what the product makes of the same
 * records: both have a `struct member` of their own.
 */
#ifndef TESTS_FIXTURE_LEDGER_H
#define TESTS_FIXTURE_LEDGER_H

#include "core/bytes.h"
#include "core/id.h"

struct fixture_ledger; /* opaque */

/* Of the bundle `file`, which must outlive it, by the fingerprint `root`. */
struct fixture_ledger *fixture_ledger_new(const struct buf *file, const struct hash *root);
void fixture_ledger_free(struct fixture_ledger *l);

/* Whether `actor` is a member in `epoch`, and what enrolled it stands; which record that is. */
bool fixture_ledger_member(const struct fixture_ledger *l, const struct hash *actor, uint32_t epoch,
                           struct hash *ret_record, bool *ret_ended);
/* Whether the record counts: it is of a member, and of what stands of that. */
bool fixture_ledger_counts(const struct fixture_ledger *l, const struct hash *record);
/* How many findings there are about `record` (NULL: in all). */
uint32_t fixture_ledger_findings(const struct fixture_ledger *l, const struct hash *record);

#endif
