#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/slots.h"
#include "tests/unit/hub_world.h"

/* A campaign `id` in `version`; `more` stands among its keys. */
#define CAMPAIGN(id, version, more)                                                                \
    "campaign:\n  id: " id "\n  version: " version                                                 \
    "\n  title: {vi: T, en: T}\n  issuer: Tỉnh\n" more                                             \
    "  periods:\n    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"                       \
    "  reports:\n    - kind: annual\n"
#define CRITERIA(id) "  criteria:\n    - {id: " id ", about: collective, label: {vi: Một}}\n"
#define AMENDED "  amended_on: 01/06/2023\n  amended_why: sửa\n"
#define PARENT(id, inherit) "  parents:\n    - {id: " id ", inherit: " inherit "}\n"
#define PROFILE(version, criterion)                                                                \
    "profile:\n  id: p\n  version: " version "\n  campaign: a\n  label: {vi: P}\n"                 \
    "  default_mode: points\n  default_max: 10\n  rules:\n    - {criterion: " criterion            \
    ", max: 5}\n"

static void refuse(struct hub_world *w, const char *yaml, const char *word) {
    struct err e = {0};
    char text[2048];
    hub_world_file("campaign.yaml", yaml);
    assert_int_equal(hub_world_run(w, &e, "campaign", "issue", "campaign.yaml"), ERR_REFUSED);
    err_text(&e, NULL, text, sizeof text);
    if (!strstr(text, word))
        fail_msg("no “%s” in: %s", word, text);
}

static void a_higher_version_amends_and_says_why(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 41, NULL);
    hub_world_issue(&w, CAMPAIGN("a", "1", "") CRITERIA("C1"));
    assert_int_equal(strlen(w.out), 65); /* the record's id */
    refuse(&w, CAMPAIGN("a", "1", "") CRITERIA("C1"), "version 1 already");
    refuse(&w, CAMPAIGN("a", "2", "") CRITERIA("C1"), "amended");
    hub_world_issue(&w, CAMPAIGN("a", "2", AMENDED) CRITERIA("C2"));
    hub_world_do(&w, "campaign", "show", "a");
    assert_non_null(strstr(w.out, "C2"));
    hub_world_do(&w, "campaign", "list", "--json");
    assert_non_null(strstr(w.out, "\"version\":2"));
    hub_world_done(&w);
}

#define DUE(day) "      due: {date: " day ", inclusive: yes}\n"

static void an_amendment_says_what_it_changes(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 40,
                   "code,parent,level,kind,name,group\nP1,94,commune,,Phường 1,\n"
                   "P2,94,commune,,Phường 2,\n");
    hub_world_issue(&w, CAMPAIGN("a", "1", "") DUE("31/12/2033") CRITERIA("C1"));
    assert_null(strstr(w.words, "changes"));
    hub_world_file("campaign.yaml", CAMPAIGN("a", "2", AMENDED) DUE("01/01/2023") CRITERIA("C2"));
    hub_world_do(&w, "campaign", "issue", "campaign.yaml", "--dry-run");
    assert_non_null(strstr(w.words, "what changes against version 1:"));
    assert_non_null(strstr(w.words, "due date 31/12/2033 → 01/01/2023"));
    assert_non_null(strstr(w.words, "IN THE PAST"));
    assert_non_null(strstr(w.words, "criteria added: C2"));
    assert_non_null(strstr(w.words, "criteria removed: C1"));
    hub_world_issue(&w, CAMPAIGN("a", "2", AMENDED) DUE("31/12/2034") CRITERIA("C1"));
    assert_non_null(strstr(w.words, "due date 31/12/2033 → 31/12/2034"));
    assert_null(strstr(w.words, "EARLIER"));
    hub_world_issue(&w, CAMPAIGN("a", "3", AMENDED) DUE("30/12/2034") CRITERIA("C1"));
    assert_non_null(strstr(w.words, "that is EARLIER"));
    hub_world_issue(&w, CAMPAIGN("a", "4", AMENDED) DUE(
                            "30/12/2034") "      expected: [{levels: [nowhere]}]\n" CRITERIA("C1"));
    assert_non_null(strstr(w.words, "units asked 2 → 0"));
    hub_world_issue(&w, CAMPAIGN("a", "5", AMENDED) DUE(
                            "30/12/2034") "      expected: [{levels: [nowhere]}]\n" CRITERIA("C1"));
    assert_non_null(strstr(w.words, "stay as they were"));
    hub_world_done(&w);
}

static void a_dry_run_issues_nothing(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 42, NULL);
    hub_world_file("campaign.yaml", CAMPAIGN("a", "1", "") CRITERIA("C1"));
    hub_world_do(&w, "campaign", "issue", "campaign.yaml", "--dry-run");
    assert_non_null(strstr(w.words, "would be issued"));
    hub_world_do(&w, "campaign", "list", "--json");
    assert_null(strstr(w.out, "\"a\""));
    hub_world_done(&w);
}

static void inherited_criteria_must_be_at_hand(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 43, NULL);
    refuse(&w, CAMPAIGN("b", "1", PARENT("a", "criteria")), "not held here");
    hub_world_issue(&w, CAMPAIGN("c", "1", PARENT("a", "none")) CRITERIA("C1"));
    assert_non_null(strstr(w.words, "only named"));
    hub_world_issue(&w, CAMPAIGN("a", "1", "") CRITERIA("A1"));
    hub_world_issue(&w, CAMPAIGN("b", "1", PARENT("a", "criteria")) CRITERIA("B1"));
    hub_world_do(&w, "campaign", "show", "b", "--json");
    assert_non_null(strstr(w.out, "A1"));
    assert_non_null(strstr(w.out, "\"parents\":[{\"campaign\":\"a\",\"issuer\":null,"));
    refuse(&w, CAMPAIGN("a", "2", AMENDED PARENT("b", "criteria")) CRITERIA("A2"),
           "descends from a itself");
    hub_world_done(&w);
}

static void a_campaign_is_shown_with_all_that_it_says(void **state) {
    (void)state;
    static const char *const want[] = {
        "Peer groups\n  g Nhóm; units P1\n",
        "Awards\n  k Khen; yearly\n",
        "Quotas\n  q; k; 15 % / subjects; in each group; more is refused\n",
        "Milestones\n  m Mốc; 2023, by the end of the year\n",
        "  annual; commune: before 30/10; levels commune; without P1; late ones lose points: 2,5\n",
        "Recipients\n  r; Sở Nội vụ\n"};
    struct hub_world w;
    hub_world_init(&w, 46, "code,parent,level,name\nP1,94,commune,Phường 1\n");
    hub_world_issue(
        &w, "campaign:\n  id: a\n  title: {vi: T}\n  issuer: Tỉnh\n"
            "  periods:\n    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"
            "  reports:\n    - kind: annual\n      late: penalty\n      late_penalty: 2,5\n"
            "      due_by_level:\n        - {level: commune, each_year: 30/10, inclusive: no}\n"
            "      expected: [{levels: [commune], exclude: [P1]}]\n"
            "  groups:\n    - {id: g, subjects: collective, units: [P1], label: {vi: Nhóm}}\n"
            "  awards:\n    - {id: k, label: {vi: Khen}, occasion: yearly}\n"
            "  quotas:\n    - {id: q, award: k, amount: 15 %, base: subjects, scope: group, "
            "mode: block}\n"
            "  milestones:\n    - {id: m, label: {vi: Mốc}, date: \"2023\"}\n"
            "  recipients:\n    - {id: r, whom: Sở Nội vụ}\n" CRITERIA("C1"));
    hub_world_do(&w, "campaign", "show", "a");
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        if (!strstr(w.out, want[i]))
            fail_msg("no %s in:\n%s", want[i], w.out);
    hub_world_done(&w);
}

static void profile_and_campaign_may_come_in_either_order(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 44, NULL);
    hub_world_issue(&w, PROFILE("1", "C1"));
    assert_non_null(
        strstr(w.words, "this hub has issued no campaign a: the profile scores nothing"));
    refuse(&w, PROFILE("1", "C1"), "version 1 already");
    hub_world_issue(&w, CAMPAIGN("a", "1", "  profile: p\n") CRITERIA("C1"));
    assert_null(strstr(w.words, "not issued"));
    refuse(&w, PROFILE("2", "C9"), "C9");
    hub_world_issue(&w, CAMPAIGN("a", "2", AMENDED "  profile: p\n") CRITERIA("C2"));
    assert_non_null(strstr(w.words, "does not fit this version"));
    hub_world_issue(&w, PROFILE("2", "C2"));
    hub_world_done(&w);
}

static void a_sound_store_has_no_findings_and_a_bundle_everything(void **state) {
    (void)state;
    struct hub_world w;
    struct err e = {0};
    hub_world_init(&w, 45, "code,parent,level,name\nP1,94,commune,Phường 1\n");
    hub_world_issue(&w, CAMPAIGN("a", "1", "") CRITERIA("C1"));
    struct hub_report r = {.campaign = "a", .text = "+"};
    struct hash id = hub_world_seal(&w, hub_world_enrol(&w, "P1"), &r, w.now);
    hub_world_deliver(&w);
    hub_world_do(&w, "check", "--json");
    assert_non_null(strstr(w.out, "\"problems\":[]"));
    hub_world_do(&w, "bundle", "export", "bundle.tdb", "--for", "P1");
    assert_non_null(strstr(w.words, "bundle.tdb holds"));
    assert_int_equal(hub_world_run(&w, &e, "bundle", "export", "x", "--for", "X"), ERR_REFUSED);
    /* A slot that counts a report which was never receipted as valid is a finding. */
    struct actor a;
    struct txn *t;
    struct slot slot = {.campaign = "a", .period = "2022", .kind = REPORT_ANNUAL};
    hub_world_open(&a, true, &t);
    slot.unit = slot.issuer = a.unit;
    slots_enter(t, &slot, &(struct slot_revision){.report = a.id});
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    err_clear(&e);
    assert_int_equal(hub_world_run(&w, &e, "check"), ERR_CORRUPT);
    assert_non_null(strstr(w.out, "never receipted as valid"));
    assert_false(hash_is_zero(&id));
    hub_world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_higher_version_amends_and_says_why),
        cmocka_unit_test(an_amendment_says_what_it_changes),
        cmocka_unit_test(a_dry_run_issues_nothing),
        cmocka_unit_test(inherited_criteria_must_be_at_hand),
        cmocka_unit_test(a_campaign_is_shown_with_all_that_it_says),
        cmocka_unit_test(profile_and_campaign_may_come_in_either_order),
        cmocka_unit_test(a_sound_store_has_no_findings_and_a_bundle_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
