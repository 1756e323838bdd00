#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/units_way.h"
#include "tests/unit/hub_world.h"

static const char province[] = "code,parent,level,kind,name,group\n"
                               "94,,province,,Tỉnh Sóc Trăng,\n"
                               "941,94,district,state,Thành phố Sóc Trăng,g1\n"
                               "942,94,district,state,Huyện Kế Sách,g1\n"
                               "01,941,commune,state,Xã Một,x\n"
                               "02,941,commune,state,Xã Hai,x\n"
                               "03,942,commune,state,Xã Ba,x\n";

#define HEAD "date,op,from,to,extent,basis\n"
#define FULL "date,op,from,to,extent,basis,parent,level,kind,name,group\n"

static void apply(struct hub_world *w, const char *text) {
    hub_world_file("events.csv", text);
    hub_world_do(w, "unit", "apply", "events.csv");
}

/* The tree of `on`, one unit a line: code, code of the unit above, level, name, group. */
static const char *tree_of(const char *on) {
    static char text[4096];
    struct actor a;
    struct txn *t;
    day d;
    size_t n = 0;
    assert_true(day_parse(on, &d));
    hub_world_open(&a, false, &t);
    const struct units *u = a.catalog.units;
    text[0] = '\0';
    for (size_t i = 0; i < units_count(u); i++) {
        const struct uid *id = units_id(u, i);
        const struct unit_fact *f = units_at(u, id, d);
        if (!units_exist(u, id, d))
            continue;
        const struct unit_fact *up = units_at(u, &f->parent, d);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s<%s %s %s %s;", f->code,
                              up ? up->code : "", f->level, f->name, f->group);
    }
    actor_abort(&a, t);
    actor_close(&a);
    return text;
}

struct event_case {
    const char *name, *events;
    const char *before; /* in the tree of the day before, … */
    const char *after;  /* … in that of the day … */
    const char *gone;   /* … and not in it; NULL: nothing is looked for */
};

static const struct event_case events[] = {
    {"a rename", HEAD "2023-07-01,rename,01,Xã Mới,,\n", "01<941 commune Xã Một x;",
     "01<941 commune Xã Mới x;", "Xã Một"},
    {"a recode", HEAD "1/7/2023,recode,01,09,,\n", "01<941 commune Xã Một x;",
     "09<941 commune Xã Một x;", "01<"},
    {"a move", HEAD "2023-07-01,move,01,942,,\n", "01<941", "01<942 commune Xã Một x;", "01<941"},
    {"a new group", HEAD "2023-07-01,regroup,01,y,,\n", "Xã Một x;", "Xã Một y;", "Xã Một x;"},
    {"no group any more", HEAD "2023-07-01,regroup,01,,,\n", "Xã Một x;", "Xã Một ;", "Xã Một x;"},
    {"a merge", HEAD "2023-07-01,merge,01,02,full,12/NQ\n", "01<941", "02<941", "01<"},
    {"a part that goes elsewhere", HEAD "2023-07-01,merge,01,02,partial,\n", "01<941",
     "01<941 commune Xã Một x;", NULL},
    {"into itself", HEAD "2023-07-01,merge,01,02,partial,\n2023-07-01,merge,02,02,full,\n",
     "02<941", "02<941 commune Xã Hai x;", NULL},
    {"a split", HEAD "2023-07-01,split,01,02,full,\n2023-07-01,split,01,03,full,\n", "01<941",
     "03<942", "01<"},
    {"the end of a unit", HEAD "2023-07-01,dissolve,01,,,\n", "01<941", "02<941", "01<"},
    {"a new unit", FULL "2023-07-01,create,,07,,,941,commune,state,Xã Bảy,x\n", "01<941",
     "07<941 commune Xã Bảy x;", NULL},
    {"a new unit made of two, under the code of one",
     FULL "2023-07-01,merge,01,01,partial,,,,,,\n2023-07-01,merge,02,07,,,,,,,\n"
          "2023-07-01,create,,07,,,941,commune,state,Xã Bảy,x\n",
     "02<941", "07<941", "02<"},
    {"a new unit with the code of one that ends",
     FULL "2023-07-01,create,,01,,,942,commune,state,Xã Một mới,x\n"
          "2023-07-01,merge,01,02,,,,,,,\n",
     "01<941 commune Xã Một x;", "01<942 commune Xã Một mới x;", "Xã Một x;"},
    {"two that change codes", HEAD "2023-07-01,recode,01,02,,\n2023-07-01,recode,02,01,,\n",
     "01<941 commune Xã Một x;", "02<941 commune Xã Một x;", "aside"},
    {"three in a ring of codes",
     HEAD "2023-07-01,recode,01,02,,\n2023-07-01,recode,02,03,,\n2023-07-01,recode,03,01,,\n",
     "03<942 commune Xã Ba x;", "01<942 commune Xã Ba x;", "aside"},
    {"a row of codes, the last one first",
     HEAD "2023-07-01,recode,01,02,,\n2023-07-01,recode,02,03,,\n2023-07-01,recode,03,04,,\n",
     "02<941 commune Xã Hai x;", "03<941 commune Xã Hai x;", "01<"},
    {"several events of one unit and day",
     HEAD "2023-07-01,rename,01,Phường Một,,\n2023-07-01,recode,01,09,,\n"
          "2023-07-01,move,01,942,,\n2023-07-01,regroup,01,z,,\n",
     "01<941 commune Xã Một x;", "09<942 commune Phường Một z;", "01<"},
    {"a district that goes, and where its communes come to",
     HEAD "2023-07-01,dissolve,942,,,\n2023-07-01,move,03,94,,\n", "03<942", "03<94 ", "942<"},
    {"under a unit that is new, named before it is",
     FULL "2023-07-01,move,03,943,,,,,,,\n2023-07-01,create,,943,,,94,district,,Huyện Mới,g1\n",
     "03<942", "03<943", NULL},
    {"events of several days, the last one first",
     HEAD "2023-07-01,move,01,94,,\n2023-06-01,move,01,942,,\n", "01<942", "01<94 ", "01<941"},
    {"in Vietnamese",
     "Ngày,Việc,Mã cũ,Mã mới,Phạm vi,Căn cứ\n01/07/2023,Sáp nhập,01,02,một phần,\n"
     "01/07/2023,Đổi tên,02,Xã Hai mới,,\n01/07/2023,giải thể,03,,,\n",
     "03<942", "02<941 commune Xã Hai mới x;", "03<"},
};

static void each_event_makes_the_tree_of_its_day_and_leaves_that_of_the_day_before(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        const struct event_case *c = &events[i];
        struct hub_world w;
        hub_world_init(&w, i + 1, province);
        char once[4096];
        apply(&w, c->events);
        (void)snprintf(once, sizeof once, "%s", tree_of("2023-07-01"));
        if (!strstr(tree_of("2023-06-30"), c->before) || !strstr(once, c->after) ||
            (c->gone && strstr(once, c->gone)))
            fail_msg("%s: before %s\nafter %s", c->name, tree_of("2023-06-30"), once);
        if (strstr(c->events, "2023-06-01") == NULL) {
            apply(&w, c->events);
            if (!strstr(w.words, "nothing to change"))
                fail_msg("%s, once more: %s", c->name, w.words);
        }
        hub_world_do(&w, "check");
        hub_world_done(&w);
    }
}

struct refused_case {
    const char *name, *events, *place, *word;
};

static const struct refused_case refused[] = {
    {"an unknown event", HEAD "2023-07-01,exchange,01,02,,\n", "line 2, column 2 ", "is no event"},
    {"an unknown code", HEAD "2023-07-01,rename,77,X,,\n", "line 2, column 3 ", "no unit 77"},
    {"a code that lost its zero", HEAD "2023-07-01,rename,1,X,,\n", "line 2, column 3 ",
     "did you mean 01"},
    {"an unknown unit above", HEAD "2023-07-01,move,01,77,,\n", "line 2, column 4 ", "no unit 77"},
    {"no date", HEAD ",rename,01,X,,\n", "line 2, column 1 ", "the date is missing"},
    {"a date that the calendar does not have", HEAD "31/02/2023,rename,01,X,,\n",
     "line 2, column 1 ", "is no date"},
    {"below itself", HEAD "2023-07-01,move,941,01,,\n", "line 2, column 3 ", "below itself"},
    {"two below each other", HEAD "2023-07-01,move,941,942,,\n2023-07-01,move,942,941,,\n",
     "line 3, column 3 ", "below itself"},
    {"a level that the tree does not have",
     FULL "2023-07-01,create,,07,,,941,ward,state,Phường,x\n", "line 2, column 8 ",
     "the tree has province, district, commune"},
    {"a new unit without a name", FULL "2023-07-01,create,,07,,,941,commune,state,,x\n",
     "line 2, column 10 ", "needs its name"},
    {"a new unit without columns for it", HEAD "2023-07-01,create,,07,,\n", "line 2, column 2 ",
     "needs its parent"},
    {"a code that is taken", HEAD "2023-07-01,recode,01,02,,\n", "line 2, column 3 ",
     "is also the code of"},
    {"whole into two", HEAD "2023-07-01,merge,01,02,,\n2023-07-01,merge,01,03,,\n",
     "line 3, column 2 ", "another row of that day"},
    {"two names at once", HEAD "2023-07-01,rename,01,A,,\n2023-07-01,rename,01,B,,\n",
     "line 3, column 2 ", "the same is said"},
    {"into what ends before", HEAD "2023-06-01,dissolve,02,,,\n2023-07-01,merge,01,02,,\n",
     "line 3, column 4 ", "no unit 02"},
    {"communes left below nothing", HEAD "2023-07-01,dissolve,941,,,\n", "line 2, column 3 ",
     "would be left below 941"},
    {"the unit of the hub itself", HEAD "2023-07-01,dissolve,94,,,\n", "line 2, column 3 ",
     "is the unit of this hub"},
    {"an extent that is none", HEAD "2023-07-01,merge,01,02,half,\n", "line 2, column 5 ",
     "is no extent"},
    {"a part of a move", HEAD "2023-07-01,move,01,942,partial,\n", "line 2, column 5 ",
     "can be partial"},
    {"where a dissolved unit goes", HEAD "2023-07-01,dissolve,01,02,,\n", "line 2, column 4 ",
     "leave this empty"},
    {"a merge into nowhere", HEAD "2023-07-01,merge,01,,,\n", "line 2, column 4 ", "is missing"},
    {"an earlier day than something stated", HEAD "2022-07-01,rename,03,Xã Cũ,,\n",
     "line 2, column 1 ", "order of their days"},
    {"a column missing", "date,op,from\n2023-07-01,dissolve,01\n", "events.csv", "to"},
};

static void a_mistake_is_told_with_its_place_and_nothing_is_stated(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const struct refused_case *c = &refused[i];
        struct hub_world w;
        struct err e = {0};
        char before[4096];
        hub_world_init(&w, i + 1, province);
        apply(&w, HEAD "2023-01-01,rename,03,Xã Ba mới,,\n");
        (void)snprintf(before, sizeof before, "%s", tree_of("2023-07-01"));
        hub_world_file("events.csv", c->events);
        int rc = hub_world_run(&w, &e, "unit", "apply", "events.csv");
        if (rc != ERR_REFUSED || !strstr(w.words, c->place) || !strstr(w.words, c->word))
            fail_msg("%s: %d, no “%s” or “%s” in:\n%s", c->name, rc, c->place, c->word, w.words);
        assert_string_equal(tree_of("2023-07-01"), before);
        hub_world_done(&w);
    }
}

static void a_dry_run_tells_and_states_nothing(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 1, province);
    hub_world_file("events.csv",
                   FULL "2023-07-01,merge,01,07,,,,,,,\n2023-07-01,recode,02,08,,,,,,,"
                        "\n2023-07-01,create,,07,,,941,commune,,Xã Bảy,\n");
    hub_world_do(&w, "unit", "apply", "events.csv", "--dry-run");
    assert_non_null(strstr(w.out, "2023-07-01 - 01 Xã Một\n"));
    assert_non_null(strstr(w.out, "2023-07-01 ~ 08 Xã Hai (02 Xã Hai)\n"));
    assert_non_null(strstr(w.out, "2023-07-01 + 07 Xã Bảy\n"));
    assert_non_null(strstr(w.words, "would state 3 events; 0 are here so already"));
    assert_non_null(strstr(tree_of("2023-07-01"), "01<941"));
    hub_world_done(&w);
}

static void a_list_shows_the_tree_of_a_day(void **state) {
    (void)state;
    struct hub_world w;
    struct err e = {0};
    hub_world_init(&w, 1, province);
    apply(&w, HEAD "2023-07-01,move,01,942,,\n2023-08-01,merge,02,03,partial,12/NQ\n");
    hub_world_do(&w, "unit", "list", "--json", "--at", "2023-06-30");
    assert_non_null(strstr(w.out, "{\"code\":\"01\",\"parent\":\"941\""));
    hub_world_do(&w, "unit", "list", "--json", "--at", "01/07/2023", "--under", "942");
    assert_non_null(strstr(w.out, "{\"code\":\"01\",\"parent\":\"942\""));
    assert_null(strstr(w.out, "successors"));
    hub_world_do(&w, "unit", "list", "--json", "--at", "2023-08-01");
    assert_non_null(
        strstr(w.out, "\"basis\":\"12/NQ\",\"successors\":[{\"unit\":\"03\",\"partial\":true}]}"));
    assert_int_equal(hub_world_run(&w, &e, "unit", "list", "--at", "soon"), ERR_USAGE);
    hub_world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_makes_the_tree_of_its_day_and_leaves_that_of_the_day_before),
        cmocka_unit_test(a_mistake_is_told_with_its_place_and_nothing_is_stated),
        cmocka_unit_test(a_dry_run_tells_and_states_nothing),
        cmocka_unit_test(a_list_shows_the_tree_of_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
