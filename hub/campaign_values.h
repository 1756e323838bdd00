/*
 * Single values of a campaign file, from the text that people wrote: dates, numbers, unit codes.
 *
 * A reader keeps the place (a key path, lists counted from 1) for its messages. Its error is
 * sticky: after the first one every call gives an empty value.
 */
#ifndef HUB_CAMPAIGN_VALUES_H
#define HUB_CAMPAIGN_VALUES_H

#include "core/campaign.h"
#include "proto/arena.h"

struct campaign_values {
    const char *name;                                                   /* of the file */
    bool (*resolve)(void *arg, const char *code, struct uid *ret_unit); /* may be NULL */
    void *arg;
    struct arena arena; /* holds what is made along the way */
    struct err *e;
    int rc;
    char at[96];
};

/* From now on keys are looked up in the thing at `at` (printf). */
void campaign_values_enter(struct campaign_values *v, const char *at, ...)
    __attribute__((format(printf, 2, 3)));

/* `n` zeroed things of `size` bytes; NULL after an error or when `n` is 0. */
void *campaign_values_many(struct campaign_values *v, uint32_t n, size_t size);

/* In all of these `key` names the place and a NULL or empty `text` means: not given. */

/* A day; DAY_NONE where not given. */
day campaign_values_day(struct campaign_values *v, const char *key, const char *text);
/* `30/10`, a day of every year. */
void campaign_values_day_of_year(struct campaign_values *v, const char *key, const char *text,
                                 int32_t *ret_month, int32_t *ret_day);
/* A whole number from `min` to `max`; `none` where not given. */
int32_t campaign_values_whole(struct campaign_values *v, const char *key, const char *text,
                              int32_t min, int32_t max, int32_t none);
/* `8,5` or `8.5` in hundredths, magnitude up to LIMIT_SCORE; `none` where not given. */
score campaign_values_hundredths(struct campaign_values *v, const char *key, const char *text,
                                 score none);
/* The units called `codes`, all of which must exist. */
struct uid *campaign_values_units(struct campaign_values *v, const char *key, char *const *codes,
                                  uint32_t n);
/* The key path of `key` (may be empty) in the thing entered, in `out`. */
const char *campaign_values_place(const struct campaign_values *v, const char *key,
                                  char out[ERR_ARG_BYTES]);

#endif
