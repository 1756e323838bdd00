/*
 * What hubs below the root state of campaigns has a share for each hub and each branch: what is
 * beyond says nothing.
 */
#ifndef AUDIT_FOLD_SHARES_H
#define AUDIT_FOLD_SHARES_H

#include "audit/ledger.h"

/* Mark what is beyond in `l`, after ledger_trust and ledger_chains. ERR_NOMEM. */
int fold_shares(struct ledger *l, struct err *e);

#endif
