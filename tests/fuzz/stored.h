/*
 * A hub's store with something in every table, how an input spoils it, and whoever reads it.
 */
#ifndef TESTS_FUZZ_STORED_H
#define TESTS_FUZZ_STORED_H

#include "tests/unit/fixture_stage.h"

/* The stage, its hub full; the same one each time. */
struct stage *stored_stage(void);

/*
 * Spoil what `t` holds as `ops` say, one after another: table, how (0 put, 1 change a value, 2
 * delete a row, 3 change a key), and what that needs: for a put key and value, each after its
 * length; else which row, and at which byte (2) by what.
 */
void stored_spoil(struct txn *t, struct slice ops);

/* Let everything that reads a store read what `t` holds. */
void stored_read(struct stage *s, struct txn *t);

#endif
