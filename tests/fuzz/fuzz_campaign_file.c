/* A campaign file as somebody wrote it: YAML, through libcyaml, to what a hub would sign. */
#include "core/limits.h"
#include "hub/campaign_file.h"
#include "proto/payload_campaign.h"
#include "proto/payload_profile.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct campaign_file f;
    struct buf payload = {0};
    struct err e = {0};
    int rc = campaign_file_read(slice_of(data, size), "f.yaml", NULL, NULL, &f, &e);
    if (rc != 0) {
        fuzz_refused(rc, &e);
        return 0;
    }
    rc = f.is_profile ? profile_encode(&f.profile, &payload, &e)
                      : campaign_encode(&f.campaign, &payload, &e);
    assert(rc == 0 && size <= LIMIT_YAML_BYTES && payload.len <= LIMIT_PAYLOAD);
    buf_done(&payload);
    campaign_file_done(&f);
    return 0;
}
