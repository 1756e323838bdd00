/* Inputs as events that happen to a hub or to an office; the grammar is in play.c. */
#ifndef TESTS_FUZZ_PLAY_H
#define TESTS_FUZZ_PLAY_H

#include "tests/unit/fixture_stage.h"

/* Let `ops` happen to the hub, or to the office, of `s`. */
void play_hub(struct stage *s, struct slice ops);
void play_node(struct stage *s, struct slice ops);

/* Let `ops` be the answer to the join of the office of `s`, which has asked: what it says to it. */
int play_answer(struct stage *s, struct slice ops, struct err *e);

#endif
