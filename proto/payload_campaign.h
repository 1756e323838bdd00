/*
 * Campaigns as payloads: the message Campaign of proto/campaign.proto, with every bound checked.
 */
#ifndef PROTO_PAYLOAD_CAMPAIGN_H
#define PROTO_PAYLOAD_CAMPAIGN_H

#include "core/bytes.h"
#include "core/campaign.h"
#include "core/err.h"

/*
 * Check `c` as campaign_check does and append its payload to `out`; a NULL text counts as empty.
 * What it appends, campaign_decode takes. ERR_REFUSED with the key path of what is wrong; `out` is
 * then as it was.
 */
int campaign_encode(const struct campaign *c, struct buf *out, struct err *e);

/*
 * Read `payload` into `ret_campaign`, which then owns all it points to (campaign_done). Unknown
 * fields are ignored. ERR_CORRUPT if it is no such message; ERR_REFUSED with the key path where a
 * bound, an enum, a text or campaign_check says no.
 */
int campaign_decode(struct slice payload, struct campaign *ret_campaign, struct err *e);

#endif
