#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/hub_world.h"

#include <locale.h>

static const char province[] = "code,parent,level,kind,name,group\n"
                               "94,,province,,Tỉnh Sóc Trăng,\n"
                               "941,94,district,state,Thành phố Sóc Trăng,\n"
                               "31498,941,commune,state,Phường 5,xa-phuong\n"
                               "SNV,94,department,state,Sở Nội vụ,so-nganh\n";

static void import(struct hub_world *w, const char *text) {
    hub_world_file("more.csv", text);
    hub_world_do(w, "unit", "import", "more.csv");
}

/* Import `text`, which has to be refused, with a place and words that hold `place` and `word`. */
static void refuse(struct hub_world *w, const char *text, const char *place, const char *word) {
    struct err e = {0};
    hub_world_file("more.csv", text);
    assert_int_equal(hub_world_run(w, &e, "unit", "import", "more.csv"), ERR_REFUSED);
    if (!strstr(w->words, place) || !strstr(w->words, word))
        fail_msg("no “%s” or “%s” in:\n%s", place, word, w->words);
}

static void a_province_comes_in_as_a_tree(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 1, province);
    assert_non_null(strstr(w.words, "3 units added, 0 changed, 1 were here so already"));
    hub_world_do(&w, "unit", "list", "--json");
    assert_non_null(strstr(w.out, "[{\"code\":\"94\",\"parent\":null,\"level\":\"province\""));
    assert_non_null(strstr(w.out,
                           "{\"code\":\"31498\",\"parent\":\"941\",\"level\":\"commune\","
                           "\"kind\":\"state\",\"name\":\"Phường 5\",\"group\":\"xa-phuong\""));
    hub_world_do(&w, "unit", "list", "--under", "941");
    assert_non_null(strstr(w.out, "Phường 5"));
    assert_null(strstr(w.out, "SNV"));
    hub_world_done(&w);
}

static void parents_may_come_after_their_children(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 2,
                   "name;code;level;parent\nPhường 5;31498;commune;941\n"
                   "Thành phố;941;district;94\n");
    hub_world_do(&w, "unit", "list", "--json", "--under", "941");
    assert_non_null(strstr(w.out, "31498"));
    hub_world_done(&w);
}

static void vietnamese_columns_mean_the_same(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 3,
                   "Mã đơn vị,Đơn vị cấp trên,Cấp,Tên đơn vị,Cụm thi đua\n"
                   "SNV,94,department,Sở Nội vụ,so-nganh\n");
    hub_world_do(&w, "unit", "list", "--json");
    assert_non_null(strstr(w.out, "\"name\":\"Sở Nội vụ\",\"group\":\"so-nganh\""));
    hub_world_done(&w);
}

static void importing_again_changes_only_what_differs(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 4, province);
    import(&w, province);
    assert_non_null(strstr(w.words, "nothing to change"));
    import(
        &w,
        "code,parent,level,name\nSNV,94,department,Sở Nội vụ tỉnh\n31498,941,commune,Phường 5\n");
    assert_non_null(strstr(w.words, "0 units added, 1 changed, 1 were here so already"));
    hub_world_do(&w, "unit", "list", "--json");
    /* A column that the second file does not have is left as it was. */
    assert_non_null(strstr(w.out, "\"name\":\"Sở Nội vụ tỉnh\",\"group\":\"so-nganh\""));
    hub_world_done(&w);
}

static void a_dry_run_tells_and_changes_nothing(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 5, province);
    hub_world_file("more.csv", "code,parent,level,name\nSYT,94,department,Sở Y tế\n"
                               "SNV,94,department,Sở Nội vụ tỉnh\n");
    hub_world_do(&w, "unit", "import", "more.csv", "--dry-run");
    assert_string_equal(w.out, "+ SYT Sở Y tế\n~ SNV Sở Nội vụ tỉnh (Sở Nội vụ)\n");
    hub_world_do(&w, "unit", "list", "--json");
    assert_null(strstr(w.out, "SYT"));
    hub_world_done(&w);
}

static void every_mistake_is_told_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *name, *text, *place, *word;
    } cases[] = {
        {"unknown parent", "code,parent,level,name\nA,999,commune,A\n", "line 2, column 2",
         "there is no unit 999"},
        {"eaten zero", "code,parent,level,name\n01,94,district,Q\nB,1,commune,B\n",
         "line 3, column 2", "did you mean 01?"},
        {"twice", "code,parent,level,name\nA,94,commune,A\nA,94,commune,B\n", "line 3, column 1",
         "first on line 2"},
        {"cycle", "code,parent,level,name\nA,B,commune,A\nB,A,commune,B\n", "line 2, column 2",
         "below itself"},
        {"no parent", "code,parent,level,name\nA,,commune,A\n", "line 2, column 2",
         "the parent is missing"},
        {"no level", "code,parent,level,name\nA,94,,A\n", "line 2, column 3", "level is missing"},
        {"no name", "code,parent,level,name\nA,94,commune,\n", "line 2, column 4",
         "name is missing"},
        {"no date", "code,parent,level,name,from\nA,94,commune,A,31/2/2023\n", "line 2, column 5",
         "no date"},
        {"no code", "code,parent,level,name\nA/B,94,commune,A\n", "line 2, column 1", "A/B"},
        {"moved below itself", "code,parent,level,name\n941,31498,district,Q\n", "line 2, column 1",
         "below itself"},
        {"a parent for the top", "code,parent,level,name\n94,941,province,P\n", "line 2, column 2",
         "topmost"},
        {"no such column", "code,parent,level,name,area\nA,94,commune,A,5\n", "line 1, column 5",
         "not known"},
    };
    struct hub_world w;
    hub_world_init(&w, 6, province);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("%s\n", cases[i].name);
        refuse(&w, cases[i].text, cases[i].place, cases[i].word);
    }
    hub_world_do(&w, "unit", "import", "units.csv");
    assert_non_null(strstr(w.words, "nothing to change"));
    hub_world_done(&w);
}

static void one_mistake_is_told_once_and_not_for_each_unit_below(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 7, province);
    refuse(&w, "code,parent,level,name\nA,999,district,A\nB,A,commune,B\nC,B,hamlet,C\n", "line 2",
           "999");
    assert_null(strstr(w.words, "line 3"));
    assert_null(strstr(w.words, "line 4"));
    hub_world_done(&w);
}

static void more_units_than_a_record_holds_come_in_at_once(void **state) {
    (void)state;
    struct hub_world w;
    struct buf b;
    buf_init(&b);
    buf_put_str(&b, "code,parent,level,name\n");
    for (unsigned i = 0; i < 2500; i++)
        buf_printf(&b, "U%u,%s,commune,Xã %u\n", i, i == 0 ? "94" : "U0", i);
    hub_world_init(&w, 8, buf_cstr(&b));
    assert_non_null(strstr(w.words, "2500 units added"));
    buf_done(&b);
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    assert_int_equal(units_count(a.catalog.units), 2501);
    actor_abort(&a, t);
    actor_close(&a);
    hub_world_done(&w);
}

static void a_code_used_again_is_another_unit(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 9,
                   "code,parent,level,name,from,until\n"
                   "00004,94,commune,Phường cũ,,2025-07-01\n");
    import(&w, "code,parent,level,name,from,until\n00004,94,commune,Phường mới,2025-07-01,\n");
    assert_non_null(strstr(w.words, "1 units added, 0 changed"));
    import(&w, "code,parent,level,name,from,until\n00004,94,commune,Phường cũ,,2025-07-01\n");
    assert_non_null(strstr(w.words, "nothing to change"));
    hub_world_done(&w);
}

static void a_level_that_looks_like_a_slip_is_refused_and_a_new_one_is_said(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 11, province);
    assert_null(strstr(w.words, "new level"));
    refuse(&w, "code,parent,level,name\nSYT,94,departmnt,Sở Y tế\n", "line 2, column 3",
           "no unit has the level “departmnt”: the tree has commune, department, district");
    refuse(&w, "code,parent,level,name\nA,94,XA,A\nB,94,XA,B\n", "line 2, column 3",
           "no unit has the level “XA”: is it “xã”? The tree has commune, department, district");
    refuse(&w, "code,parent,level,name\nA,94,comune,A\nB,94,commune,B\n", "line 2, column 3",
           "comune");
    import(&w, "code,parent,level,name\nA,31498,hamlet,A\nB,94,area,B\nC,94,area,C\n");
    assert_non_null(strstr(w.words, "new level: area (2 units); levels here: commune"));
    assert_non_null(strstr(w.words, "new level: hamlet (1 units)"));
    import(&w, "code,parent,level,name\nD,94,area,D\n");
    assert_null(strstr(w.words, "new level"));
    hub_world_done(&w);
}

static void the_first_file_is_told_which_of_its_levels_are_not_usual(void **state) {
    struct hub_world w;
    (void)state;
    hub_world_init(&w, 1, "code,parent,level,name\n");
    refuse(&w, "code,parent,level,name\nA,94,XA,A\nB,94,XA,B\n", "line 2, column 3",
           "“XA” is no usual level: is it “xã”?");
    import(&w, "code,parent,level,name\nA,94,xã,A\nB,94,comune,B\n");
    assert_non_null(strstr(w.words, "comune is none of the usual levels (1 units)"));
    assert_null(strstr(w.words, "commune is"));
    hub_world_done(&w);
}

static void the_words_that_people_read_for_a_level_mean_it(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 12, province);
    import(&w, "mã,cấp trên,cấp,tên\nA,941,Xã,A\nB,94,\"Sở, ngành\",B\nC,A,thôn,C\n");
    hub_world_do(&w, "unit", "list", "--json");
    assert_non_null(strstr(w.out, "{\"code\":\"A\",\"parent\":\"941\",\"level\":\"commune\""));
    assert_non_null(strstr(w.out, "{\"code\":\"B\",\"parent\":\"94\",\"level\":\"department\""));
    assert_non_null(strstr(w.out, "{\"code\":\"C\",\"parent\":\"A\",\"level\":\"hamlet\""));
    hub_world_done(&w);
}

static void new_groups_are_named_once_there_are_others(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 13, province);
    assert_null(strstr(w.words, "new groups"));
    import(&w, "code,parent,level,name,group\nSYT,94,department,Sở Y tế,so nganh\n"
               "STC,94,department,Sở Tài chính,so-nganh\n");
    assert_non_null(strstr(w.words, "new groups: so nganh; is each meant? "
                                    "Groups until now: so-nganh, xa-phuong"));
    hub_world_done(&w);
}

int main(void) {
    (void)setlocale(LC_ALL, "C.UTF-8"); /* tables count columns */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_province_comes_in_as_a_tree),
        cmocka_unit_test(parents_may_come_after_their_children),
        cmocka_unit_test(vietnamese_columns_mean_the_same),
        cmocka_unit_test(importing_again_changes_only_what_differs),
        cmocka_unit_test(a_dry_run_tells_and_changes_nothing),
        cmocka_unit_test(every_mistake_is_told_with_its_place),
        cmocka_unit_test(one_mistake_is_told_once_and_not_for_each_unit_below),
        cmocka_unit_test(more_units_than_a_record_holds_come_in_at_once),
        cmocka_unit_test(a_code_used_again_is_another_unit),
        cmocka_unit_test(a_level_that_looks_like_a_slip_is_refused_and_a_new_one_is_said),
        cmocka_unit_test(the_first_file_is_told_which_of_its_levels_are_not_usual),
        cmocka_unit_test(the_words_that_people_read_for_a_level_mean_it),
        cmocka_unit_test(new_groups_are_named_once_there_are_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
