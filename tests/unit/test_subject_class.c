/* Classes of subjects: who is typed otherwise than campaigns call it is not left out silently. */
#include "tests/unit/node_world.h"

static bool says(struct node_world *w, const char *want) {
    return strstr(nw_out(w), want) != NULL;
}

static const char by_class[] =
    "campaign:\n  id: theo-lop\n  version: 1\n  title: {vi: Theo nhóm}\n  issuer: Tỉnh\n"
    "  periods:\n    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"
    "  individuals:\n    - {id: can-bo, label: {vi: Cán bộ, en: Official}}\n"
    "    - {id: cong-chuc, label: {vi: Công chức, en: Civil servant}}\n"
    "  reports:\n    - kind: annual\n      default: yes\n"
    "      due: {date: 15/12/2023, inclusive: yes}\n"
    "  criteria:\n    - id: I1\n      about: individual\n      label: {vi: Một}\n"
    "      applies: {classes: [can-bo]}\n";

static void import_class(struct node_world *w, const char *class_text) {
    char text[256];
    (void)snprintf(text, sizeof text, "code,kind,class,name,unit\nA,individual,%s,Nguyễn Văn A,\n",
                   class_text);
    nw_write(w, text);
}

static void a_class_that_is_typed_otherwise_leaves_nobody_out(void **state) {
    struct node_world *w = *state;
    static const char *const like[] = {"can bo", "Can-Bo", "cán bộ", "canbo"};
    nw_issue(w, by_class);
    nw_sync(w);
    for (size_t i = 0; i < COUNT(like); i++) {
        import_class(w, like[i]);
        nw_refused(w, "subject import @", "is it “can-bo”?");
    }
    static const char *const same[] = {"can-bo", "Cán bộ", "Official"};
    for (size_t i = 0; i < COUNT(same); i++) {
        import_class(w, same[i]);
        nw_ok(w, "subject import @");
        assert_null(strstr(nw_words(w), "no campaign here"));
        nw_ok(w, "subject show A --json");
        assert_true(says(w, "\"class\":\"can-bo\""));
    }
    nw_ok(w, "record --campaign theo-lop --subject A --criterion I1 --met");
    nw_ok(w, "submit --campaign theo-lop --dry-run");
    assert_null(strstr(nw_words(w), "maximum"));
}

static void a_class_that_no_campaign_knows_is_told(void **state) {
    struct node_world *w = *state;
    import_class(w, "khac");
    nw_ok(w, "subject import @ --dry-run");
    assert_null(strstr(nw_words(w), "no campaign here"));
    nw_issue(w, by_class);
    nw_sync(w);
    nw_ok(w, "subject import @");
    assert_non_null(strstr(nw_words(w), "line 2: no campaign here has a class “khac”"));
    assert_non_null(strstr(nw_words(w), "there are: can-bo, cong-chuc\n"));
    nw_ok(w, "submit --campaign theo-lop --dry-run");
    assert_non_null(
        strstr(nw_words(w), "A (class “khac”): no criterion applies, so the maximum is 0"));
    assert_null(strstr(nw_words(w), "31633 (class"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nw_setup, nw_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_class_that_is_typed_otherwise_leaves_nobody_out),
        TEST(a_class_that_no_campaign_knows_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
