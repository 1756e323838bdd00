#include "tests/unit/node_world.h"

#include "node/check.h"
#include "proto/bundle.h"
#include "store/key.h"
#include "tests/unit/mem_unmet.h"

#include <fcntl.h>

/* Change the node's store behind its back. */
static void tamper(struct node_world *w, void (*how)(struct node_world *, struct txn *)) {
    struct db *db;
    struct txn *t;
    assert_int_equal(db_open(w->node_dir, false, NULL, &db, &w->e), 0);
    assert_int_equal(txn_begin(db, true, &t, &w->e), 0);
    how(w, t);
    assert_int_equal(txn_commit(t, &w->e), 0);
    db_close(db);
}

/* The first key of `table` and its value, copied. */
static struct key first_key(struct txn *t, enum store_table table, struct buf *ret_value) {
    struct walk walk;
    struct slice k, v;
    struct key copy = {.n = 0};
    walk_init(&walk, t, table, slice_of(NULL, 0));
    assert_true(walk_next(&walk, &k, &v));
    key_put(&copy, k.data, k.len);
    if (ret_value)
        buf_put(ret_value, v.data, v.len);
    walk_done(&walk);
    return copy;
}

static void drop_first(struct txn *t, enum store_table table) {
    struct key k = first_key(t, table, NULL);
    txn_delete(t, table, key_slice(&k));
}

static void drop_log(struct node_world *w, struct txn *t) {
    (void)w;
    drop_first(t, TABLE_LOG);
}

static void drop_kind(struct node_world *w, struct txn *t) {
    (void)w;
    drop_first(t, TABLE_KINDS);
}

static void drop_lane(struct node_world *w, struct txn *t) {
    (void)w;
    drop_first(t, TABLE_LANES);
}

static void drop_record(struct node_world *w, struct txn *t) {
    (void)w;
    drop_first(t, TABLE_RECORDS);
}

static void drop_stream(struct node_world *w, struct txn *t) {
    (void)w;
    drop_first(t, TABLE_STREAMS);
}

static void drop_queued(struct node_world *w, struct txn *t) {
    (void)w;
    drop_first(t, TABLE_QUEUED);
}

static void drop_receipt(struct node_world *w, struct txn *t) {
    (void)w;
    drop_first(t, TABLE_RECEIPTS);
}

static void better_receipt(struct node_world *w, struct txn *t) {
    struct buf v;
    buf_init(&v);
    struct key k = first_key(t, TABLE_RECEIPTS, &v);
    v.data[HASH_BYTES + 7] ^= 1; /* received a millisecond earlier or later */
    txn_put(t, TABLE_RECEIPTS, key_slice(&k), buf_slice(&v));
    buf_done(&v);
    (void)w;
}

static void flip_record(struct node_world *w, struct txn *t) {
    struct buf v;
    buf_init(&v);
    struct key k = first_key(t, TABLE_RECORDS, &v);
    v.data[v.len - 1] ^= 1;
    txn_put(t, TABLE_RECORDS, key_slice(&k), buf_slice(&v));
    buf_done(&v);
    (void)w;
}

/* Another record's bytes under this id. */
static void swap_record(struct node_world *w, struct txn *t) {
    struct buf first, second;
    struct walk walk;
    struct slice k, v;
    buf_init(&first);
    buf_init(&second);
    struct key key = first_key(t, TABLE_RECORDS, &first);
    walk_init(&walk, t, TABLE_RECORDS, slice_of(NULL, 0));
    assert_true(walk_next(&walk, &k, &v) && walk_next(&walk, &k, &v));
    buf_put(&second, v.data, v.len);
    walk_done(&walk);
    txn_put(t, TABLE_RECORDS, key_slice(&key), buf_slice(&second));
    buf_done(&first);
    buf_done(&second);
    (void)w;
}

static void drop_name(struct node_world *w, struct txn *t) {
    struct hash none = {{1}};
    struct key k = first_key(t, TABLE_NAMES, NULL);
    txn_put(t, TABLE_NAMES, key_slice(&k), slice_of(none.b, HASH_BYTES));
    (void)w;
}

static void a_sound_store_has_no_findings(void **state) {
    struct node_world *w = *state;
    nw_fill(w);
    nw_ok(w, "submit");
    nw_sync(w);
    nw_ok(w, "check");
    assert_non_null(strstr(nw_out(w), ", 0 findings"));
    nw_ok(w, "check --json");
    assert_non_null(strstr(nw_out(w), "\"findings\":0,\"problems\":[]}"));
}

static void every_damage_is_found_and_named(void **state) {
    static const struct {
        const char *name;
        void (*how)(struct node_world *, struct txn *);
        const char *want;
    } cases[] = {
        {"no log row", drop_log, "the log jumps to 2"},
        {"no kind row", drop_kind, "not found by its kind"},
        {"no lane row", drop_lane, "not found in its author's lane"},
        {"no record", drop_record, "not among the records"},
        {"no stream row", drop_stream, "should be on a stream"},
        {"no queued row", drop_queued, "but is not found there"},
        {"no receipt row", drop_receipt, "its receipt is held, but not noted"},
        {"another receipt", better_receipt, "not what the hub signed"},
        {"a flipped bit", flip_record, "the bytes are no record any more"},
        {"another record", swap_record, "the bytes are another record"},
        {"a lost name", drop_name, "the name of a subject"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct node_world *w = *state;
        nw_fill(w);
        nw_ok(w, "submit");
        nw_sync(w);
        tamper(w, cases[i].how);
        int status = nw_run(w, "check");
        if (status != 1 || !strstr(nw_out(w), cases[i].want))
            fail_msg("%s: exit %d, %s\n%s", cases[i].name, status, w->text, nw_out(w));
        nw_teardown(state);
        nw_setup(state);
    }
}

static void flip_report(struct node_world *w, struct txn *t) {
    struct log_walk walk;
    struct hash id = {{0}};
    struct slice v;
    struct buf bytes;
    log_walk_init(&walk, t, KIND_REPORT, 0);
    assert_true(log_walk_next(&walk, NULL, &id));
    log_walk_done(&walk);
    buf_init(&bytes);
    assert_true(txn_get(t, TABLE_RECORDS, slice_of(id.b, HASH_BYTES), &v));
    buf_put(&bytes, v.data, v.len);
    bytes.data[bytes.len - 1] ^= 1;
    txn_put(t, TABLE_RECORDS, slice_of(id.b, HASH_BYTES), buf_slice(&bytes));
    buf_done(&bytes);
    (void)w;
}

/* The receipt of it is read all the same, and what comes behind. */
static void a_report_that_is_damaged_does_not_end_the_walk(void **state) {
    struct node_world *w = *state;
    nw_fill(w);
    nw_ok(w, "submit");
    nw_sync(w);
    tamper(w, flip_report);
    assert_int_equal(nw_run(w, "check"), 1);
    assert_non_null(strstr(nw_out(w), "the bytes are no record any more"));
    assert_null(strstr(nw_out(w), "ended the walk early"));
}

/* Pages overwritten where LMDB trusts them: whatever happens, this process goes on. */
static void damaged_pages_end_no_program(void **state) {
    struct node_world *w = *state;
    char path[160];
    uint8_t noise[4096];
    unsigned found = 0, killed = 0;
    nw_fill(w);
    nw_ok(w, "submit");
    (void)snprintf(path, sizeof path, "%s/data.mdb", w->node_dir);
    memset(noise, 0xa5, sizeof noise);
    for (unsigned page = 2; page < 40; page++) {
        int fd = open(path, O_RDWR);
        uint8_t before[4096];
        if (pread(fd, before, sizeof before, (off_t)page * 4096) != sizeof before) {
            close(fd);
            break;
        }
        assert_int_equal(pwrite(fd, noise, sizeof noise, (off_t)page * 4096), sizeof noise);
        int status = nw_run(w, "check");
        assert_true(status == 0 || status == 1); /* a page may be free */
        found += status == 1;
        killed += strstr(nw_out(w), "ended by signal") != NULL;
        assert_int_equal(pwrite(fd, before, sizeof before, (off_t)page * 4096), sizeof before);
        close(fd);
    }
    assert_true(found > 0);
    print_message("%u damaged pages found, %u by a signal\n", found, killed);
    nw_ok(w, "check");
}

/* The walk over the store in `dir`, whose allocation `n` fails: whether it came to that. */
static bool check_without(struct node_world *w, const char *dir, enum role role, long n) {
    struct findings f = {.world = &w->world};
    struct actor a;
    struct txn *t;
    struct err e = {0};
    assert_int_equal(actor_open(dir, role, NULL, NULL, &a, &w->e), 0);
    assert_int_equal(actor_begin(&a, false, &t, &w->e), 0);
    mem_fail_at(n);
    int rc = check_here(&a, t, NULL, &f, &e);
    bool unmet = mem_unmet(n);
    actor_abort(&a, t);
    actor_close(&a);
    assert_int_equal(rc, unmet ? 0 : ERR_NOMEM);
    assert_true(f.total == 0 || rc != 0);
    check_findings_done(&f);
    return unmet;
}

/* What cannot be read for lack of memory is not damaged. */
static void a_store_is_not_accused_of_what_memory_lacks(void **state) {
    struct node_world *w = *state;
    long n = 0;
    nw_fill(w);
    nw_ok(w, "submit");
    nw_sync(w);
    actor_close(&w->hub);
    while (!check_without(w, w->node_dir, ROLE_NODE, n))
        n++;
    print_message("%ld allocations\n", n);
    assert_true(n > 5);
    for (n = 0; !check_without(w, w->hub_dir, ROLE_HUB, n); n++)
        ;
    print_message("%ld allocations\n", n);
    assert_true(n > 5);
    assert_int_equal(actor_open(w->hub_dir, ROLE_HUB, NULL, NULL, &w->hub, &w->e), 0);
}

static void a_bundle_holds_everything_in_an_order_that_can_be_taken(void **state) {
    struct node_world *w = *state;
    struct buf file;
    struct bundle_reader reader;
    struct bundle_end end;
    struct slice bytes;
    struct arena arena;
    struct record r;
    struct actor node;
    uint16_t kinds[64] = {0};
    uint32_t n = 0;
    nw_fill(w);
    nw_ok(w, "submit");
    nw_sync(w);
    assert_int_equal(unlink(w->file), 0); /* nothing but a bundle is replaced */
    nw_ok(w, "bundle export @");
    buf_init(&file);
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    assert_int_equal(host_read_file(w->file, LIMIT_CSV_BYTES, &file, &w->e), 0);
    assert_int_equal(bundle_reader_init(buf_slice(&file), &reader, &w->e), 0);
    while (n < COUNT(kinds) && bundle_reader_next(&reader, &bytes, NULL) == 0) {
        assert_int_equal(record_parse(bytes, &r, &w->e), 0);
        kinds[n++] = r.h.kind;
    }
    assert_int_equal(kinds[0], KIND_JOIN);
    assert_int_equal(kinds[1], KIND_GENESIS);
    assert_int_equal(kinds[n - 1], KIND_RECEIPT);
    assert_int_equal(bundle_reader_end(&reader, &arena, &end, &w->e), 0);
    assert_int_equal(actor_open(w->node_dir, ROLE_NODE, NULL, NULL, &node, &w->e), 0);
    assert_true(bundle_end_verify(&end, key_pair_public(node.sign)));
    actor_close(&node);
    arena_done(&arena);
    buf_done(&file);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nw_setup, nw_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_sound_store_has_no_findings),
        TEST(every_damage_is_found_and_named),
        TEST(a_report_that_is_damaged_does_not_end_the_walk),
        TEST(damaged_pages_end_no_program),
        TEST(a_store_is_not_accused_of_what_memory_lacks),
        TEST(a_bundle_holds_everything_in_an_order_that_can_be_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
