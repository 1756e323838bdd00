/*
 * Epochs: in which of those of an actor this copy of its directory signed. One that was put back to
 * an older state, and asks for its next epoch, learns that others were granted meanwhile: whoever
 * signed in these was another copy, whose records came back.
 */
#ifndef NODE_EPOCHS_H
#define NODE_EPOCHS_H

#include "store/db.h"

/* This copy goes on from epoch `from` in epoch `to`. */
void epochs_skip(struct txn *t, uint32_t from, uint32_t to);
/* Whether it is the one that signed in `epoch`. */
bool epochs_signed(struct txn *t, uint32_t epoch);

#endif
