/*
 * Where a bundle is written to.
 */
#ifndef NODE_BUNDLE_FILE_H
#define NODE_BUNDLE_FILE_H

#include "core/err.h"

#include <stdbool.h>

/*
 * Whether a bundle may be written to `path`; into `ret_there` whether one lies there, which it then
 * replaces. ERR_REFUSED where something else does.
 */
int bundle_file_may(const char *path, bool *ret_there, struct err *e);

#endif
