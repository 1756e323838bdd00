/*
 * The codecs as a filter, for the comparison with another implementation. Standard input: kind (2
 * bytes), length (4), payload, again and again. Standard output, for each: 1 and what was
 * understood, encoded again, or 0 and the reason in words; its length (4) after the first byte.
 * Integers are big-endian. Ends badly where decoding held more memory than it may.
 *
 * codec-filter --kinds: the kinds that have a codec, one a line, in the order in which the inputs
 * of tests/fuzz/corpus/payload count them.
 */
#include "core/limits.h"
#include "core/mem.h"
#include "tests/fuzz/codec.h"
#include "tests/fuzz/memory.h"

#include <stdio.h>
#include <string.h>

#define HEAD_BYTES 6u

static bool get(uint8_t *out, size_t n) {
    return fread(out, 1, n, stdin) == n;
}

static void answer(bool accepted, struct slice text) {
    struct buf b = {0};
    buf_put_u8(&b, accepted);
    buf_put_u32(&b, (uint32_t)text.len);
    buf_put(&b, text.data, text.len);
    (void)fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

static bool one(uint16_t kind, struct slice in) {
    struct buf out = {0};
    struct err e = {0};
    char words[1024];
    bool decoded;
    memory_begin();
    int rc = codec_round(kind, in, &out, &decoded, &e);
    bool bounded = memory_peak() <= codec_memory_max(kind) + 2 * out.cap;
    if (rc == 0)
        answer(true, buf_slice(&out));
    else
        answer(false, slice_str(err_text(&e, NULL, words, sizeof words)));
    buf_done(&out);
    return bounded;
}

static int list_kinds(void) {
    for (uint32_t i = 0; i < codec_n; i++)
        printf("%d\n", codec_kinds[i]);
    return 0;
}

static int filter(void) {
    uint8_t head[HEAD_BYTES], *in = mem_alloc(LIMIT_FRAME);
    bool good = in != NULL;
    while (good && get(head, sizeof head)) {
        struct reader r = reader_of(slice_of(head, sizeof head));
        uint16_t kind = reader_u16(&r);
        uint32_t n = reader_u32(&r);
        good = n <= LIMIT_FRAME && get(in, n) && one(kind, slice_of(in, n));
    }
    mem_free(in);
    return good ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc == 1)
        return filter();
    if (argc == 2 && strcmp(argv[1], "--kinds") == 0)
        return list_kinds();
    (void)fprintf(stderr, "usage: codec-filter [--kinds]\n");
    return 2;
}
