/* The verbs of thidua-node that need no socket, one a file. */
#ifndef NODE_VERBS_H
#define NODE_VERBS_H

#include "core/verb.h"

#endif
