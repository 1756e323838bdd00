/* The verbs of thidua-hub that need no socket, one a file. */
#ifndef HUB_VERBS_H
#define HUB_VERBS_H

#include "core/verb.h"

extern const struct verb hub_verb_init;
extern const struct verb hub_verb_enrol;

#endif
