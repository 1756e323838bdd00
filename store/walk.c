/* Walks through tables in the order of their keys. */
#include "store/db.h"
#include "store/db_inside.h"

#include <assert.h>
#include <string.h>

void walk_init_from(struct walk *w, struct txn *t, enum store_table table, struct slice prefix,
                    struct slice from) {
    *w = (struct walk){.t = t, .table = table, .prefix = prefix, .start = from};
    if (t->err.code != 0)
        return;
    MDB_cursor *c = t->at_rest[table];
    t->at_rest[table] = NULL;
    int rc = c ? 0 : mdb_cursor_open(t->mdb, t->db->dbi[table], &c);
    if (rc != 0)
        db_translate(&t->err, rc, db_table_name(table));
    w->cursor = c;
}

void walk_init(struct walk *w, struct txn *t, enum store_table table, struct slice prefix) {
    walk_init_from(w, t, table, prefix, prefix);
}

static bool has_prefix(struct slice key, struct slice prefix) {
    return key.len >= prefix.len &&
           (prefix.len == 0 || memcmp(key.data, prefix.data, prefix.len) == 0);
}

/* Give out the row at `k` and `v`, which is in place; false: it is not as it was written. */
static inline bool give(struct txn *t, enum store_table table, const MDB_val *k, const MDB_val *v,
                        struct slice *ret_key, struct slice *ret_value) {
    struct slice key = slice_val(*k), value = slice_val(*v);
    if (rows_checked(table) && !row_open(table, key, &value)) {
        if (!table_disposable(table))
            rows_damaged(&t->err, table);
        return false;
    }
    if (ret_key)
        *ret_key = key;
    if (ret_value)
        *ret_value = value;
    return true;
}

bool walk_next(struct walk *w, struct slice *ret_key, struct slice *ret_value) {
    if (!w->cursor || w->t->err.code != 0)
        return false;
    MDB_val k = val_of(w->start), v;
    MDB_cursor_op op = w->begun ? MDB_NEXT : w->start.len > 0 ? MDB_SET_RANGE : MDB_FIRST;
    int rc = mdb_cursor_get(w->cursor, &k, &v, op);
    w->begun = true;
    if (rc != 0 && rc != MDB_NOTFOUND)
        db_translate(&w->t->err, rc, "walk");
    if (rc != 0 || !has_prefix(slice_val(k), w->prefix))
        return false;
    return give(w->t, w->table, &k, &v, ret_key, ret_value);
}

void walk_done(struct walk *w) {
    if (!w->cursor)
        return;
    drop_cursor(w->t, w->table);
    w->t->at_rest[w->table] = w->cursor;
    w->cursor = NULL;
}

/* The smallest key after every key that starts with `prefix`, into `out`; its length, 0: none. */
static size_t after_prefix(struct slice prefix, uint8_t out[512]) {
    assert(prefix.len <= 512);
    size_t n = prefix.len;
    if (n > 0)
        memcpy(out, prefix.data, n);
    while (n > 0 && out[n - 1] == 0xff)
        n--;
    if (n > 0)
        out[n - 1]++;
    return n;
}

/* To the row before the one that was found, or, where none was, to the last; `found` is what LMDB
 * said, and what else it said stays. */
static int go_before(MDB_cursor *c, int found, MDB_val *k, MDB_val *v) {
    if (found != 0 && found != MDB_NOTFOUND)
        return found;
    return mdb_cursor_get(c, k, v, found == 0 ? MDB_PREV : MDB_LAST);
}

static inline bool find_last(struct txn *t, enum store_table table, struct slice prefix,
                             struct slice *ret_key, struct slice *ret_value,
                             struct slice *ret_next) {
    uint8_t bound[512];
    size_t n = after_prefix(prefix, bound);
    struct walk w;
    walk_init(&w, t, table, prefix);
    bool found = false;
    if (w.cursor) {
        MDB_val k = {n, bound}, v;
        int rc = n > 0 ? mdb_cursor_get(w.cursor, &k, &v, MDB_SET_RANGE) : MDB_NOTFOUND;
        if (ret_next && rc == 0)
            *ret_next = slice_val(k);
        rc = go_before(w.cursor, rc, &k, &v);
        if (rc != 0 && rc != MDB_NOTFOUND)
            db_translate(&t->err, rc, db_table_name(table));
        found = rc == 0 && has_prefix(slice_val(k), prefix) &&
                give(t, table, &k, &v, ret_key, ret_value);
    }
    walk_done(&w);
    return found;
}

bool walk_last(struct txn *t, enum store_table table, struct slice prefix, struct slice *ret_key,
               struct slice *ret_value) {
    return find_last(t, table, prefix, ret_key, ret_value, NULL);
}

bool walk_last_and_next(struct txn *t, enum store_table table, struct slice prefix,
                        struct slice *ret_key, struct slice *ret_value, struct slice *ret_next) {
    return find_last(t, table, prefix, ret_key, ret_value, ret_next);
}

bool txn_get_before(struct txn *t, enum store_table table, struct slice prefix, struct slice key,
                    struct slice *ret_key, struct slice *ret_value) {
    struct walk w;
    walk_init(&w, t, table, prefix);
    bool found = false;
    if (w.cursor) {
        MDB_val k = val_of(key), v;
        int rc = mdb_cursor_get(w.cursor, &k, &v, MDB_SET_RANGE);
        if (rc != 0 || !slice_equal(slice_val(k), key))
            rc = go_before(w.cursor, rc, &k, &v);
        if (rc != 0 && rc != MDB_NOTFOUND)
            db_translate(&t->err, rc, db_table_name(table));
        found = rc == 0 && has_prefix(slice_val(k), prefix) &&
                give(t, table, &k, &v, ret_key, ret_value);
    }
    walk_done(&w);
    return found;
}
