/*
 * The proof of a first enrolment: that of the join record that its keys, unit and role make.
 */
#ifndef TESTS_UNIT_JOIN_PROOF_H
#define TESTS_UNIT_JOIN_PROOF_H

#include "core/record.h"
#include "proto/payload.h"

#include <stdlib.h>
#include <string.h>

/* Put into `p` what whoever has the key `sign` states to be enrolled so in `deployment`. */
static inline void join_prove(struct payload_enrol *p, const struct hash *deployment,
                              const struct key_pair *sign) {
    const struct payload_join join = {p->grant.sign_key, p->grant.transport_key, p->role, NULL};
    const struct record_header h = {.kind = KIND_JOIN,
                                    .payload_version = PAYLOAD_VERSION,
                                    .epoch = 1,
                                    .seq = 1,
                                    .deployment = *deployment,
                                    .actor = p->grant.actor,
                                    .lane = p->grant.unit};
    struct buf payload, bytes;
    struct hash id;
    buf_init(&payload);
    buf_init(&bytes);
    if (payload_join_encode(&join, &payload, NULL) != 0 ||
        record_build(&h, buf_slice(&payload), sign, &bytes, &id, NULL) != 0)
        abort();
    memcpy(p->grant.proof, bytes.data + RECORD_HEADER_BYTES, SIGNATURE_BYTES);
    buf_done(&payload);
    buf_done(&bytes);
}

#endif
