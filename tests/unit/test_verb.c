#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/text.h"
#include "core/verb_run.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Prints the call it got, so that a case can say what was understood. */
static int show(struct verb_call *call, struct err *e) {
    (void)e;
    buf_printf(&call->out, "%s data=%s lang=%s", call->verb->name, call->data ? call->data : "-",
               call->lang ? call->lang : "-");
    if (call->json || call->dry_run)
        buf_printf(&call->out, "%s%s", call->json ? " json" : "", call->dry_run ? " dry" : "");
    for (unsigned i = 0; verb_arg(call, i); i++)
        buf_printf(&call->out, " [%s]", verb_arg(call, i));
    for (const struct verb_option *o = call->verb->options; o && o->name; o++)
        if (verb_text(call, o->name))
            buf_printf(&call->out, " %s=%s", o->name, verb_text(call, o->name));
    return 0;
}

static int show_limit(struct verb_call *call, struct err *e) {
    (void)e;
    buf_printf(&call->out, "%d %d", verb_number(call, "limit", 100), verb_flag(call, "csv"));
    return 0;
}

static int refuse(struct verb_call *call, struct err *e) {
    world_say(call->world, &call->words, "looking at %s", call->data);
    return err_set(e, ERR_REFUSED, "not today");
}

/* Says more than a buffer begins with, each line in parts. */
static int say_much(struct verb_call *call, struct err *e) {
    for (unsigned i = 0; i < 100; i++) {
        buf_printf(&call->words, "line %u: ", i);
        buf_put_str(&call->words, "what was found there, as long as such things are\n");
    }
    return err_set(e, ERR_REFUSED, "not today");
}

static int make(struct verb_call *call, struct err *e) {
    (void)say_much(call, e);
    err_clear(e);
    return 0;
}

static const struct verb board = {
    .name = "board",
    .flags = VERB_JSON,
    .options =
        (const struct verb_option[]){{"under", OPTION_TEXT, "CODE", "below a unit", .one_of = 0},
                                     {"at", OPTION_TEXT, "INSTANT", "as of", .later = true},
                                     {.name = NULL}},
    .help = "who is on time",
    .run = show,
};
static const struct verb unit_import = {.name = "unit import",
                                        .args = "FILE.csv",
                                        .min_args = 1,
                                        .max_args = 1,
                                        .flags = VERB_DRY_RUN,
                                        .help = "import units",
                                        .run = show};
static const struct verb unit_list = {.name = "unit list", .help = "list units", .run = show};
static const struct verb record = {
    .name = "record",
    .options = (const struct verb_option[]){{"subject", OPTION_TEXT, "S", "whom", .required = true},
                                            {"score", OPTION_TEXT, "X", "points", .one_of = 1},
                                            {"met", OPTION_FLAG, NULL, "met", .one_of = 1},
                                            {.name = NULL}},
    .help = "record a value",
    .run = show};
static const struct verb rank = {
    .name = "rank",
    .flags = VERB_NO_DATA,
    .options = (const struct verb_option[]){{"limit", OPTION_NUMBER, "N", "how many", .one_of = 0},
                                            {"csv", OPTION_FLAG, NULL, "as CSV", .one_of = 0},
                                            {"whom", OPTION_TEXT, "collective|individual|both",
                                             "whom to rank", .one_of = 0},
                                            {.name = NULL}},
    .help = "the ranking",
    .run = show_limit};
static const struct verb extend = {.name = "extend", .help = "extend", .run = NULL};
static const struct verb fail = {.name = "fail", .help = "fails", .run = refuse};
static const struct verb much = {.name = "much", .help = "says much", .run = say_much};
static const struct verb backup = {.name = "backup", .help = "makes a file", .run = make};
static const struct verb state = {
    .name = "state", .help = "states", .run = make, .flags = VERB_DRY_RUN | VERB_JSON};
static const struct verb status = {
    .name = "status", .help = "shows", .run = make, .flags = VERB_JSON};
static const struct verb *const verbs[] = {&board,  &unit_import, &unit_list, &record,
                                           &rank,   &extend,      &fail,      &much,
                                           &backup, &state,       &status,    NULL};
static const struct verb_program program = {"thidua-test", "1.2.3", "a test", verbs};
static const struct world world = {.tr = NULL};

/* Run the words of `line`, which are split at spaces. */
static int run(const char *line, struct verb_call *call, struct err *e) {
    static char copy[256];
    char *argv[16] = {(char[]){"thidua-test"}};
    int argc = 1;
    assert_true(strlen(line) < sizeof copy);
    memcpy(copy, line, strlen(line) + 1);
    for (char *word = copy; *word;) {
        argv[argc++] = word;
        word += strcspn(word, " ");
        if (*word)
            *word++ = '\0';
    }
    verb_call_init(call, &world, NULL);
    return verb_run(&program, argc, argv, call, e);
}

static void a_line_reaches_its_verb_as_typed(void **state) {
    (void)state;
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"-d h board", "board data=h lang=-"},
        {"board -d h --json", "board data=h lang=- json"},
        {"board -dh --under=91", "board data=h lang=- under=91"},
        {"--data=h --lang vi board --under 91", "board data=h lang=vi under=91"},
        {"--json --data h board", "board data=h lang=- json"},
        {"unit import u.csv -d h", "unit import data=h lang=- [u.csv]"},
        {"unit import -d h --dry-run u.csv", "unit import data=h lang=- dry [u.csv]"},
        {"unit -d h import -- --u.csv", "unit import data=h lang=- [--u.csv]"},
        {"unit import -d h -", "unit import data=h lang=- [-]"},
        {"record -d h --subject A --score -0,5", "record data=h lang=- subject=A score=-0,5"},
        {"record -d h --subject=A=B --met", "record data=h lang=- subject=A=B met="},
        {"rank", "100 0"},
        {"rank --limit 7 --csv", "7 1"},
        {"--version", "thidua-test 1.2.3\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct verb_call call;
        struct err e = {0};
        char text[512];
        if (run(cases[i].in, &call, &e) != 0)
            fail_msg("%s: %s", cases[i].in, err_text(&e, NULL, text, sizeof text));
        assert_string_equal(buf_cstr(&call.out), cases[i].want);
        verb_call_done(&call);
    }
}

static void a_wrong_line_is_told_what_is_wrong_and_what_is_near(void **state) {
    (void)state;
    static const struct {
        const char *in;
        int code;
        const char *want;
    } cases[] = {
        {"", ERR_USAGE, "no verb is given: 'thidua-test --help' lists what can be done"},
        {"bord", ERR_USAGE, "there is no verb 'bord': did you mean 'board'?"},
        {"xyzzy", ERR_USAGE, "there is no verb 'xyzzy': 'thidua-test --help' lists them"},
        {"unit", ERR_USAGE, "'unit' needs one of these words after it: import, list"},
        {"unit imprt f", ERR_USAGE, "there is no verb 'unit imprt': did you mean 'unit import'?"},
        {"unit frobnicate", ERR_USAGE, "'unit' needs one of these words after it: import, list"},
        {"board", ERR_USAGE, "'board' needs a data directory: -d DIR"},
        {"board -d", ERR_USAGE, "option --data needs a value after it"},
        {"board -d h --undr 1", ERR_USAGE, "'board' takes no option --undr: did you mean --under?"},
        {"board -d h --colour 1", ERR_USAGE,
         "'board' takes no option --colour: 'thidua-test board --help' lists its options"},
        {"--under 1 board -d h", ERR_USAGE,
         "option --under comes before the verb: write it after the verb"},
        {"board -d h --under", ERR_USAGE, "option --under needs a value after it"},
        {"board -d h --under --json", ERR_USAGE, "option --under needs a value after it"},
        {"board -d h --under 1 --under 2", ERR_USAGE,
         "option --under is given twice: give it once"},
        {"board -d h --json=1", ERR_USAGE, "option --json takes no value: leave out '=1'"},
        {"board -d h x", ERR_USAGE,
         "'board' has no use for 'x': 'thidua-test board --help' shows what it takes"},
        {"board -d h --at 2023", ERR_REFUSED,
         "option --at of 'board' is not built yet in this version"},
        {"extend --campaign X -d h", ERR_REFUSED, "'extend' is not built yet in this version"},
        {"board -d h --dry-run", ERR_USAGE, "'board' takes no option --dry-run"},
        {"unit list -d h --json", ERR_USAGE,
         "'unit list' takes no option --json: it has no data to print"},
        {"unit import -d h", ERR_USAGE, "'unit import' needs FILE.csv after it"},
        {"record -d h --met", ERR_USAGE, "'record' needs --subject S"},
        {"record -d h --subject A", ERR_USAGE, "'record' needs exactly one of --score --met"},
        {"record -d h --subject A --met --score 1", ERR_USAGE,
         "'record' needs exactly one of --score --met"},
        {"rank --limit -1", ERR_USAGE,
         "option --limit takes a whole number from 0 to 999999999, not '-1'"},
        {"rank --limit 9999999999", ERR_USAGE,
         "option --limit takes a whole number from 0 to 999999999, not '9999999999'"},
        {"rank --lang fr", ERR_USAGE, "--lang takes vi or en, not 'fr'"},
        {"rank -x", ERR_USAGE, "there is no option -x: only -d and -h are short"},
        {"fail -d h", ERR_REFUSED, "not today"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct verb_call call;
        struct err e = {0};
        char text[512];
        int rc = run(cases[i].in, &call, &e);
        assert_string_equal(err_text(&e, NULL, text, sizeof text), cases[i].want);
        assert_int_equal(rc, cases[i].code);
        assert_int_equal(call.out.len, 0);
        verb_call_done(&call);
    }
}

static void what_a_failed_verb_said_is_kept(void **state) {
    (void)state;
    struct verb_call call;
    struct err e = {0};
    assert_int_equal(run("fail -d h", &call, &e), ERR_REFUSED);
    assert_string_equal(buf_cstr(&call.words), "looking at h\n");
    verb_call_done(&call);
}

/* What follows on it is a line of its own: why it failed. */
static void what_is_said_ends_with_a_line_where_memory_ends(void **state) {
    (void)state;
    unsigned cut = 0;
    for (long n = 0; n < 20; n++) {
        struct verb_call call;
        struct err e = {0};
        mem_fail_at(n);
        (void)run("much -d h", &call, &e);
        mem_fail_at(-1);
        const struct buf *words = &call.words;
        assert_true(words->len == 0 || words->data[words->len - 1] == '\n');
        cut += words->failed && words->len > 0;
        verb_call_done(&call);
    }
    assert_true(cut > 0);
}

/* Who lacks the memory to say what came of it says whether anything did. */
static void what_was_done_is_not_said_to_have_changed_nothing(void **state) {
    (void)state;
    static const struct {
        const char *in;
        bool done;
    } cases[] = {{"backup -d h", true},       {"state -d h", true},
                 {"state -d h --json", true}, {"state -d h --dry-run", false},
                 {"status -d h", false},      {"status -d h --help", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned lacking = 0;
        for (long n = 0; n < 20; n++) {
            struct verb_call call;
            struct err e = {0};
            char text[512];
            mem_fail_at(n);
            int rc = run(cases[i].in, &call, &e);
            mem_fail_at(-1);
            bool done = strstr(err_text(&e, NULL, text, sizeof text), "it is done") != NULL;
            if (rc != 0 && (rc != ERR_NOMEM || done != cases[i].done))
                fail_msg("%s: %s", cases[i].in, text);
            lacking += rc != 0;
            verb_call_done(&call);
        }
        assert_true(lacking > 0);
    }
}

static void help_lists_what_is_built_and_fits_a_screen(void **state) {
    (void)state;
    struct verb_call call;
    assert_int_equal(run("--help", &call, NULL), 0);
    const char *text = buf_cstr(&call.out);
    assert_non_null(strstr(text, "  unit import FILE.csv  import units\n"));
    assert_non_null(strstr(text, "  board                 who is on time\n"));
    assert_null(strstr(text, "extend"));
    for (size_t n; *text; text += n + 1) {
        n = strcspn(text, "\n");
        assert_true(n <= 100);
    }
    verb_call_done(&call);
}

static void help_after_a_verb_is_about_that_verb_whatever_else_is_wrong(void **state) {
    (void)state;
    static const char *const lines[] = {"record --help", "record -h --nonsense", "-h record"};
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct verb_call call;
        struct err e = {0};
        assert_int_equal(run(lines[i], &call, &e), 0);
        assert_int_equal(e.code, 0);
        assert_non_null(
            strstr(buf_cstr(&call.out), "Usage: thidua-test -d DIR record --subject S\n"));
        assert_non_null(strstr(buf_cstr(&call.out), "  --score X    points\n"));
        verb_call_done(&call);
    }
    struct verb_call call;
    assert_int_equal(run("board --help", &call, NULL), 0);
    assert_null(strstr(buf_cstr(&call.out), "--at"));
    assert_non_null(strstr(buf_cstr(&call.out), "--json"));
    verb_call_done(&call);
}

static void an_option_wider_than_its_column_is_explained_on_the_next_line(void **state) {
    (void)state;
    struct verb_call call;
    assert_int_equal(run("rank --help", &call, NULL), 0);
    const char *text = buf_cstr(&call.out);
    assert_non_null(strstr(text, "  --limit N  how many\n"));
    assert_non_null(
        strstr(text, "  --whom collective|individual|both\n             whom to rank\n"));
    verb_call_done(&call);
}

static void an_option_is_peeked_at_as_it_is_written(void **state) {
    (void)state;
    static const struct {
        const char *line[4];
        const char *want; /* NULL: nothing */
    } cases[] = {
        {{"board", "--lang", "en"}, "en"},
        {{"--lang=en", "board"}, "en"},
        {{"--lang=", "--lang", "vi"}, ""},
        {{"board", "--lang"}, NULL},
        {{"--language=en", "--langs", "en"}, NULL},
        {{"board", "--", "--lang=en"}, NULL},
        {{NULL}, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char words[5][16] = {"thidua"}, *argv[6] = {words[0]};
        int argc = 1;
        for (; argc <= 4 && cases[i].line[argc - 1]; argc++) {
            (void)snprintf(words[argc], sizeof words[argc], "%s", cases[i].line[argc - 1]);
            argv[argc] = words[argc];
        }
        const char *got = verb_peek(argc, argv, "--lang");
        if (!got != !cases[i].want || (got && strcmp(got, cases[i].want) != 0))
            fail_msg("%zu: %s", i, got ? got : "nothing");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_option_is_peeked_at_as_it_is_written),
        cmocka_unit_test(a_line_reaches_its_verb_as_typed),
        cmocka_unit_test(a_wrong_line_is_told_what_is_wrong_and_what_is_near),
        cmocka_unit_test(what_a_failed_verb_said_is_kept),
        cmocka_unit_test(what_is_said_ends_with_a_line_where_memory_ends),
        cmocka_unit_test(what_was_done_is_not_said_to_have_changed_nothing),
        cmocka_unit_test(help_lists_what_is_built_and_fits_a_screen),
        cmocka_unit_test(help_after_a_verb_is_about_that_verb_whatever_else_is_wrong),
        cmocka_unit_test(an_option_wider_than_its_column_is_explained_on_the_next_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
