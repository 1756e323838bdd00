#include "core/result.h"

#include "core/mem.h"
#include "core/word.h"

#include <assert.h>
#include <string.h>

#define HUNDREDTHS_OF_PERCENT 10000

const char *slot_state_text(enum slot_state s) {
    switch (s) {
    case SLOT_ON_TIME:
        return "on_time";
    case SLOT_LATE:
        return "late";
    case SLOT_EXCUSED:
        return "excused";
    case SLOT_MISSING:
        return "missing";
    case SLOT_UNKNOWN:
        return "unknown";
    case SLOT_NOT_DUE:
        return "not_due";
    case SLOT_EXEMPT:
        return "exempt";
    }
    return NULL;
}

int slot_state_parse(const char *text) {
    static const char *const vietnamese[] = {
        [SLOT_ON_TIME] = "đúng hạn", [SLOT_LATE] = "nộp muộn",   [SLOT_EXCUSED] = "gia hạn",
        [SLOT_MISSING] = "chưa nộp", [SLOT_UNKNOWN] = "chưa rõ", [SLOT_NOT_DUE] = "chưa đến hạn",
        [SLOT_EXEMPT] = "được miễn",
    };
    for (int s = SLOT_ON_TIME; s <= SLOT_EXEMPT; s++)
        if (strcmp(text, slot_state_text((enum slot_state)s)) == 0)
            return s;
    for (int s = SLOT_ON_TIME; s <= SLOT_EXEMPT; s++)
        if (word_equal(text, vietnamese[s]))
            return s;
    return -1;
}

const char *slot_review_text(enum slot_review r) {
    switch (r) {
    case REVIEW_NONE:
        return "none";
    case REVIEW_ACCEPTED:
        return "accepted";
    case REVIEW_RETURNED:
        return "returned";
    }
    return NULL;
}

void board_row_done(struct board_row *r) {
    mem_free(r->unit);
    mem_free(r->name);
    mem_free(r->by);
    mem_free(r->why);
}

void board_rows_done(struct board *b) {
    for (uint32_t i = 0; i < b->n_rows; i++)
        board_row_done(&b->rows[i]);
    mem_free(b->rows);
    b->rows = NULL;
    b->n_rows = 0;
}

void board_done(struct board *b) {
    if (!b)
        return;
    board_rows_done(b);
    for (uint32_t i = 0; i < b->n_branches; i++) {
        mem_free(b->branches[i].unit);
        mem_free(b->branches[i].name);
    }
    mem_free(b->branches);
    mem_free(b->campaign);
    mem_free(b->period);
    *b = (struct board){0};
}

static void rank_row_done(struct rank_row *r) {
    mem_free(r->unit);
    mem_free(r->unit_name);
    mem_free(r->subject);
    mem_free(r->name);
    mem_free(r->class_id);
    mem_free(r->grade);
    mem_free(r->keys);
}

static void rank_quota_done(struct rank_quota *q) {
    for (uint32_t i = 0; i < q->n_ties; i++) {
        mem_free(q->ties[i].unit);
        mem_free(q->ties[i].subject);
    }
    mem_free(q->ties);
    mem_free(q->within);
}

void ranking_done(struct ranking *r) {
    if (!r)
        return;
    for (uint32_t i = 0; i < r->n_rows; i++)
        rank_row_done(&r->rows[i]);
    for (uint32_t i = 0; i < r->n_excluded; i++) {
        mem_free(r->excluded[i].unit);
        mem_free(r->excluded[i].subject);
    }
    for (uint32_t i = 0; i < r->n_quotas; i++)
        rank_quota_done(&r->quotas[i]);
    mem_free(r->rows);
    mem_free(r->excluded);
    mem_free(r->quotas);
    mem_free(r->campaign);
    mem_free(r->period);
    mem_free(r->under);
    mem_free(r->group);
    mem_free(r->profile);
    *r = (struct ranking){0};
}

static bool is_equal(const struct rank_row *a, const struct rank_row *b) {
    return a->rank > 0 && b->rank > 0 && (int64_t)a->total * b->max == (int64_t)b->total * a->max;
}

bool ranking_is_equal(const struct ranking *r, uint32_t i) {
    const struct rank_row *at = &r->rows[i];
    return r->n_comparators > 0 && at->keys &&
           ((i > 0 && is_equal(at - 1, at)) || (i + 1 < r->n_rows && is_equal(at, at + 1)));
}

int64_t ranking_compared(const struct ranking *r, const struct rank_row *row, uint32_t i) {
    const struct comparator *by = &r->comparators[i];
    int64_t key = row->keys[i];
    bool turned = by->ascending || by->field == BY_PENALTY;
    return turned && key != RANK_NO_VALUE ? -key : key;
}

int64_t share_half_up(int64_t part, int64_t whole) {
    assert(part >= 0 && whole >= 0);
    assert(part <= INT64_MAX / (4 * HUNDREDTHS_OF_PERCENT) && whole <= INT64_MAX / 4);
    if (whole == 0)
        return 0;
    return (2 * HUNDREDTHS_OF_PERCENT * part + whole) / (2 * whole);
}

int64_t share_half_away(int64_t part, int64_t whole) {
    assert(part >= -INT64_MAX);
    return part < 0 ? -share_half_up(-part, whole) : share_half_up(part, whole);
}
