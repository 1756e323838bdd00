/*
 * Labels: texts that a campaign has in both languages, as the reader of a program gets them.
 */
#ifndef NODE_SHOW_LABEL_H
#define NODE_SHOW_LABEL_H

#include "core/campaign.h"
#include "core/world.h"

/* `l` in the language of `w`, else in the other one; never NULL. */
const char *show_label(const struct world *w, const struct label *l);

#endif
