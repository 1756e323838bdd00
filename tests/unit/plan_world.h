/*
 * The campaign files that are shipped, read, and the criteria of plans 001, 002 and 003, one by
 * one, as their texts have them. Those of 000 stand in test_campaign_file.c; 004 has none.
 */
#ifndef TESTS_UNIT_PLAN_WORLD_H
#define TESTS_UNIT_PLAN_WORLD_H

#include "hub/campaign_file.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define FOLDER SOURCE_DIR "/ops/campaigns/"

/* What is shipped, in an order in which it can be issued. */
static const char *const files[] = {
    "tan-thanh-2023",
    "soctrang-2023",
    "soctrang-2023-points",
    "soctrang-2023-met",
    "quang-binh-vp",
    "quang-binh-vp-met",
    "quang-binh-vp-points",
    "son-hong-2021",
    "son-hong-2021-met",
    "son-hong-2021-points",
    "soctrang-mo-hinh",
    "soctrang-mo-hinh-met",
    "soctrang-mo-hinh-points",
    "qd-733",
    "lang-son",
    "lang-son-met",
    "lang-son-points",
};
static struct campaign_file loaded[COUNT(files)];

static inline int load_all(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        struct err e = {0};
        char path[512], why[1024];
        (void)snprintf(path, sizeof path, "%s%s.yaml", FOLDER, files[i]);
        if (campaign_file_load(path, NULL, NULL, &loaded[i], &e) != 0) {
            print_error("%s\n", err_text(&e, NULL, why, sizeof why));
            return -1;
        }
    }
    return 0;
}

static inline int free_all(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++)
        campaign_file_done(&loaded[i]);
    return 0;
}

static inline size_t at(const char *name) {
    for (size_t i = 0; i < COUNT(files); i++)
        if (strcmp(files[i], name) == 0)
            return i;
    fail_msg("%s is not shipped", name);
    return 0;
}

static inline struct campaign *plan(const char *name) {
    return &loaded[at(name)].campaign;
}

static inline const struct campaign *parent_of(void *arg, const struct hash *record) {
    (void)arg;
    return &loaded[record->b[0] - 1].campaign;
}

/* The criteria of `c` with those that it inherits from other files. */
static inline struct criteria resolved(struct campaign *c) {
    struct criteria all;
    struct err e = {0};
    for (uint32_t i = 0; i < c->n_parents; i++)
        if (c->parents[i].inherit == INHERIT_CRITERIA)
            c->parents[i].record.b[0] = (uint8_t)(at(c->parents[i].id) + 1);
    assert_int_equal(criteria_resolve(c, parent_of, NULL, &all, &e), 0);
    return all;
}

/* A criterion of a plan: C, I or G for both; whom it asks for, empty: all; the line in the source.
 */
struct fact {
    const char *id, *parent;
    bool leaf;
    char about;
    const char *applies;
    int32_t line;
};

static const struct fact plan_001[] = {
    {"C1", "", true, 'C', "", 19},           {"C2", "", false, 'C', "", 20},
    {"C2.1", "C2", true, 'C', "", 21},       {"C2.2", "C2", true, 'C', "", 22},
    {"C2.3", "C2", true, 'C', "", 23},       {"C3", "", false, 'C', "", 24},
    {"C3.1", "C3", true, 'C', "", 25},       {"C3.2", "C3", true, 'C', "", 26},
    {"C3.3", "C3", true, 'C', "", 27},       {"C4", "", true, 'C', "", 28},
    {"C5", "", false, 'C', "", 29},          {"C5.1", "C5", true, 'C', "", 29},
    {"C5.2", "C5", true, 'C', "", 29},       {"C6", "", true, 'C', "", 30},
    {"I1", "", false, 'I', "", 32},          {"I1.1", "I1", true, 'I', "", 33},
    {"I1.2", "I1", true, 'I', "", 34},       {"I1.3", "I1", true, 'I', "", 35},
    {"I1.4", "I1", true, 'I', "", 36},       {"I2", "", false, 'I', "", 37},
    {"I2.1", "I2", true, 'I', "", 39},       {"I2.2", "I2", true, 'I', "", 40},
    {"I2.3", "I2", true, 'I', "", 41},       {"I3", "", false, 'I', "", 42},
    {"I3.1", "I3", true, 'I', "", 44},       {"I3.2", "I3", true, 'I', "", 45},
    {"I3.3", "I3", true, 'I', "", 46},       {"I3.4", "I3", true, 'I', "leader", 47},
    {"I4", "", false, 'I', "", 48},          {"I4.1", "I4", true, 'I', "", 50},
    {"I4.2", "I4", true, 'I', "", 51},       {"I4.3", "I4", true, 'I', "", 52},
    {"I4.4", "I4", true, 'I', "leader", 53}, {"I5", "", false, 'I', "", 54},
    {"I5.1", "I5", true, 'I', "", 56},       {"I5.2", "I5", true, 'I', "", 57},
    {"I5.3", "I5", true, 'I', "", 58},       {"I5.4", "I5", true, 'I', "", 59},
    {"I5.5", "I5", true, 'I', "", 60},       {"I5.6", "I5", true, 'I', "", 61},
    {"I6", "", false, 'I', "", 62},          {"I6.1", "I6", true, 'I', "", 64},
    {"I6.2", "I6", true, 'I', "", 65},       {"I7", "", true, 'I', "", 66},
};
static const struct fact plan_002[] = {
    {"G1", "", true, 'G', "", 90},
    {"G2", "", true, 'G', "", 93},
    {"C1", "", false, 'C', "", 101},
    {"C1.1", "C1", true, 'C', "", 105},
    {"C1.2", "C1", true, 'C', "", 108},
    {"C1.3", "C1", true, 'C', "", 114},
    {"C1.4", "C1", true, 'C', "", 118},
    {"C1.5", "C1", true, 'C', "", 122},
    {"C2", "", false, 'C', "", 126},
    {"C2.1", "C2", true, 'C', "", 130},
    {"C2.2", "C2", true, 'C', "", 133},
    {"C2.3", "C2", true, 'C', "", 136},
    {"C3", "", true, 'C', "", 142},
    {"C4", "", true, 'C', "", 147},
    {"C5", "", true, 'C', "", 151},
    {"I1", "", false, 'I', "", 158},
    {"I1.1", "I1", true, 'I', "", 160},
    {"I1.2", "I1", true, 'I', "", 163},
    {"I1.3", "I1", true, 'I', "", 166},
    {"I1.4", "I1", true, 'I', "", 170},
    {"I2", "", true, 'I', "", 173},
    {"I3", "", false, 'I', "", 177},
    {"I3.1", "I3", true, 'I', "", 179},
    {"I3.2", "I3", true, 'I', "", 183},
    {"I3.3", "I3", true, 'I', "", 186},
    {"I3.4", "I3", true, 'I', "leader", 190},
    {"I4", "", false, 'I', "", 193},
    {"I4.1", "I4", true, 'I', "", 195},
    {"I4.2", "I4", true, 'I', "", 200},
    {"I4.3", "I4", true, 'I', "", 209},
    {"I4.4", "I4", true, 'I', "leader", 212},
    {"I5", "", false, 'I', "", 217},
    {"I5.1", "I5", true, 'I', "", 219},
    {"I5.2", "I5", true, 'I', "", 223},
    {"I5.3", "I5", true, 'I', "", 227},
    {"I5.4", "I5", true, 'I', "", 232},
    {"I5.5", "I5", true, 'I', "", 237},
    {"I5.6", "I5", true, 'I', "", 243},
    {"I6", "", false, 'I', "", 246},
    {"I6.1", "I6", true, 'I', "", 248},
    {"I6.2", "I6", true, 'I', "", 251},
    {"I6.3", "I6", true, 'I', "uniformed", 254},
    {"I7", "", true, 'I', "", 257},
};
static const struct fact plan_003[] = {
    {"N1", "", true, 'C', "", 37},           {"N2", "", true, 'C', "", 39},
    {"N3", "", true, 'C', "", 41},           {"K1", "", true, 'C', "", 33},
    {"K2", "", true, 'C', "takes_part", 41}, {"K3", "", true, 'C', "takes_part", 41},
};

#endif
