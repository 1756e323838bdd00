#include "node/draft.h"
#include "tests/unit/mem_unmet.h"
#include "tests/unit/node_world.h"

static void what_is_recorded_is_there_after_the_program_ended(void **state) {
    struct node_world *w = *state;
    nw_people(w);
    nw_ok(w, "record --subject DU --criterion C1.1 --score 8,5 --note vì_sao");
    nw_ok(w, "score --json");
    assert_non_null(strstr(nw_out(w), "\"subject\":\"DU\",\"name\":\"Đảng ủy\",\"kind\":"
                                      "\"collective\",\"class\":\"đảng\",\"score\":\"8.50\","
                                      "\"max\":\"20.00\",\"share\":\"42.50\""));
    assert_non_null(strstr(nw_out(w), "\"empty\":[\"C1.2\"]"));
    nw_ok(w, "record --subject DU --criterion C1.1 --value=");
    nw_ok(w, "score --json");
    assert_non_null(strstr(nw_out(w), "\"empty\":[\"C1.1\",\"C1.2\"]"));
}

static void a_value_that_may_not_stand_there_is_refused_and_says_why(void **state) {
    static const struct {
        const char *name, *line, *want;
    } cases[] = {
        {"too many points", "record --subject DU --criterion C1.1 --score 10,5", "0 to 10"},
        {"points for met", "record --subject BT --criterion I1.1 --score 3", "met"},
        {"met for points", "record --subject DU --criterion C1.1 --met", "points"},
        {"does not apply", "record --subject 007 --criterion I1.2 --met",
         "it is asked of leaders only"},
        {"na without a note", "record --subject BT --criterion I1.1 --na", "give it with --note"},
        {"a node of the tree", "record --subject DU --criterion C1 --met", "each criterion below"},
        {"no such criterion", "record --subject DU --criterion C9 --met", "has no criterion C9"},
        {"no such subject", "record --subject XX --criterion C1.1 --met", "no subject XX"},
        {"an eaten zero", "record --subject 7 --criterion I1.1 --met", "is it 007"},
        {"no such period", "record --period 2024 --subject DU --criterion C1.1 --met",
         "has no period 2024"},
        {"no such campaign", "record --campaign x --subject DU --criterion C1.1 --met",
         "unknown campaign x"},
        {"not our unit", "record --unit 31714 --subject DU --criterion C1.1 --met",
         "no unit that this office reports for"},
    };
    struct node_world *w = *state;
    nw_people(w);
    for (size_t i = 0; i < COUNT(cases); i++) {
        nw_refused(w, cases[i].line, cases[i].want);
    }
    nw_ok(w, "score --json");
    assert_non_null(strstr(nw_out(w), "\"complete\":false,\"empty\":7,"));
}

static void a_hamlet_without_a_machine_has_its_own_sheet(void **state) {
    struct node_world *w = *state;
    nw_ok(w, "record --unit AP1 --subject AP1 --criterion C1.1 --score 3");
    nw_ok(w, "score --unit AP1 --json");
    assert_non_null(strstr(nw_out(w), "\"unit\":\"AP1\""));
    assert_non_null(strstr(nw_out(w), "\"score\":\"3.00\""));
    nw_ok(w, "score --json");
    assert_null(strstr(nw_out(w), "\"score\":\"3.00\""));
}

/* A campaign that asks only hamlets is no choice for a commune, nor the other way round. */
static void a_campaign_goes_without_saying_where_only_one_asks_the_unit(void **state) {
    static const char hamlets[] =
        "campaign:\n  id: thon-ap\n  version: 1\n  title: {vi: Thôn ấp, en: Hamlets}\n"
        "  issuer: Tỉnh\n"
        "  periods:\n    - {id: \"2022\", begin: 01/01/2022, end: 31/12/2022}\n"
        "    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"
        "  reports:\n    - kind: annual\n      expected:\n        - levels: [hamlet]\n"
        "  criteria:\n    - {id: T1, about: collective, label: {vi: Văn minh}}\n";
    struct node_world *w = *state;
    nw_issue(w, hamlets);
    nw_sync(w);
    nw_ok(w, "record --subject 31633 --criterion C1.1 --score 3");
    nw_ok(w, "campaign show --json");
    assert_non_null(strstr(nw_out(w), "\"campaign\":\"thi-dua\""));
    nw_refused(w, "score --unit AP1", "thon-ap");
    nw_refused(w, "score --campaign thon-ap --unit AP1", "Give --period; there are: 2022 2023");
    nw_ok(w, "record --campaign thon-ap --period 2023 --unit AP1 --subject AP1 --criterion T1 "
             "--met");
    nw_ok(w, "campaign list --json");
    assert_non_null(strstr(nw_out(w), "\"campaign\":\"thon-ap\""));
}

/* The row of the one cell that was recorded. */
struct draft_row {
    uint8_t bytes[256]; /* its key, then its value */
    size_t key, all;
};

static void read_row(struct txn *t, struct draft_row *ret_row) {
    struct walk w;
    struct slice k, v = slice_of(NULL, 0);
    walk_init(&w, t, TABLE_DRAFTS, slice_of(NULL, 0));
    do
        assert_true(walk_next(&w, &k, &v));
    while (v.len <= 5); /* that the draft has begun */
    assert_true(k.len + v.len <= sizeof ret_row->bytes);
    memcpy(ret_row->bytes, k.data, k.len);
    memcpy(ret_row->bytes + k.len, v.data, v.len);
    ret_row->key = k.len;
    ret_row->all = k.len + v.len;
    walk_done(&w);
}

/* Let `bit` of `row` be another in `t`. */
static void flip(struct txn *t, const struct draft_row *row, size_t bit) {
    struct draft_row bad = *row;
    bad.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    txn_delete(t, TABLE_DRAFTS, slice_of(row->bytes, row->key));
    txn_put(t, TABLE_DRAFTS, slice_of(bad.bytes, bad.key),
            slice_of(bad.bytes + bad.key, bad.all - bad.key));
}

static struct db *open_office(struct node_world *w) {
    struct db *db;
    assert_int_equal(db_open(w->node_dir, false, NULL, &db, NULL), 0);
    return db;
}

/* Whether `check` finds one damaged sheet in `t`. */
static bool found_damaged(struct txn *t) {
    struct draft_checked c;
    draft_check(t, &c);
    return c.damaged_sheets == 1;
}

static void a_cell_of_which_any_bit_flips_damages_its_sheet(void **state) {
    struct node_world *w = *state;
    struct draft_row row;
    struct txn *t;
    nw_people(w);
    nw_ok(w, "record --subject DU --criterion C1.1 --score 8,5 --note vì_sao");
    struct db *db = open_office(w);
    assert_int_equal(txn_begin(db, false, &t, NULL), 0);
    read_row(t, &row);
    assert_false(found_damaged(t));
    txn_abort(t);
    for (size_t bit = 0; bit < 8 * row.all; bit++) {
        assert_int_equal(txn_begin(db, true, &t, NULL), 0);
        flip(t, &row, bit);
        bool found = found_damaged(t);
        txn_abort(t);
        if (!found)
            fail_msg("bit %zu of %zu", bit, 8 * row.all);
    }
    db_close(db);
}

/* Every row of table drafts in `t` as it is, but the first is gone. */
static void lose_first(struct txn *t) {
    struct draft_row row;
    read_row(t, &row);
    txn_delete(t, TABLE_DRAFTS, slice_of(row.bytes, row.key));
}

/* The first cell of table drafts in `t` is as it was in `row`. */
static void put_back(struct txn *t, const struct draft_row *row) {
    txn_put(t, TABLE_DRAFTS, slice_of(row->bytes, row->key),
            slice_of(row->bytes + row->key, row->all - row->key));
}

/* A sheet that is damaged is not shown, written or sealed, until it was written anew. */
static void assert_damaged_until_written_anew(struct node_world *w) {
    char line[512];
    nw_refused(w, "score --json", "not as they were written last");
    nw_refused(w, "record --subject DU --criterion C1.2 --score 3", "not as they were");
    nw_refused(w, "submit", "not as they were");
    nw_refused(w, "check", "1 findings");
    assert_non_null(strstr(nw_out(w), "look over every value"));
    (void)snprintf(line, sizeof line, "template %s/damaged.csv", w->dir);
    nw_ok(w, line);
    assert_non_null(strstr(nw_words(w), "older than the last"));
    (void)snprintf(line, sizeof line, "import %s/damaged.csv", w->dir);
    nw_ok(w, line);
    assert_non_null(strstr(nw_words(w), "and nothing else"));
    nw_ok(w, "check");
    nw_ok(w, "record --subject DU --criterion C1.1 --score 8,5");
    nw_ok(w, "score --json");
    assert_non_null(strstr(nw_out(w), "\"empty\":[\"C1.2\"]"));
}

static void a_sheet_that_lost_a_value_says_so(void **state) {
    struct node_world *w = *state;
    struct txn *t;
    nw_people(w);
    nw_ok(w, "record --subject DU --criterion C1.1 --score 8,5 --note vì_sao");
    struct db *db = open_office(w);
    assert_int_equal(txn_begin(db, true, &t, NULL), 0);
    lose_first(t);
    assert_int_equal(txn_commit(t, NULL), 0);
    db_close(db);
    assert_damaged_until_written_anew(w);
}

static void a_sheet_with_a_value_of_before_says_so(void **state) {
    struct node_world *w = *state;
    struct draft_row row;
    struct txn *t;
    nw_people(w);
    nw_ok(w, "record --subject DU --criterion C1.1 --score 7");
    struct db *db = open_office(w);
    assert_int_equal(txn_begin(db, false, &t, NULL), 0);
    read_row(t, &row);
    txn_abort(t);
    db_close(db);
    nw_ok(w, "record --subject DU --criterion C1.1 --score 8,5 --note vì_sao");
    db = open_office(w);
    assert_int_equal(txn_begin(db, true, &t, NULL), 0);
    put_back(t, &row);
    assert_int_equal(txn_commit(t, NULL), 0);
    db_close(db);
    assert_damaged_until_written_anew(w);
}

/* One subject and one criterion, and a sheet of both. */
static struct subject one = {.id = {{7}}, .kind = SUBJECT_COLLECTIVE};
static const struct subjects subjects = {.n = 1, .list = &one};
static char c11[] = "C1.1";
static const struct criterion leaf = {.id = c11, .leaf = true, .collective = true};
static const struct criterion *leaves[] = {&leaf};
static const struct criteria criteria = {.n = 1, .all = leaves, .n_leaves = 1, .leaves = leaves};
static const struct draft sheet_of = {.campaign = "c", .period = "p"};

/* The value of the one cell, -1: none; the sheet has to be whole. */
static score load_whole(struct txn *t) {
    struct sheet s;
    uint32_t strays;
    bool whole;
    assert_int_equal(draft_load(t, &sheet_of, &subjects, &criteria, &s, &strays, &whole, NULL), 0);
    assert_true(whole);
    assert_int_equal(strays, 0);
    score v = sheet_cell(&s, 0, 0)->state == CELL_SCORE ? sheet_cell(&s, 0, 0)->value : -1;
    sheet_done(&s);
    return v;
}

static void without_memory_a_value_is_not_half_written(void **state) {
    struct node_world *w = *state;
    struct db *db = open_office(w);
    score last = -1;
    bool done = false;
    for (long n = 0; !done; n++) {
        const struct cell cell = {CELL_SCORE, (score)(100 + n)};
        struct txn *t;
        assert_int_equal(txn_begin(db, true, &t, NULL), 0);
        mem_fail_at(n);
        draft_put(t, &sheet_of, &one.id, c11, &cell, n % 2 ? "vì sao" : NULL);
        done = mem_unmet(n);
        int rc = txn_commit(t, NULL);
        assert_true(rc == 0 || !done);
        last = rc == 0 ? cell.value : last;
        assert_int_equal(txn_begin(db, false, &t, NULL), 0);
        assert_false(found_damaged(t));
        assert_int_equal(load_whole(t), last);
        txn_abort(t);
        assert_true(n < 100);
    }
    db_close(db);
}

/* Why something did not apply is no reason for the value that comes later. */
static void who_empties_a_cell_empties_its_note(void **state) {
    struct node_world *w = *state;
    nw_people(w);
    nw_ok(w, "record --subject DU --criterion C1.1 --na --note mới_lập");
    nw_ok(w, "record --subject DU --criterion C1.1 --value=");
    nw_ok(w, "record --subject DU --criterion C1.1 --score 8,5");
    assert_null(strstr(nw_words(w), "stays"));
    nw_ok(w, "record --subject DU --criterion C1.1 --na --note mới_lập");
    nw_ok(w, "record --subject DU --criterion C1.1 --score 7");
    assert_non_null(strstr(nw_words(w), "why it did not apply stays; --note '' takes it away: "
                                        "mới lập"));
    nw_ok(w, "record --subject DU --criterion C1.1 --value= --note để_sau");
    nw_ok(w, "record --subject DU --criterion C1.1 --score 7");
    assert_null(strstr(nw_words(w), "stays"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_recorded_is_there_after_the_program_ended, nw_setup,
                                        nw_teardown),
        cmocka_unit_test_setup_teardown(a_value_that_may_not_stand_there_is_refused_and_says_why,
                                        nw_setup, nw_teardown),
        cmocka_unit_test_setup_teardown(a_hamlet_without_a_machine_has_its_own_sheet, nw_setup,
                                        nw_teardown),
        cmocka_unit_test_setup_teardown(a_cell_of_which_any_bit_flips_damages_its_sheet, nw_setup,
                                        nw_teardown),
        cmocka_unit_test_setup_teardown(a_sheet_that_lost_a_value_says_so, nw_setup, nw_teardown),
        cmocka_unit_test_setup_teardown(a_sheet_with_a_value_of_before_says_so, nw_setup,
                                        nw_teardown),
        cmocka_unit_test_setup_teardown(without_memory_a_value_is_not_half_written, nw_setup,
                                        nw_teardown),
        cmocka_unit_test_setup_teardown(who_empties_a_cell_empties_its_note, nw_setup, nw_teardown),
        cmocka_unit_test_setup_teardown(a_campaign_goes_without_saying_where_only_one_asks_the_unit,
                                        nw_setup, nw_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
