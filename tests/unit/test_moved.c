#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/agree_ask.h"
#include "tests/unit/contacts_world.h"
#include "tests/unit/rank_both.h"

/*
 * A unit that has machines on both sides of a move: the new district's speaks last, whichever hub
 * was enrolled first, and whoever reported last. Hub and auditor say the same of it.
 */

#define MACHINES 3u

static struct hub_office machines[MACHINES];

static struct hash report_by(struct hub_world *w, unsigned which, uint32_t revision) {
    struct hub_report r = {.campaign = "thu", .period = "2023", .text = "+", .revision = revision};
    struct hash id = hub_world_seal(w, &machines[which], &r, due - 60000);
    hub_world_deliver(w);
    return id;
}

/* Another hub for unit `code`, in the place of `which`. */
static void replace_hub(struct hub_world *w, unsigned which, const char *code) {
    take_in(which, hub_world_enrol_as(w, code, ROLE_HUB));
}

static void end_machines(void) {
    for (size_t i = 0; i < MACHINES; i++) {
        key_pair_free(machines[i].sign);
        machines[i].sign = NULL;
    }
}

/* The report in force of U6, here and at the auditor; the kept ranking has the same. */
static void in_force(struct hub_world *w, const struct hash *want) {
    char id[HASH_TEXT], part[HASH_TEXT + 16];
    hash_text(want, id);
    const char *row = strstr(board(w), "{\"unit\":\"U6\"");
    assert_non_null(row);
    (void)snprintf(part, sizeof part, "\"report\":\"%s\"", id);
    const char *report = strstr(row, "\"report\"");
    if (!report || strncmp(report, part, strlen(part)) != 0)
        fail_msg("%s is not in force: %s", id, row);
    (void)rank_both_keep(w, 100);
    both(w, 0, true, "--period", "2023", "--subject-kind", "collective");
    hub_world_do(w, "rank", "--period", "2023", "--subject-kind", "collective", "--json");
    if (!strstr(w->out, part))
        fail_msg("%s is not ranked: %s", id, w->out);
    hub_world_do(w, "check");
}

/* Where each machine of U6 was enrolled. */
enum way {
    MOVED,       /* by D; by E, after the move there */
    REPLACED,    /* by another hub of D, younger than E; by E, after the move there */
    MOVED_TWICE, /* the same; moved on, to where no machine was enrolled */
    MOVED_BACK,  /* by D; by E, after the move there; by D again */
    STAYED,      /* by D; by another hub of D */
};

static void enrol_all(struct hub_world *w, enum way way) {
    if (way == REPLACED || way == MOVED_TWICE)
        replace_hub(w, D, "D");
    enrol_by(w, D, ROLE_NODE, "U6", &machines[0]);
    if (way == STAYED)
        replace_hub(w, D, "D");
    else
        move_unit(w, "U6", "E", "2023-07-01");
    enrol_by(w, way == STAYED ? D : E, ROLE_NODE, "U6", &machines[1]);
    if (way == MOVED_TWICE)
        move_unit(w, "U6", "U2", "2023-08-01");
    if (way == MOVED_BACK) {
        move_unit(w, "U6", "D", "2023-08-01");
        enrol_by(w, D, ROLE_NODE, "U6", &machines[2]);
    }
}

static void the_machine_of_the_hub_that_has_the_unit_speaks_last(void **s) {
    (void)s;
    static const struct {
        const char *name;
        enum way way;
        const char *turns; /* whose machine reports, in this order */
        unsigned want;     /* which of them is in force */
    } cases[] = {
        {"moved, the old one alone", MOVED, "0", 0},
        {"moved, old and new", MOVED, "01", 1},
        {"moved, new and old", MOVED, "10", 0},
        {"moved, the old one goes on", MOVED, "010", 1},
        {"replaced, the old one alone", REPLACED, "00", 1},
        {"replaced, old and new", REPLACED, "01", 1},
        {"replaced, new and old", REPLACED, "10", 0},
        {"replaced, the old one goes on", REPLACED, "0100", 1},
        {"replaced, the new one goes on", REPLACED, "0101", 3},
        {"twice, the third is silent", MOVED_TWICE, "10", 0},
        {"back, who came back speaks", MOVED_BACK, "120", 1},
        {"back, without who came back", MOVED_BACK, "01", 0},
        {"stayed, old and new", STAYED, "01", 1},
        {"stayed, new and old", STAYED, "10", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hash reports[8];
        uint32_t revisions[MACHINES] = {0};
        void *w = NULL;
        print_message("%s\n", cases[i].name);
        begin(&w);
        enrol_all(w, cases[i].way);
        for (size_t k = 0; cases[i].turns[k]; k++) {
            unsigned which = (unsigned)(cases[i].turns[k] - '0');
            reports[k] = report_by(w, which, ++revisions[which]);
        }
        in_force(w, &reports[cases[i].want]);
        end_machines();
        end(&w);
    }
}

/* The ranking that is kept was made before the move was stated. */
static void what_was_kept_changes_with_the_tree(void **s) {
    struct hub_world *w = *s;
    replace_hub(w, D, "D");
    move_unit(w, "U6", "E", "2023-07-01");
    enrol_by(w, E, ROLE_NODE, "U6", &machines[1]);
    move_unit(w, "U6", "D", "2023-07-01");
    enrol_by(w, D, ROLE_NODE, "U6", &machines[0]);
    struct hash one = report_by(w, 0, 1), other = report_by(w, 1, 1);
    in_force(w, &one);
    move_unit(w, "U6", "E", "2023-09-01");
    in_force(w, &other);
    move_unit(w, "U6", "D", "2023-10-01");
    in_force(w, &one);
    end_machines();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_machine_of_the_hub_that_has_the_unit_speaks_last),
        cmocka_unit_test_setup_teardown(what_was_kept_changes_with_the_tree, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
