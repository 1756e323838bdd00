#include "hub/listing.h"

#include <assert.h>

static int print_json(struct verb_call *call, listing_rows rows, void *arg, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    json_begin_list(j, NULL);
    rc = rows(arg, NULL, j, e);
    json_end(j);
    if (rc == 0)
        rc = json_print(j, &call->out, e);
    json_free(j);
    if (rc == 0)
        buf_put_u8(&call->out, '\n');
    return rc;
}

static int print_table(struct verb_call *call, const struct table_column *columns, size_t n,
                       listing_rows rows, void *arg, struct err *e) {
    struct table_column shown[LISTING_COLUMNS_MAX];
    struct table *t;
    assert(n <= LISTING_COLUMNS_MAX);
    for (size_t i = 0; i < n; i++)
        shown[i] = (struct table_column){world_tr(call->world, columns[i].title), columns[i].flags};
    int rc = table_new(shown, n, &t, e);
    if (rc != 0)
        return rc;
    rc = rows(arg, t, NULL, e);
    if (rc == 0)
        rc = table_render(t, 0, &call->out, e);
    table_free(t);
    return rc;
}

int listing_print(struct verb_call *call, const struct table_column *columns, size_t n,
                  listing_rows rows, void *arg, struct err *e) {
    return call->json ? print_json(call, rows, arg, e)
                      : print_table(call, columns, n, rows, arg, e);
}
