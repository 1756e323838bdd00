#include "node/post.h"

#include <string.h>

#define ITEM_HEAD_BYTES 8

void post_init(struct post *p) {
    *p = (struct post){0};
    buf_init(&p->bytes);
}

void post_done(struct post *p) {
    buf_done(&p->bytes);
    *p = (struct post){0};
}

void post_rest(struct post *p) {
    if (p->taken < p->bytes.len)
        return;
    post_done(p);
    post_init(p);
}

static void set_u32(uint8_t *at, uint32_t v) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Forget what has left, so that the buffer does not grow without end. */
static void compact(struct post *p) {
    if (p->taken == 0)
        return;
    memmove(p->bytes.data, p->bytes.data + p->taken, p->bytes.len - p->taken);
    p->bytes.len -= p->taken;
    p->released -= p->taken;
    p->taken = 0;
}

int post_put(struct post *p, uint32_t peer, const struct frame *f, struct err *e) {
    compact(p);
    size_t start = p->bytes.len;
    buf_put_u32(&p->bytes, peer);
    buf_put_u32(&p->bytes, 0);
    if (p->bytes.failed) {
        p->bytes.failed = false;
        p->bytes.len = start;
        return err_nomem(e);
    }
    int rc = frame_encode(f, &p->bytes, e);
    if (rc != 0) {
        p->bytes.failed = false;
        p->bytes.len = start;
        return rc;
    }
    size_t n = p->bytes.len - start - ITEM_HEAD_BYTES;
    set_u32(p->bytes.data + start + 4, (uint32_t)n);
    return 0;
}

void post_release(struct post *p) {
    p->released = p->bytes.len;
}

void post_drop(struct post *p) {
    p->bytes.len = p->released;
}

bool post_next(struct post *p, uint32_t *ret_peer, struct slice *ret_frame) {
    if (p->taken == p->released)
        return false;
    struct reader r = reader_of(slice_of(p->bytes.data + p->taken, p->released - p->taken));
    *ret_peer = reader_u32(&r);
    uint32_t n = reader_u32(&r);
    *ret_frame = reader_bytes(&r, n);
    p->taken += ITEM_HEAD_BYTES + n;
    return true;
}
