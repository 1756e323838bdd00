/* A child that asks for its next epochs: what it asks, well proven, and then changed. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct stage *s = stage_hub();
    const struct fixture_author *a = &s->authors[0];
    struct reader in = reader_of(slice_of(data, size));
    play_hub(s, slice_of("\0\0", 2)); /* it greets */
    for (int i = 0; i < 8 && in.left > 0; i++) {
        struct payload_grant g = {.actor = a->id, .epoch = reader_u8(&in), .unit = a->unit};
        reader_copy(&in, g.transport_key.b, reader_u8(&in) % 33);
        reader_copy(&in, g.renewal.b, UID_BYTES);
        g.sign_key = *key_pair_public(reader_u8(&in) % 2 ? a->sign : s->authors[1].sign);
        struct frame_renew renew = {g.epoch, g.sign_key, g.renewal, {0}, g.transport_key};
        if (renew.transport_key.b[0] == 0)
            g.transport_key = *key_pair_public(a->transport); /* it stays */
        payload_renewal_prove(&g, &s->hub.actor.deployment, a->sign, renew.proof);
        renew.proof[size % SIGNATURE_BYTES] ^= reader_u8(&in);
        fixture_knock(&s->hub, 5, a, false, &(struct frame){FRAME_RENEW, {.renew = renew}});
        fixture_step(&s->hub);
    }
    stage_hold(s, &s->hub.actor);
    return 0;
}
