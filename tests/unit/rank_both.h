/*
 * A ranking asked both ways: from the book, which is brought up to date first, and from scratch.
 */
#ifndef TESTS_UNIT_RANK_BOTH_H
#define TESTS_UNIT_RANK_BOTH_H

#include "node/standing_book.h"
#include "node/standing_keep.h"
#include "node/standing_view.h"
#include "node/standings.h"
#include "proto/json.h"
#include "tests/unit/fixture_disk.h"
#include "tests/unit/hub_world.h"

/* Bring the book of the hub of `w` up to date, a few rows in each commit. */
static inline unsigned rank_both_keep(struct hub_world *w, uint32_t rows) {
    unsigned steps = 0;
    bool more = true;
    for (; more && steps < 4000; steps++) {
        struct actor a;
        struct txn *t;
        struct err e = {0};
        hub_world_open(&a, true, &t);
        FIXTURE_OK(standing_keep_step(&a, t, rows, &more, &e), &e);
        assert_int_equal(actor_commit(&a, t, NULL), 0);
        actor_close(&a);
    }
    assert_false(more);
    return steps;
}

/* The answer to `asked` as JSON, or the refusal and the list, into `out`. */
static inline void rank_both_say(int rc, struct ranking *r, struct buf *words, const struct err *e,
                                 struct buf *out) {
    char text[1024];
    if (rc == 0) {
        assert_int_equal(json_ranking(r, out, NULL), 0);
        ranking_done(r);
    } else {
        buf_printf(out, "%d %s %s", rc, err_text(e, NULL, text, sizeof text), buf_cstr(words));
    }
}

/* Fail unless both give the same bytes; whether the book could tell. */
static inline bool rank_both_compare(struct actor *a, struct txn *t, struct standing_asked asked) {
    struct buf book, plain, words;
    struct ranking r = {0};
    struct err e = {0};
    bool served = false;
    buf_init(&book);
    buf_init(&plain);
    buf_init(&words);
    assert_true(standing_keep_current(t));
    int rc = standing_view_compute(a, t, &asked, &r, &words, &served, &e);
    bool told = rc != 0 || served;
    if (told)
        rank_both_say(rc, &r, &words, &e, &book);
    err_clear(&e);
    buf_clear(&words);
    asked.from_scratch = true;
    rc = standings_compute(a, t, &asked, &r, &words, &e);
    rank_both_say(rc, &r, &words, &e, &plain);
    if (told && !slice_equal(buf_slice(&book), buf_slice(&plain)))
        fail_msg("group %s limit %u subject %s\nbook:  %s\nplain: %s",
                 asked.group ? asked.group : "", asked.limit, asked.subject ? asked.subject : "",
                 buf_cstr(&book), buf_cstr(&plain));
    buf_done(&book);
    buf_done(&plain);
    buf_done(&words);
    return told && rc == 0;
}

#endif
