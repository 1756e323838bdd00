/*
 * Issuing: a campaign or scoring profile from a file, checked against what is held, as it will be
 * stated. Either of the two may come first; what the other one still lacks is said.
 */
#ifndef HUB_ISSUE_H
#define HUB_ISSUE_H

#include "core/world.h"
#include "hub/campaign_file.h"
#include "node/actor.h"

/*
 * Make `file` ready to be stated by the hub `a`: find the parents' records, check the version
 * against the latest held, the criteria with the inherited ones, and profile and campaign against
 * each other. What may stay as it is but should be known goes into `words`, in the language of `w`.
 */
int issue_prepare(struct actor *a, struct campaign_file *file, const struct world *w,
                  struct buf *words, struct err *e);

#endif
