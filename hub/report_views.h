/*
 * Report views: the reports that came here, with what the hubs above their authors said of them, as
 * proto/json_node prints them.
 */
#ifndef HUB_REPORT_VIEWS_H
#define HUB_REPORT_VIEWS_H

#include "core/world.h"
#include "node/actor.h"
#include "proto/json_node.h"

struct report_views {
    struct arena arena; /* every text below lives here */
    uint32_t n;
    struct report_view *list; /* in the order in which they came */
};

/* Every report that `t` holds, reasons worded for `w`; report_views_done frees `ret_views`. */
int report_views_load(struct actor *a, struct txn *t, const struct world *w,
                      struct report_views *ret_views, struct err *e);
/* Only the report `r`. */
int report_views_one(struct actor *a, struct txn *t, const struct world *w, const struct record *r,
                     struct report_views *ret_views, struct err *e);
void report_views_done(struct report_views *v);

#endif
