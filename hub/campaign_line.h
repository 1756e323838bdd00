/*
 * Lines of a campaign file: where the thing stands that a key path names, for mistakes that come to
 * light only when the file is read already.
 */
#ifndef HUB_CAMPAIGN_LINE_H
#define HUB_CAMPAIGN_LINE_H

#include "core/bytes.h"

/*
 * The line in the YAML file `text` at which the thing called `path` stands, as checks call it:
 * `reports[2].due`, with or without the key of the whole file in front. Where its end is not there,
 * the line of what is; 0 where not even the beginning is, or `path` is no key path.
 */
unsigned campaign_line(struct slice text, const char *path);

#endif
