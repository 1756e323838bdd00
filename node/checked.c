#include "node/checked.h"

#include <string.h>

int checked_parse(struct slice bytes, struct checked *ret_checked, struct err *e) {
    struct checked c = {.parsed = true};
    int rc = record_parse(bytes, &c.r, e);
    if (rc == 0)
        *ret_checked = c;
    return rc;
}

void checked_verify(struct checked *c, const struct public_key *key) {
    c->verified = record_verify(&c->r, key);
    c->key = *key;
}

bool checked_by(const struct checked *c, const struct public_key *key) {
    if (c->verified && memcmp(c->key.b, key->b, PUBLIC_KEY_BYTES) == 0)
        return true;
    return record_verify(&c->r, key);
}
