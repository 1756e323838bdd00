#include "hub/intake.h"

#include "core/mem.h"

void intake_init(struct intake *in) {
    *in = (struct intake){0};
    buf_init(&in->bytes);
}

void intake_done(struct intake *in) {
    intake_clear(in);
    buf_done(&in->bytes);
    mem_free(in->list);
    *in = (struct intake){0};
}

void intake_rest(struct intake *in) {
    intake_done(in);
    intake_init(in);
}

void intake_clear(struct intake *in) {
    for (uint32_t i = 0; i < in->n; i++) {
        mem_free(in->list[i].checked);
        arena_done(&in->list[i].arena);
    }
    in->n = 0;
    buf_clear(&in->bytes);
}

bool intake_full(const struct intake *in) {
    return in->n >= INTAKE_FRAMES_MAX || in->bytes.len >= INTAKE_BYTES_MAX;
}

int intake_take(struct intake *in, const struct sender *from, struct moment at, struct slice frame,
                struct err *e) {
    if (in->n == in->cap) {
        uint32_t cap = in->cap ? in->cap * 2 : 8;
        struct taken *list = mem_realloc(in->list, cap * sizeof *list);
        if (!list)
            return err_nomem(e);
        in->list = list;
        in->cap = cap;
    }
    size_t start = in->bytes.len;
    buf_put(&in->bytes, frame.data, frame.len);
    if (in->bytes.failed) {
        in->bytes.failed = false;
        return err_nomem(e);
    }
    in->list[in->n++] = (struct taken){.from = *from, .at = at, .start = start, .len = frame.len};
    return 0;
}

int intake_read(struct intake *in, uint32_t i, struct err *e) {
    struct taken *f = &in->list[i];
    struct err why;
    err_init(&why);
    if (f->state != TAKEN_UNREAD)
        return 0;
    arena_init(&f->arena, FRAME_ARENA_BYTES);
    int rc = frame_decode(slice_of(in->bytes.data + f->start, f->len), &f->arena, &f->frame, &why);
    f->state = rc == 0 ? TAKEN_READ : rc == ERR_NOMEM ? TAKEN_UNREAD : TAKEN_GARBAGE;
    if (rc != 0)
        arena_done(&f->arena);
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

void intake_check(struct intake *in, uint32_t i, intake_signer signer, void *arg) {
    struct taken *f = &in->list[i];
    struct public_key key;
    if (f->from.guest || f->checked || intake_read(in, i, NULL) != 0 || f->state != TAKEN_READ ||
        f->frame.type != FRAME_RECORDS)
        return;
    const struct frame_records *records = &f->frame.u.records;
    f->checked = mem_zalloc(records->n, sizeof *f->checked);
    for (uint32_t k = 0; f->checked && k < records->n; k++) {
        struct checked *c = &f->checked[k];
        if (checked_parse(records->records[k], c, NULL) == 0 &&
            signer(arg, &c->r.h.actor, c->r.h.epoch, &key))
            checked_verify(c, &key);
    }
}
