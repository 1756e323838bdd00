/*
 * Campaign files: YAML that people write (ops/campaigns/README.md) into a campaign or a scoring
 * profile as it is issued. Units stand in a file by code and are looked up here; parents stand by
 * id and get their record when the campaign is issued.
 */
#ifndef HUB_CAMPAIGN_FILE_H
#define HUB_CAMPAIGN_FILE_H

#include "core/bytes.h"
#include "core/profile.h"

struct campaign_file {
    bool is_profile;
    struct campaign campaign; /* where not is_profile */
    struct profile profile;   /* where is_profile */
};

/* Fill `ret_unit` with the unit that is called `code`; false if there is none. */
typedef bool campaign_file_resolve(void *arg, const char *code, struct uid *ret_unit);

/*
 * Read `text`, called `name` in messages, into `ret_file` (campaign_file_done). `resolve(arg, …)`
 * finds units; it may be NULL for a file that names none. What comes out has passed
 * campaign_encode or profile_encode. ERR_REFUSED says where and what was expected.
 */
int campaign_file_read(struct slice text, const char *name, campaign_file_resolve *resolve,
                       void *arg, struct campaign_file *ret_file, struct err *e);

/* The same from the file at `path`; ERR_IO if it cannot be read. */
int campaign_file_load(const char *path, campaign_file_resolve *resolve, void *arg,
                       struct campaign_file *ret_file, struct err *e);

void campaign_file_done(struct campaign_file *file);

#endif
