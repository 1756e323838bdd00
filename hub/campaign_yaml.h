/*
 * YAML of a campaign file into the plain structs of hub/campaign_schema.h, and libcyaml's errors
 * into ours: file, line, key path, and what was expected there.
 */
#ifndef HUB_CAMPAIGN_YAML_H
#define HUB_CAMPAIGN_YAML_H

#include "core/bytes.h"
#include "core/err.h"

struct raw_file;

/*
 * Read `text`, called `name` in messages, into `ret_file` (campaign_yaml_free). Unicode is brought
 * into NFC first. ERR_REFUSED: over LIMIT_YAML_BYTES, not UTF-8, tabs, several documents, bad YAML,
 * an unknown, missing or repeated key, a word that is none of those allowed, a bound passed.
 */
int campaign_yaml_read(struct slice text, const char *name, struct raw_file **ret_file,
                       struct err *e);
void campaign_yaml_free(struct raw_file *file);

#endif
