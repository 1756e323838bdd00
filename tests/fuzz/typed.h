/* What people type or paste, one line of it, and what must hold of whatever is read from it. */
#ifndef TESTS_FUZZ_TYPED_H
#define TESTS_FUZZ_TYPED_H

#include "core/bytes.h"

void typed_text(struct slice bytes);  /* a name, a note */
void typed_moment(const char *line);  /* a day or an instant */
void typed_value(const char *line);   /* a value, a code */
void typed_address(const char *line); /* where a hub listens, or is reached */
void typed_ticket(const char *line);

#endif
