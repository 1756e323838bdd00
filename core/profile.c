#include "core/profile.h"

#include "core/check.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stddef.h>
#include <string.h>

const struct profile profile_met = {
    .id = "met",
    .version = 1,
    .campaign = "",
    .label = {.vi = "Đạt / không đạt", .en = "Met / not met"},
    .default_mode = MODE_MET,
    .default_max = 100,
    .na_allowed = true,
};

void profile_done(struct profile *p) {
    if (!p)
        return;
    for (uint32_t i = 0; p->rules && i < p->n_rules; i++)
        mem_free(p->rules[i].criterion);
    for (uint32_t i = 0; p->grades && i < p->n_grades; i++) {
        mem_free(p->grades[i].id);
        mem_free(p->grades[i].label.vi);
        mem_free(p->grades[i].label.en);
    }
    for (uint32_t i = 0; p->caps && i < p->n_caps; i++) {
        mem_free(p->caps[i].criterion);
        mem_free(p->caps[i].grade);
    }
    mem_free(p->rules);
    mem_free(p->grades);
    mem_free(p->caps);
    mem_free(p->id);
    mem_free(p->campaign);
    mem_free(p->label.vi);
    mem_free(p->label.en);
    memset(p, 0, sizeof *p);
}

static void check_rules(struct check *k, const struct profile *p) {
    for (uint32_t i = 0; i < p->n_rules && k->rc == 0; i++) {
        check_enter(k, "rules[%u]", i + 1);
        check_code(k, "criterion", p->rules[i].criterion, true);
        check_range(k, "part", p->rules[i].part, PART_BASE, PART_PENALTY);
        check_range(k, "mode", p->rules[i].mode, MODE_MET, MODE_VALUE);
        check_range(k, "max", p->rules[i].max, 1, LIMIT_SCORE);
    }
    check_enter(k, "%s", "");
    check_unique(k, "rules", p->rules, p->n_rules, sizeof *p->rules,
                 offsetof(struct score_rule, criterion));
}

static void check_grades(struct check *k, const struct profile *p) {
    for (uint32_t i = 0; i < p->n_grades && k->rc == 0; i++) {
        const struct grade *g = &p->grades[i];
        check_enter(k, "grades[%u]", i + 1);
        check_code(k, "id", g->id, true);
        check_label(k, "label", &g->label, true);
        check_range(k, "from", g->share_min, 0, 1000000);
        if (k->rc == 0 && i > 0 && g->share_min >= p->grades[i - 1].share_min)
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: grade %s does not begin below the one before it; list grades from "
                            "high to low",
                            check_path(k, "from"), g->id);
    }
    /* A score below every band would have no grade of its own, and would be given the last one's.
     */
    if (k->rc == 0 && p->n_grades > 0 && p->grades[p->n_grades - 1].share_min != 0)
        k->rc = err_set(k->e, ERR_REFUSED,
                        "%s: the last grade, %s, does not begin at 0, so a lower score would have "
                        "none; write from: 0, or add a grade below it",
                        check_path(k, "from"), p->grades[p->n_grades - 1].id);
    check_enter(k, "%s", "");
    check_unique(k, "grades", p->grades, p->n_grades, sizeof *p->grades,
                 offsetof(struct grade, id));
}

static int grade_at(const struct profile *p, const char *id) {
    return check_find(p->grades, p->n_grades, sizeof *p->grades, offsetof(struct grade, id), id);
}

static void check_caps(struct check *k, const struct profile *p) {
    for (uint32_t i = 0; i < p->n_caps && k->rc == 0; i++) {
        const struct grade_cap *cap = &p->caps[i];
        struct score_rule rule;
        check_enter(k, "caps[%u]", i + 1);
        check_code(k, "criterion", cap->criterion, true);
        check_range(k, "below", cap->below, 0, LIMIT_SCORE);
        if (k->rc == 0 && grade_at(p, cap->grade) < 0)
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: no grade is called “%s”; declare it under grades, or correct the "
                            "id",
                            check_path(k, "grade"), cap->grade);
        if (k->rc != 0)
            return;
        profile_rule(p, cap->criterion, &rule);
        if (rule.part == PART_PENALTY)
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: %s is a penalty, and a low penalty is no fault; name another "
                            "criterion",
                            check_path(k, "criterion"), cap->criterion);
    }
}

int profile_check(const struct profile *p, struct err *e) {
    struct check k;
    check_init(&k, e);
    if (!check_count(&k, "rules", p->n_rules, LIMIT_CRITERIA) ||
        !check_count(&k, "grades", p->n_grades, LIMIT_LIST) ||
        !check_count(&k, "caps", p->n_caps, LIMIT_LIST))
        return k.rc;
    check_code(&k, "id", p->id, true);
    check_range(&k, "version", p->version, 1, INT32_MAX);
    check_code(&k, "campaign", p->campaign, false);
    check_label(&k, "label", &p->label, true);
    check_range(&k, "default_mode", p->default_mode, MODE_MET, MODE_VALUE);
    check_range(&k, "default_max", p->default_max, 1, LIMIT_SCORE);
    check_rules(&k, p);
    check_grades(&k, p);
    check_caps(&k, p);
    return k.rc;
}

/* Each list of `p` names leaves of `c` that take part in a score. */
static void check_leaves(struct check *k, const struct profile *p, const struct criteria *c) {
    for (uint32_t i = 0; i < p->n_rules && k->rc == 0; i++)
        if (criteria_leaf(c, p->rules[i].criterion) < 0)
            k->rc = err_set(k->e, ERR_REFUSED,
                            "rules[%u].criterion: “%s” is no criterion that takes values; name one "
                            "that does",
                            i + 1, p->rules[i].criterion);
    for (uint32_t i = 0; i < p->n_caps && k->rc == 0; i++) {
        int leaf = criteria_leaf(c, p->caps[i].criterion);
        if (leaf < 0 || c->leaves[leaf]->is_aim)
            k->rc =
                err_set(k->e, ERR_REFUSED,
                        "caps[%u].criterion: “%s” is no criterion that is scored; name one that "
                        "is",
                        i + 1, p->caps[i].criterion);
    }
}

/* The most that all leaves together can give and take stays within what a ranking can order. */
static void check_sums(struct check *k, const struct profile *p, const struct criteria *c) {
    int64_t most[3] = {0};
    for (uint32_t i = 0; i < c->n_leaves && k->rc == 0; i++) {
        const struct criterion *leaf = c->leaves[i];
        struct score_rule rule;
        profile_rule(p, leaf->id, &rule);
        if (rule.mode == MODE_VALUE && leaf->test == TEST_NONE && !leaf->threshold_unknown)
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: criterion %s has no threshold to hold a measured value against; "
                            "give it a test, or score it by met or points",
                            "rules", leaf->id);
        if (!leaf->is_aim)
            most[rule.part] += rule.max;
    }
    if (k->rc == 0 &&
        (most[PART_BASE] + most[PART_BONUS] > LIMIT_SCORE || most[PART_PENALTY] > LIMIT_SCORE))
        k->rc = err_set(k->e, ERR_REFUSED,
                        "%s: all criteria together give or take more than %d.%d points; lower "
                        "their maximum",
                        "rules", LIMIT_SCORE / 100, LIMIT_SCORE % 100);
}

int profile_check_criteria(const struct profile *p, const struct criteria *c, struct err *e) {
    struct check k;
    check_init(&k, e);
    check_leaves(&k, p, c);
    check_sums(&k, p, c);
    return k.rc;
}

void profile_rule(const struct profile *p, const char *id, struct score_rule *ret_rule) {
    int at = check_find(p->rules, p->n_rules, sizeof *p->rules,
                        offsetof(struct score_rule, criterion), id);
    if (at >= 0) {
        *ret_rule = p->rules[at];
        return;
    }
    memset(ret_rule, 0, sizeof *ret_rule);
    ret_rule->part = PART_BASE;
    ret_rule->mode = p->default_mode;
    ret_rule->max = p->default_max;
}
