/* A ticket as somebody pasted it; and one whose fields are these bytes, with the check they need.
 */
#include "core/crypto.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/typed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf raw = {0}, line = {0};
    struct hash check;
    crypto_hash_tagged("thidua ticket 1", slice_of(data, size), &check);
    buf_put(&raw, data, size);
    typed_ticket(buf_cstr(&raw));
    buf_put(&raw, check.b, 8);
    buf_put_str(&line, "td1-");
    base64_encode(raw.data, raw.len, (char *)buf_extend(&line, base64_text_size(raw.len)));
    typed_ticket((const char *)line.data);
    buf_done(&raw);
    buf_done(&line);
    return 0;
}
