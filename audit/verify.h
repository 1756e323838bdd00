/*
 * Verification of one bundle, from bytes to findings: the file, the signatures, the lanes, the
 * rights, the receipts and what they say. Nothing is asked of a clock or of a disk.
 */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include "audit/fold.h"
#include "audit/reboard.h"

struct verify {
    struct findings findings;
    struct findings warnings; /* what does not fit together and may yet be honest */
    struct ledger ledger;
    struct fold fold;
    struct arena arena;            /* of the trailer */
    bool has_trailer;              /* it is whole, and it is of the exporter */
    struct bundle_end end;         /* with has_trailer */
    struct recontact_home home;    /* with has_trailer */
    const struct member *exporter; /* who made it; NULL: nobody known here */
};

/*
 * Verify `file` against the fingerprint `root`, telling `world` (NULL: nobody) how far, into
 * `ret_verify`, which verify_done ends whatever is returned and which points into `file`. What is
 * off in the bundle is in its findings; below zero only without memory.
 */
int verify_bundle(struct slice file, const struct hash *root, const struct world *world,
                  struct verify *ret_verify, struct err *e);
void verify_done(struct verify *v);

#endif
