/*
 * Scoring profiles as payloads: the message Profile of proto/campaign.proto.
 */
#ifndef PROTO_PAYLOAD_PROFILE_H
#define PROTO_PAYLOAD_PROFILE_H

#include "core/bytes.h"
#include "core/err.h"
#include "core/profile.h"

/* As campaign_encode, for the profile `p`, into `out`. */
int profile_encode(const struct profile *p, struct buf *out, struct err *e);

/* As campaign_decode: read `payload` into `ret_profile`, freed by profile_done. */
int profile_decode(struct slice payload, struct profile *ret_profile, struct err *e);

#endif
