/*
 * A province at random: units, campaigns, profiles, reports, and what is stated beside them, from
 * dice that a test throws.
 */
#ifndef TESTS_UNIT_AGREE_WORLD_H
#define TESTS_UNIT_AGREE_WORLD_H

#include "tests/unit/hub_world.h"

static const char *const codes[] = {"P1", "P2", "P3", "Q1", "Q2", "SNV", "SYT"};
#define UNITS (sizeof codes / sizeof *codes)

/* The same two under other names, exchanged, and before anybody named them. */
static const struct hub_person callings[][2] = {
    {{"01", "cong-chuc", "An", false}, {"02", "can-bo", "Bình", true}},
    {{"01", "cong-chuc", "Ân", false}, {"02", "can-bo", "Bính", true}},
    {{"01", "cong-chuc", "Bình", false}, {"02", "can-bo", "An", true}},
    {{"01", "cong-chuc", NULL, false}, {"02", "can-bo", NULL, true}},
};
#define CALLINGS (sizeof callings / sizeof *callings)

/* The reports of one round, in the order sealed. */
static struct hash sealed[64];
static unsigned n_sealed;

/* The units of the first offices, in their order. */
static const char *enrolled[UNITS];
static unsigned n_enrolled;

static inline unsigned roll(struct hub_world *w, unsigned n) {
    return (unsigned)(hub_world_next(w) % n);
}

static inline const char *pick(struct hub_world *w, const char *const *list, unsigned n) {
    return list[roll(w, n)];
}

static inline void make_units(struct hub_world *w, struct buf *out) {
    static const char *const groups[] = {"a", "b", ""};
    unsigned grouped = roll(w, 2); /* else there is one group of all */
    static const char *const ends[] = {"", "", "2023-12-16", "2023-06-30"};
    buf_put_str(out, "code,parent,level,kind,name,group,until\n");
    for (size_t i = 0; i < UNITS; i++)
        buf_printf(out, "%s,%s,%s,state,Đơn vị %zu,%s,%s\n", codes[i],
                   codes[i][0] == 'Q' ? "P1" : "94", codes[i][0] == 'S' ? "department" : "commune",
                   i, grouped ? pick(w, groups, 3) : "", pick(w, ends, 4));
}

/* Quotas of every scope, kind and rounding. */
static inline void make_quotas(struct hub_world *w, struct buf *out) {
    static const char *const scopes[] = {"issuer", "group", "unit"};
    static const char *const kinds[] = {"collective", "individual", "both"};
    static const char *const amounts[] = {"1",
                                          "2",
                                          "3",
                                          "0",
                                          "15 %, base: subjects",
                                          "50 %, base: subjects, rounding: half_up",
                                          "10 %, base: subjects, rounding: up",
                                          "20 %, base: giay-khen"};
    buf_put_str(out, "  awards: [{id: giay-khen, label: {vi: Giấy khen}}]\n  quotas:\n");
    for (unsigned n = 1 + roll(w, 4), i = 0; i < n; i++)
        buf_printf(out, "    - {id: q%u, scope: %s, subjects: %s, amount: %s, mode: %s%s}\n", i,
                   pick(w, scopes, 3), pick(w, kinds, 3), pick(w, amounts, 8),
                   roll(w, 2) ? "warn" : "block", roll(w, 2) ? ", award: giay-khen" : "");
}

static inline void make_campaign(struct hub_world *w, unsigned version, struct buf *out) {
    static const char *const late[] = {"mark", "exclude", "penalty\n      late_penalty: 3"};
    static const char *const expected[] = {
        "", "      expected: [{levels: [commune], exclude: [P2]}]\n",
        "      expected: [{include: [SNV, Q1]}]\n",
        "      expected: [{groups: [a]}, {include: [P3], from: 2023-12-16}]\n"};
    static const char *const groups[] = {
        "", "  groups:\n    - {id: g, subjects: collective, units: [P1, SNV, Q1], label: {vi: G}}\n"
            "    - {id: h, subjects: individual, classes: [can-bo], label: {vi: H}}\n"};
    static const char *const ties[] = {
        "", "  tie_breakers:\n    - {by: criterion, criterion: C2}\n    - {by: met}\n",
        "  tie_breakers:\n    - {by: base, smallest_first: yes}\n"};
    buf_printf(out,
               "campaign:\n  id: thu\n  version: %u\n%s"
               "  title: {vi: Thử}\n  issuer: Tỉnh\n  profile: %s\n"
               "  periods:\n"
               "    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"
               "    - {id: 2023-H1, begin: 01/01/2023, end: 30/06/2023, cutoff: 15/06/2023}\n"
               "  individuals:\n    - {id: cong-chuc, label: {vi: A}}\n"
               "    - {id: can-bo, label: {vi: B}}\n"
               "  reports:\n    - kind: annual\n      default: yes\n      late: %s\n"
               "      allow_incomplete: %s\n"
               "      due_by_level:\n"
               "        - {level: commune, date: 15/12/2023, inclusive: yes, roll: next}\n"
               "        - {level: department, date: 10/12/2023, inclusive: no}\n%s"
               "    - kind: final\n"
               "  criteria:\n    - {id: C1, about: both, label: {vi: Một}}\n"
               "    - {id: C2, about: collective, label: {vi: Hai}}\n"
               "    - {id: L, about: individual, label: {vi: Ba}, applies: {attributes: "
               "[leader]}}\n%s%s",
               version, version > 1 ? "  amended_on: 08/12/2023\n  amended_why: sửa\n" : "", "diem",
               pick(w, late, 3), roll(w, 2) ? "yes" : "no", pick(w, expected, 4),
               pick(w, groups, 2), pick(w, ties, 3));
    if (roll(w, 4))
        make_quotas(w, out);
}

/* What is refused at that moment changes nothing. */
static inline void try(struct hub_world *w, char *const *argv) {
    struct err e = {0};
    (void)hub_world_run_argv(w, &e, argv);
}

static inline void issue(struct hub_world *w, struct hub_world *dice, unsigned version) {
    struct buf b;
    buf_init(&b);
    make_campaign(dice, version, &b);
    hub_world_file("campaign.yaml", buf_cstr(&b));
    try(w, (char *[]){"campaign", "issue", "campaign.yaml", NULL}); /* it may be withdrawn */
    buf_done(&b);
}

static const char profile[] = "profile:\n  id: diem\n  campaign: thu\n  label: {vi: Điểm}\n"
                              "  default_mode: points\n  default_max: 10\n"
                              "  rules:\n    - {criterion: C2, part: bonus}\n"
                              "  grades:\n    - {id: tot, from: 70, label: {vi: Tốt}}\n"
                              "    - {id: kem, from: 0, label: {vi: Kém}}\n";

/* A report of some kind, period and completeness, sometimes none of its values scored at all. */
static inline void seal(struct hub_world *w, struct hub_office *o, uint32_t revision) {
    static const instant day_ms = MS_PER_DAY;
    char text[64];
    unsigned a = 5 + roll(w, 3), b = 5 + roll(w, 3), c = 5 + roll(w, 3);
    (void)snprintf(text, sizeof text, "%u %u\n%u\n%u %s", a, b, c, a, roll(w, 5) ? "8" : ".");
    struct hub_report r = {.campaign = "thu",
                           .period = roll(w, 3) ? "2023" : "2023-H1",
                           .profile = roll(w, 8) ? "diem" : NULL,
                           .text = roll(w, 8) ? text : NULL,
                           .kind = roll(w, 6) ? REPORT_ANNUAL : REPORT_FINAL,
                           .revision = revision,
                           .n_people = 2,
                           .people = callings[roll(w, CALLINGS)]};
    if (!r.profile && r.text)
        r.text = "+ -\n+\n- +";
    w->doubting = roll(w, 3) == 0;
    sealed[n_sealed++] =
        hub_world_seal(w, o, &r,
                       hub_world_at("2023-12-06T00:00:00+07:00") + day_ms * (instant)roll(w, 14) +
                           (instant)roll(w, 3) - 1);
}

/* Run a verb that may be refused, or change nothing. */
/* Whatever hubs and offices state about reports, due dates and campaigns beside them. */
static inline void act(struct hub_world *w) {
    static char *const units[] = {"P1", "P2", "P3", "Q1", "SNV", "SYT", "94"};
    static char *const untils[] = {"2023-12-12T00:00:00+07:00", "2023-12-16T00:00:00.001+07:00",
                                   "2023-12-18T12:00:00+07:00", "2023-12-31"};
    static char *const periods[] = {"2023", "2023", "2023-H1"};
    static char *const days[] = {"2023-06-01", "2023-12-15", "2023-12-16"};
    char *unit = units[roll(w, 7)];
    w->now = hub_world_at("2023-12-07T09:00:00+07:00") + MS_PER_DAY * (instant)roll(w, 14);
    switch (roll(w, 6)) {
    case 0:
        try(w, (char *[]){"campaign", "assign", "thu", "--unit", unit, "--reason", "thêm",
                          roll(w, 2) ? "--exempt" : NULL, NULL});
        break;
    case 1:
        try(w, (char *[]){"campaign", "assign", "thu", "--unit", unit, "--reason", "thêm",
                          "--exempt", roll(w, 2) ? "--from" : "--until", days[roll(w, 3)], NULL});
        break;
    case 2:
        if (roll(w, 4) == 0)
            try(w, (char *[]){"campaign", "withdraw", "thu", "--reason", "thôi", NULL});
        break;
    case 3:
        try(w, (char *[]){"extend", "--campaign", "thu", "--period", periods[roll(w, 3)], "--until",
                          untils[roll(w, 4)], "--reason", "bão", "--group", roll(w, 2) ? "a" : "g",
                          NULL});
        break;
    default:
        try(w, (char *[]){"extend", "--campaign", "thu", "--period", periods[roll(w, 3)], "--until",
                          untils[roll(w, 4)], "--reason", "bão", roll(w, 3) ? "--unit" : "--under",
                          unit, NULL});
    }
}

/* The root's clock is said to have been wrong for some days, by either of the two keys. */
static inline void mend(struct hub_world *w) {
    static char *const days[] = {"2023-12-05", "2023-12-08", "2023-12-12",
                                 "2023-12-15T23:59:59+07:00", "2023-12-21"};
    static char *const shifts[] = {"+0s", "-3d", "+4d", "+3652d", "-3652d", "+36h"};
    unsigned from = roll(w, 4);
    try(w, (char *[]){"clock", "mend", "94", "--from", days[from], "--until",
                      days[from + 1 + roll(w, 4 - from)], "--shift", shifts[roll(w, 6)], "--key",
                      roll(w, 3) ? "root.key" : "recovery.key", "--reason", "đồng hồ",
                      roll(w, 2) ? "--all" : NULL, NULL});
}

/* An office calls its people otherwise, between reports or after the last one. */
static inline void call_otherwise(struct hub_world *w, struct hub_office *o) {
    hub_world_rename(w, o, callings[roll(w, CALLINGS)], 2,
                     hub_world_at("2023-12-19T00:00:00+07:00"));
}

/* An office takes one of the reports back; often it is another's, and stands. */
static inline void take_back(struct hub_world *w, struct hub_office *o, unsigned own) {
    const struct hash *report =
        &sealed[roll(w, 4) ? n_sealed - 1 - roll(w, own) : roll(w, n_sealed)];
    (void)hub_world_withdraw(w, o, report, hub_world_at("2023-12-19T00:00:00+07:00"));
}

/* Machines are revoked, most of them back to some earlier record; some units get another one. */
static inline void lose_machine(struct hub_world *w) {
    unsigned i = roll(w, n_enrolled);
    struct hub_office *o = &w->offices[i];
    char last[32];
    (void)snprintf(last, sizeof last, "1:%u", roll(w, (unsigned)o->seq + 1));
    char *code = (char *)(uintptr_t)enrolled[i];
    w->now = hub_world_at("2023-12-19T09:00:00+07:00");
    try(w, (char *[]){"revoke", code, "--reason", "mất máy", roll(w, 5) ? "--last-good" : NULL,
                      last, NULL});
    if (roll(w, 3) == 0 && n_sealed < 60) {
        w->now = hub_world_at("2023-01-03T08:00:00+07:00"); /* every unit exists */
        seal(w, hub_world_enrol(w, code), 1);
        hub_world_deliver(w);
    }
}

#endif
