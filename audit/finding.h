/*
 * Findings: everything that is off in a bundle, each with the record or the part of the file that
 * it is about. The auditor goes on after a finding, so that one reading tells all of them.
 */
#ifndef AUDIT_FINDING_H
#define AUDIT_FINDING_H

#include "core/err.h"
#include "core/id.h"

#include <stddef.h>

#define FINDINGS_KEPT 1000u /* of these the text is kept; further ones are only counted */

struct finding {
    struct hash record; /* zero: about the file, or about bytes that are too few for a record */
    uint64_t entry;     /* its number in the file, where it cannot be read; else 0 */
    size_t at;          /* with `entry`: the byte at which it begins */
    struct err what;
};

/* All zero is empty. */
struct findings {
    uint64_t total;
    uint32_t n;
    struct finding *list;
    bool failed;        /* out of memory: what is kept is not all */
    struct err ignored; /* takes the text of those that are not kept */
};

void findings_done(struct findings *f);

/*
 * Count one more finding in `f`, about `record` (NULL: the file), and give the place for its text:
 * `err_set(findings_at(…), ERR_CORRUPT, "…", …)`.
 */
struct err *findings_at(struct findings *f, const struct hash *record);
/* The same about entry number `entry`, whose bytes, from byte `at` of the file on, are no record.
 */
struct err *findings_at_entry(struct findings *f, const struct hash *record, uint64_t entry,
                              size_t at);

#endif
