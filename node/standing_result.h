/*
 * What a ranking shows, put together: its head, and a row, whether it was computed or looked up.
 */
#ifndef NODE_STANDING_RESULT_H
#define NODE_STANDING_RESULT_H

#include "core/result.h"
#include "node/standing_group.h"

/* Put all but rows, exclusions and quotas into `r`; whoever frees that uses ranking_done, also
 * after a failure. */
int standing_head_put(struct actor *a, const struct standing_choice *choice,
                      const struct standing_group *group, const struct standing_asked *asked,
                      struct ranking *r, struct err *e);

/* One row but for its name. All is copied except the label of the grade. */
struct standing_shown {
    uint32_t rank;
    bool tied, on_time;
    const struct unit_fact *unit;
    const char *code, *class_id;
    int32_t total, max;
    const struct grade *grade; /* NULL: none */
    uint32_t n_keys;
    const int64_t *keys; /* what the comparators compare; none: NULL */
    uint32_t older_profile, older_version, revision;
    struct hash report;
};
int standing_row_put(const struct standing_shown *s, struct rank_row *row, struct err *e);
/* One more who is not ranked, in `r`. */
int standing_excluded_put(struct ranking *r, const char *unit, const char *subject, const char *why,
                          struct err *e);

#endif
