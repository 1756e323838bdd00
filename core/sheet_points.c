#include "core/limits.h"
#include "core/sheet.h"

#include "core/check.h"

#include <string.h>

static bool passes(const struct criterion *leaf, score value) {
    if (leaf->threshold_unknown)
        return false;
    switch (leaf->test) {
    case TEST_GT:
        return value > leaf->threshold;
    case TEST_GE:
        return value >= leaf->threshold;
    case TEST_LT:
        return value < leaf->threshold;
    case TEST_LE:
        return value <= leaf->threshold;
    case TEST_EQ:
        return value == leaf->threshold;
    case TEST_NONE:
        break;
    }
    return false;
}

/* What `cell` is worth under `rule`: all or nothing of the maximum, or as many points as given. */
static score worth(const struct criterion *leaf, const struct score_rule *rule,
                   const struct cell *cell) {
    switch ((enum cell_state)cell->state) {
    case CELL_MET:
        return rule->max;
    case CELL_SCORE:
        return cell->value;
    case CELL_VALUE:
        return passes(leaf, cell->value) ? rule->max : 0;
    case CELL_EMPTY:
    case CELL_NA:
    case CELL_NOT_MET:
        break;
    }
    return 0;
}

static int32_t bounded(int64_t v) {
    return (int32_t)(v > LIMIT_SCORE ? LIMIT_SCORE : v < -LIMIT_SCORE ? -LIMIT_SCORE : v);
}

void sheet_points(const struct sheet_rules *r, const struct sheet *s, uint32_t row,
                  struct points *ret_points) {
    int64_t sum[3] = {0}, max = 0;
    struct points p = {0};
    for (uint32_t column = 0; column < s->columns; column++) {
        const struct criterion *leaf = r->criteria->leaves[column];
        const struct cell *cell = sheet_cell_const(s, row, column);
        if (leaf->is_aim ||
            !criterion_applies(leaf, r->campaign, &r->subjects->list[row], &r->unit))
            continue;
        struct score_rule rule = sheet_column(r, column);
        score got = worth(leaf, &rule, cell);
        sum[rule.part] += got;
        max += rule.part == PART_BASE ? rule.max : 0;
        p.met += rule.part != PART_PENALTY && got == rule.max;
        p.empty += cell->state == CELL_EMPTY;
    }
    p.base = bounded(sum[PART_BASE]);
    p.bonus = bounded(sum[PART_BONUS]);
    p.penalty = bounded(sum[PART_PENALTY]);
    p.total = bounded(sum[PART_BASE] + sum[PART_BONUS] - sum[PART_PENALTY]);
    p.max = bounded(max);
    *ret_points = p;
}

/* Whether `cap` holds for `row`: its leaf applies and falls short, an empty one included. */
static bool cap_holds(const struct sheet_rules *r, const struct sheet *s, uint32_t row,
                      const struct grade_cap *cap) {
    int column = criteria_leaf(r->criteria, cap->criterion);
    if (column < 0)
        return false;
    const struct criterion *leaf = r->criteria->leaves[column];
    if (!criterion_applies(leaf, r->campaign, &r->subjects->list[row], &r->unit))
        return false;
    struct score_rule rule = sheet_column(r, (uint32_t)column);
    score got = worth(leaf, &rule, sheet_cell_const(s, row, (uint32_t)column));
    return got < (rule.mode == MODE_POINTS ? cap->below : rule.max);
}

const struct grade *sheet_grade(const struct sheet_rules *r, const struct sheet *s, uint32_t row,
                                const struct points *p) {
    const struct profile *f = r->profile;
    uint32_t at = 0;
    if (f->n_grades == 0 || p->max == 0)
        return NULL;
    while (at + 1 < f->n_grades &&
           (int64_t)p->total * 10000 < (int64_t)f->grades[at].share_min * p->max)
        at++;
    for (uint32_t i = 0; i < f->n_caps; i++) {
        uint32_t most = 0;
        if (!cap_holds(r, s, row, &f->caps[i]))
            continue;
        while (most + 1 < f->n_grades && !check_same(f->grades[most].id, f->caps[i].grade))
            most++;
        at = most > at ? most : at;
    }
    return &f->grades[at];
}
