/*
 * Checked: what can be found out about a record's bytes without the store, by whoever has the time
 * before the engine looks at them. It proves that they are a record and under which key they were
 * signed; whether that key is its author's is the roster's word, at admission.
 */
#ifndef NODE_CHECKED_H
#define NODE_CHECKED_H

#include "core/record.h"

struct checked {
    bool parsed;     /* `r` is what the bytes say; false: nobody looked, or they say nothing */
    bool verified;   /* the proof of `r`, these very bytes, holds under `key` */
    struct record r; /* points into the bytes */
    struct public_key key; /* where it is verified */
};

/* Parse `bytes` into `ret_checked`, not verified. ERR_CORRUPT says what is off. */
int checked_parse(struct slice bytes, struct checked *ret_checked, struct err *e);

/* Note in `c`, which is parsed, whether its proof holds under `key`. */
void checked_verify(struct checked *c, const struct public_key *key);

/* Whether the proof of `c`, which is parsed, holds under `key`: as was found out, or by looking. */
bool checked_by(const struct checked *c, const struct public_key *key);

#endif
