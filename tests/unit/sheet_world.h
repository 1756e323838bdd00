/*
 * One small world for the tests of sheets and profiles: a leaf of every sort in the columns, a
 * subject of every sort in the rows.
 */
#ifndef TESTS_UNIT_SHEET_WORLD_H
#define TESTS_UNIT_SHEET_WORLD_H

#include "core/sheet.h"

#include <string.h>

enum { MET, POINTS, BONUS, PENALTY, VALUE, BLANK, AIM, LEADER, PARTS, CLASSED, COLUMNS };
enum { UNIT, HEAD, CLERK, ROWS };

struct world {
    struct criterion leaf[COLUMNS];
    const struct criterion *leaves[COLUMNS];
    struct score_rule rules[COLUMNS];
    struct grade grades[3];
    struct grade_cap caps[1];
    struct unit_attribute attribute;
    struct uid member;
    struct campaign campaign;
    struct criteria criteria;
    struct profile profile;
    struct subject list[ROWS];
    struct subjects subjects;
    struct sheet_rules rules_of;
};

static char leader[] = "leader", takes_part[] = "takes_part", clerk[] = "cong-chuc";
static char *attributes[] = {leader}, *unit_attributes[] = {takes_part}, *classes[] = {clerk};

static inline void world_leaf(struct world *w, int at, char *id, enum score_part part,
                              enum score_mode mode, score max) {
    w->leaf[at] =
        (struct criterion){.id = id, .leaf = true, .individual = true, .collective = at <= AIM};
    w->leaves[at] = &w->leaf[at];
    w->rules[at] = (struct score_rule){id, part, mode, max};
}

static inline void world_init(struct world *w) {
    static char ids[COLUMNS][8] = {"met",   "points", "bonus",  "penalty", "value",
                                   "blank", "aim",    "leader", "parts",   "classed"};
    memset(w, 0, sizeof *w);
    world_leaf(w, MET, ids[MET], PART_BASE, MODE_MET, 1000);
    world_leaf(w, POINTS, ids[POINTS], PART_BASE, MODE_POINTS, 2000);
    world_leaf(w, BONUS, ids[BONUS], PART_BONUS, MODE_POINTS, 500);
    world_leaf(w, PENALTY, ids[PENALTY], PART_PENALTY, MODE_POINTS, 5000);
    world_leaf(w, VALUE, ids[VALUE], PART_BASE, MODE_VALUE, 700);
    w->leaf[VALUE].test = TEST_GT;
    w->leaf[VALUE].threshold = 8500;
    world_leaf(w, BLANK, ids[BLANK], PART_BASE, MODE_VALUE, 300);
    w->leaf[BLANK].test = TEST_GE;
    w->leaf[BLANK].threshold_unknown = true;
    world_leaf(w, AIM, ids[AIM], PART_BASE, MODE_MET, 9000);
    w->leaf[AIM].is_aim = true;
    world_leaf(w, LEADER, ids[LEADER], PART_BASE, MODE_MET, 100);
    w->leaf[LEADER].applies = (struct applicability){.n_attributes = 1, .attributes = attributes};
    world_leaf(w, PARTS, ids[PARTS], PART_BASE, MODE_MET, 10);
    w->leaf[PARTS].applies =
        (struct applicability){.n_unit_attributes = 1, .unit_attributes = unit_attributes};
    world_leaf(w, CLASSED, ids[CLASSED], PART_BASE, MODE_MET, 1);
    w->leaf[CLASSED].applies = (struct applicability){.n_classes = 1, .classes = classes};
    static char high[] = "high", middle[] = "middle", low[] = "low";
    w->grades[0] = (struct grade){.id = high, .share_min = 9000};
    w->grades[1] = (struct grade){.id = middle, .share_min = 5000};
    w->grades[2] = (struct grade){.id = low, .share_min = 0};
    w->grades[0].label.vi = w->grades[1].label.vi = w->grades[2].label.vi = high;
    w->caps[0] = (struct grade_cap){ids[POINTS], 500, middle};
    w->member.b[0] = 7;
    w->attribute = (struct unit_attribute){.id = takes_part, .n_units = 1, .units = &w->member};
    w->campaign.n_unit_attributes = 1;
    w->campaign.unit_attributes = &w->attribute;
    w->criteria = (struct criteria){.n_leaves = COLUMNS, .leaves = w->leaves};
    w->profile = (struct profile){.id = high,
                                  .version = 1,
                                  .default_max = 100,
                                  .na_allowed = true,
                                  .n_rules = COLUMNS,
                                  .rules = w->rules,
                                  .n_grades = 3,
                                  .grades = w->grades,
                                  .n_caps = 1,
                                  .caps = w->caps};
    w->profile.label.vi = high;
    static char codes[ROWS][8] = {"31234", "CB01", "CC02"};
    w->list[UNIT] = (struct subject){.code = codes[UNIT], .kind = SUBJECT_COLLECTIVE};
    w->list[HEAD] =
        (struct subject){.code = codes[HEAD], .kind = SUBJECT_INDIVIDUAL, .leader = true};
    w->list[CLERK] =
        (struct subject){.code = codes[CLERK], .kind = SUBJECT_INDIVIDUAL, .class_id = clerk};
    w->subjects = (struct subjects){.n = ROWS, .list = w->list};
    w->rules_of = (struct sheet_rules){.campaign = &w->campaign,
                                       .criteria = &w->criteria,
                                       .profile = &w->profile,
                                       .subjects = &w->subjects,
                                       .unit = {.id = w->member, .kind = "state"}};
}

#endif
