#include "tests/fuzz/codec.h"

#include "core/record.h"
#include "proto/frame.h"
#include "proto/payload_act.h"
#include "proto/payload_campaign.h"
#include "proto/payload_profile.h"
#include "proto/pb_map.h"

/* `x_decode` and `x_encode` over a `type` in an arena. */
#define ROUND(x, type)                                                                             \
    static int round_##x(struct slice in, struct arena *a, struct buf *out, bool *ret_decoded,     \
                         struct err *e) {                                                          \
        type p;                                                                                    \
        int rc = x##_decode(in, a, &p, e);                                                         \
        *ret_decoded = rc == 0;                                                                    \
        return rc == 0 ? x##_encode(&p, out, e) : rc;                                              \
    }
/* The same over a type that owns its memory. */
#define ROUND_OWNED(x, type)                                                                       \
    static int round_##x(struct slice in, struct arena *a, struct buf *out, bool *ret_decoded,     \
                         struct err *e) {                                                          \
        type p;                                                                                    \
        (void)a;                                                                                   \
        int rc = x##_decode(in, &p, e);                                                            \
        *ret_decoded = rc == 0;                                                                    \
        if (rc != 0)                                                                               \
            return rc;                                                                             \
        rc = x##_encode(&p, out, e);                                                               \
        x##_done(&p);                                                                              \
        return rc;                                                                                 \
    }

ROUND(frame, struct frame)
ROUND(payload_genesis, struct payload_genesis)
ROUND(payload_grant, struct payload_grant)
ROUND(payload_enrol, struct payload_enrol)
ROUND(payload_units, struct payload_units)
ROUND(payload_join, struct payload_join)
ROUND(payload_subjects, struct subjects)
ROUND(payload_name, struct payload_name)
ROUND(payload_report, struct payload_report)
ROUND(payload_receipt, struct payload_receipt)
ROUND(payload_contact, struct payload_contact)
ROUND(payload_campaign_withdraw, struct payload_campaign_withdraw)
ROUND(payload_campaign_assign, struct payload_campaign_assign)
ROUND(payload_withdrawal, struct payload_withdrawal)
ROUND(payload_extension, struct payload_extension)
ROUND(payload_clock_mend, struct payload_clock_mend)
ROUND(payload_revoke, struct payload_revoke)
ROUND_OWNED(campaign, struct campaign)
ROUND_OWNED(profile, struct profile)

typedef int round_fn(struct slice in, struct arena *a, struct buf *out, bool *ret_decoded,
                     struct err *e);

static round_fn *const rounds[] = {round_frame,
                                   round_payload_genesis,
                                   round_payload_grant,
                                   round_payload_enrol,
                                   round_payload_units,
                                   round_campaign,
                                   round_profile,
                                   round_payload_campaign_withdraw,
                                   round_payload_campaign_assign,
                                   round_payload_join,
                                   round_payload_subjects,
                                   round_payload_name,
                                   round_payload_report,
                                   round_payload_withdrawal,
                                   round_payload_receipt,
                                   round_payload_extension,
                                   round_payload_contact,
                                   round_payload_clock_mend,
                                   round_payload_revoke};
/* A new kind goes to the end: kept inputs name their codec by its place. */
const uint16_t codec_kinds[] = {
    CODEC_FRAME,          KIND_GENESIS,    KIND_GRANT,    KIND_ENROL,
    KIND_UNITS,           KIND_CAMPAIGN,   KIND_PROFILE,  KIND_CAMPAIGN_WITHDRAW,
    KIND_CAMPAIGN_ASSIGN, KIND_JOIN,       KIND_SUBJECTS, KIND_SUBJECT_NAME,
    KIND_REPORT,          KIND_WITHDRAWAL, KIND_RECEIPT,  KIND_EXTENSION,
    KIND_CONTACT,         KIND_CLOCK_MEND, KIND_REVOKE};
const uint32_t codec_n = sizeof codec_kinds / sizeof *codec_kinds;
static_assert(sizeof rounds / sizeof *rounds == sizeof codec_kinds / sizeof *codec_kinds,
              "a codec for each kind");

size_t codec_memory_max(uint16_t kind) {
    if (kind == CODEC_FRAME)
        return 2 * FRAME_ARENA_BYTES + 65536;
    if (kind == KIND_CAMPAIGN || kind == KIND_PROFILE)
        return 4 * PB_MAP_MEMORY + 65536;
    return 2 * PAYLOAD_ARENA_BYTES + 65536;
}

int codec_round(uint16_t kind, struct slice in, struct buf *out, bool *ret_decoded, struct err *e) {
    struct arena a;
    bool decoded = false;
    int rc = err_set(NULL, ERR_ABSENT, "no codec of kind %d", (int)kind);
    arena_init(&a, kind == CODEC_FRAME ? FRAME_ARENA_BYTES : PAYLOAD_ARENA_BYTES);
    for (uint32_t i = 0; i < codec_n; i++)
        if (codec_kinds[i] == kind)
            rc = rounds[i](in, &a, out, &decoded, e);
    arena_done(&a);
    if (ret_decoded)
        *ret_decoded = decoded;
    return rc;
}
