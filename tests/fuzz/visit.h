/* One connection at the hub's door, from when it is accepted until it is left. */
#ifndef TESTS_FUZZ_VISIT_H
#define TESTS_FUZZ_VISIT_H

#include "core/bytes.h"
#include "proto/door.h"

/* A gate for door_init: the first byte of a key says how it is judged, the second whose it is. */
enum door_verdict visit_gate(void *arg, const uint8_t key[DOOR_KEY], struct hash *ret_actor);
/*
 * The connection that `in` says, at instant `at`: its handle (1 byte), its key, and the name under
 * which another frame comes, after its length (1 byte), of so many bytes (2 bytes). Its own name
 * lets it in where the door is open to it, as what it is.
 */
void visit(struct door *d, struct reader *in, int64_t at);

#endif
