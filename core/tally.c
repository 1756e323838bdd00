#include "core/tally.h"

#include <assert.h>

/* An enum, so that each state counts as one of these and actual stays within expected. */
enum counts { COUNTS_NOT, COUNTS_EXPECTED, COUNTS_ACTUAL, COUNTS_ON_TIME };

static enum counts counts_as(enum slot_state s) {
    switch (s) {
    case SLOT_EXEMPT:
        return COUNTS_NOT;
    case SLOT_MISSING:
    case SLOT_UNKNOWN:
    case SLOT_NOT_DUE:
        return COUNTS_EXPECTED;
    case SLOT_LATE:
        return COUNTS_ACTUAL;
    case SLOT_ON_TIME:
    case SLOT_EXCUSED:
        return COUNTS_ON_TIME;
    }
    assert(!"a slot state");
    return COUNTS_NOT;
}

void tally_add(struct tally *t, enum slot_state s) {
    enum counts c = counts_as(s);
    t->expected += c >= COUNTS_EXPECTED;
    t->actual += c >= COUNTS_ACTUAL;
    t->actual_on_time += c >= COUNTS_ON_TIME;
}

void tally_board(struct board *b) {
    struct tally t = {0, 0, 0};
    for (uint32_t i = 0; i < b->n_rows; i++)
        tally_add(&t, b->rows[i].state);
    b->expected = t.expected;
    b->actual = t.actual;
    b->actual_on_time = t.actual_on_time;
}

int64_t tally_rate(const struct board *b) {
    return share_half_up(b->actual, b->expected);
}

int64_t tally_rate_on_time(const struct board *b) {
    return share_half_up(b->actual_on_time, b->expected);
}
