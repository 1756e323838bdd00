#include "node/sync.h"

#include "core/limits.h"
#include "store/log.h"
#include "store/part.h"
#include "store/stream.h"

#include <string.h>

static int place_cmp(const struct sync_place *a, const struct sync_place *b) {
    if (a->position != b->position)
        return a->position < b->position ? -1 : 1;
    return (a->part > b->part) - (a->part < b->part);
}

void sync_out_start(struct sync_out *o, const struct uid *stream, struct sync_place from,
                    uint32_t credits, enum sync_large large) {
    *o = (struct sync_out){.stream = *stream,
                           .acked = from,
                           .sent = from,
                           .credits = credits,
                           .large = large,
                           .rate = SYNC_RATE_FIRST};
    if (large != SYNC_LARGE_PARTS)
        o->acked.part = o->sent.part = 0;
}

void sync_out_resume(struct sync_out *o, const struct sync_out *before) {
    for (uint32_t i = 0; i < before->n_runs && before->acked.position <= o->acked.position; i++)
        if (place_cmp(&before->runs[i].last, &o->acked) > 0)
            o->runs[o->n_runs++] = before->runs[i];
    if (o->n_runs > 0) {
        o->sent = before->sent;
        o->waiting_ms = before->waiting_ms;
    }
}

enum sync_large sync_large_of(uint64_t features) {
    return features & FEATURE_PARTS ? SYNC_LARGE_PARTS : SYNC_LARGE_WHOLE;
}

/* ---- sending ---- */

/* What a frame of about a second carries, and what may be in flight. */
static uint32_t frame_bytes(const struct sync_out *o) {
    uint32_t n = o->rate < LIMIT_BATCH_BYTES ? o->rate : LIMIT_BATCH_BYTES;
    return n > SYNC_FRAME_BYTES_MIN ? n : SYNC_FRAME_BYTES_MIN;
}

static uint64_t window_bytes(const struct sync_out *o) {
    return (uint64_t)SYNC_WINDOW_SECONDS * o->rate;
}

static bool has_room(const struct sync_out *o) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < o->n_runs; i++)
        bytes += o->runs[i].bytes;
    return o->n_runs == 0 || (o->n_runs < SYNC_RUNS && bytes + frame_bytes(o) <= window_bytes(o));
}

/* Stage `f`, which carries `bytes` and brings the reader to `last`. */
static int send_frame(struct sync_out *o, struct post *post, uint32_t peer, const struct frame *f,
                      struct sync_place last, size_t bytes, struct moment now, struct err *e) {
    int rc = post_put(post, peer, f, e);
    if (rc != 0)
        return rc;
    if (place_cmp(&o->sent, &o->acked) == 0)
        o->waiting_ms = now.boot_ms;
    o->sent = last;
    o->runs[o->n_runs++] = (struct sync_run){last, (uint32_t)bytes, now.boot_ms, o->delivered};
    return 0;
}

static int read_record(struct sync_out *o, struct txn *t, uint64_t position,
                       struct record *ret_record, struct err *e) {
    struct hash id;
    if (!stream_at(t, &o->stream, position, &id))
        return err_set(e, ERR_CORRUPT, "the store is damaged: a stream has a hole");
    return log_get(t, &id, ret_record, e);
}

/* The next part of `record`, which comes after what was sent. */
static int send_part(struct sync_out *o, struct slice record, struct post *post, uint32_t peer,
                     struct moment now, struct err *e) {
    struct frame f = {.type = FRAME_PART};
    struct sync_place last = o->sent;
    if (o->sent.part >= record.len) /* the reader has something else */
        o->sent.part = o->acked.part = 0;
    uint32_t offset = o->sent.part, left = (uint32_t)record.len - offset;
    uint32_t n = left < frame_bytes(o) ? left : frame_bytes(o);
    last.part = offset + n;
    if (n == left)
        last = (struct sync_place){o->sent.position + 1, 0};
    f.u.part = (struct frame_part){.stream = o->stream,
                                   .position = o->sent.position + 1,
                                   .offset = offset,
                                   .size = (uint32_t)record.len,
                                   .bytes = slice_of(record.data + offset, n),
                                   .end = o->end};
    return send_frame(o, post, peer, &f, last, n, now, e);
}

/* One frame from what was sent on, as long as its bounds allow: a run of records, or a part of one.
 * Nothing where the next record has to wait. */
static int send_next(struct sync_out *o, struct txn *t, struct post *post, uint32_t peer,
                     struct moment now, bool *ret_sent, struct err *e) {
    struct slice records[LIMIT_BATCH_RECORDS];
    struct frame f = {.type = FRAME_RECORDS};
    uint64_t limit = o->acked.position + o->credits, first = o->sent.position + 1;
    uint32_t n = 0;
    size_t bytes = 0;
    limit = limit < o->end ? limit : o->end;
    while (n < LIMIT_BATCH_RECORDS && first + n <= limit) {
        struct record r;
        int rc = read_record(o, t, first + n, &r, e);
        if (rc != 0)
            return rc;
        bool large = r.bytes.len > frame_bytes(o) || o->sent.part > 0;
        if (n == 0 && large && o->large == SYNC_LARGE_PARTS)
            return *ret_sent = true, send_part(o, r.bytes, post, peer, now, e);
        if ((n > 0 && bytes + r.bytes.len > frame_bytes(o)) ||
            (large && o->large == SYNC_LARGE_WAIT))
            break;
        records[n++] = r.bytes;
        bytes += r.bytes.len;
    }
    if (n == 0)
        return 0;
    *ret_sent = true;
    f.u.records = (struct frame_records){o->stream, first, o->end, n, records};
    return send_frame(o, post, peer, &f, (struct sync_place){first + n - 1, 0}, bytes, now, e);
}

int sync_send(struct sync_out *o, struct txn *t, struct post *post, uint32_t peer,
              struct moment now, struct err *e) {
    int rc = 0;
    bool sent = true;
    o->end = stream_end(t, &o->stream);
    while (rc == 0 && sent && has_room(o) && o->sent.position < o->end &&
           o->sent.position - o->acked.position < o->credits) {
        sent = false;
        rc = send_next(o, t, post, peer, now, &sent, e);
    }
    return rc == 0 ? txn_failed(t, e) : rc;
}

/* ---- what the reader answers ---- */

/*
 * What was answered since `run`, which is now, was sent tells what the line carries: over a whole
 * round trip, so that answers which come in a bunch deceive nobody. Where all is sent, it was not
 * the line that made it little.
 */
static void measure(struct sync_out *o, const struct sync_run *run, struct moment now) {
    int64_t ms = now.boot_ms > run->sent_ms ? now.boot_ms - run->sent_ms : 1;
    uint64_t rate = (o->delivered - run->delivered) * 1000 / (uint64_t)ms;
    if (rate > LIMIT_FRAME)
        rate = LIMIT_FRAME; /* more makes no difference */
    if (rate > o->rate)
        o->rate = (uint32_t)rate;
    else if (o->sent.position < o->end)
        o->rate -= (o->rate - (uint32_t)rate) / 4;
}

/* Frames whose last byte is answered are no longer in flight. */
static void retire_runs(struct sync_out *o, struct moment now) {
    uint32_t done = 0;
    while (done < o->n_runs && place_cmp(&o->runs[done].last, &o->acked) <= 0)
        o->delivered += o->runs[done++].bytes;
    if (done == 0)
        return;
    struct sync_run last = o->runs[done - 1];
    memmove(o->runs, o->runs + done, (o->n_runs - done) * sizeof *o->runs);
    o->n_runs -= done;
    measure(o, &last, now);
}

static void start_over(struct sync_out *o) {
    o->sent = o->acked;
    o->n_runs = 0;
}

void sync_acked(struct sync_out *o, const struct frame_ack *ack, struct moment now) {
    struct sync_place at = {ack->position, o->large == SYNC_LARGE_PARTS ? ack->part : 0};
    if (!uid_equal(&ack->stream, &o->stream))
        return;
    if (ack->credits > 0)
        o->credits = ack->credits < LIMIT_CREDITS ? ack->credits : LIMIT_CREDITS;
    if (place_cmp(&at, &o->acked) > 0 && at.position <= o->end) {
        o->acked = at;
        if (place_cmp(&o->sent, &o->acked) < 0)
            start_over(o);
        o->waiting_ms = now.boot_ms;
        retire_runs(o, now);
        return;
    }
    bool less = at.position == o->acked.position && at.part < o->acked.part;
    bool late = place_cmp(&o->sent, &o->acked) > 0 && now.boot_ms - o->waiting_ms >= RESEND_MS;
    if (less)
        o->acked = at; /* what it had of this record was no good */
    if (less || late)
        start_over(o);
}

/* ---- reading ---- */

/* Admit `bytes`, of which `known` (NULL: nothing) is known; what it is called into `ret_id`, zero
 * where it is no record: the digest of its stream counts it all the same. */
static int admit_one(const struct admit *a, struct slice bytes, const struct checked *known,
                     instant received_at, struct hash *ret_id, enum admission *ret_admission,
                     struct err *ret_why, struct err *e) {
    struct checked own;
    if (!known || !known->parsed) {
        if (checked_parse(bytes, &own, ret_why) != 0) {
            *ret_id = (struct hash){{0}};
            *ret_admission = ADMIT_REFUSED;
            return 0;
        }
        known = &own;
    }
    *ret_id = known->r.id;
    return admit_checked(a, known, received_at, ret_admission, ret_why, e);
}

static void count_taken(struct sync_taken *taken, enum admission admission, const struct err *why) {
    if (admission == ADMIT_VOID && taken->voided++ == 0)
        taken->why_void = *why;
    if (admission == ADMIT_REFUSED && taken->refused++ == 0)
        taken->why = *why;
    taken->held += admission == ADMIT_HELD;
    taken->again += admission == ADMIT_DUPLICATE;
    taken->pending += admission == ADMIT_PENDING;
    taken->forks += admission == ADMIT_FORK;
    taken->no_room = admission == ADMIT_NO_ROOM;
    taken->over = admission == ADMIT_OVER;
}

/* Whether a beginning is kept of the record of `stream` after `position`, which `peer` sends. */
static bool find_begun(struct txn *t, const struct hash *peer, const struct uid *stream,
                       uint64_t position, struct part *ret_part) {
    return part_find(t, peer, ret_part) && uid_equal(&ret_part->stream, stream) &&
           ret_part->position == position + 1;
}

uint32_t sync_part_here(struct txn *t, const struct hash *peer, const struct uid *stream) {
    struct part p;
    return find_begun(t, peer, stream, cursor_get(t, peer, stream).position, &p) ? p.had : 0;
}

/* Take the run `in`; the first record of it that is refused, if `spare`, does not take its place.
 */
static int take_run(const struct admit *a, const struct frame_records *in,
                    const struct checked *checked, instant received_at, bool spare,
                    struct sync_taken *ret_taken, struct err *e) {
    struct cursor cursor = cursor_get(a->t, &a->carrier, &in->stream);
    struct sync_taken taken = {.position = cursor.position};
    struct part begun;
    for (uint32_t i = 0; i < in->n && !taken.no_room && !taken.over; i++) {
        uint64_t position = in->first + i;
        enum admission admission;
        struct hash id;
        struct err why = {0};
        if (position <= taken.position)
            continue;
        if (position > taken.position + 1)
            break; /* a run that begins after a hole: the sender starts over */
        int rc = admit_one(a, in->records[i], checked ? &checked[i] : NULL, received_at, &id,
                           &admission, &why, e);
        if (rc != 0)
            return rc;
        if (spare && admission == ADMIT_REFUSED)
            break;
        count_taken(&taken, admission, &why);
        if (!taken.no_room && !taken.over) {
            taken.position = position;
            cursor.digest = stream_digest_next(&cursor.digest, &id);
        }
    }
    if (taken.position != cursor.position) {
        cursor.position = taken.position;
        cursor_put(a->t, &a->carrier, &in->stream, &cursor);
        if (part_find(a->t, &a->carrier, &begun))
            part_drop(a->t, &a->carrier);
    } else if (find_begun(a->t, &a->carrier, &in->stream, taken.position, &begun)) {
        taken.part = begun.had;
    }
    *ret_taken = taken;
    return txn_failed(a->t, e);
}

/* Take the record that the beginning `p` and `rest` make; begin anew, once, where it is no good. */
static int take_made(const struct admit *a, const struct frame_part *in, struct part *p,
                     struct slice rest, instant received_at, struct sync_taken *ret_taken,
                     struct err *e) {
    struct buf whole;
    struct sync_taken taken = {.position = p->position - 1, .part = p->had};
    int rc = 0;
    buf_init(&whole);
    bool made = part_read(a->t, &a->carrier, p, &whole);
    buf_put(&whole, rest.data, rest.len);
    struct slice record = buf_slice(&whole);
    struct frame_records run = {in->stream, in->position, in->end, 1, &record};
    if (whole.failed)
        rc = err_nomem(e);
    else if (made)
        rc = take_run(a, &run, NULL, received_at, !p->anew, &taken, e);
    buf_done(&whole);
    if (rc == 0 && taken.position < p->position && !taken.no_room && !taken.over) {
        p->had = taken.part = 0;
        p->anew = true;
        part_begin(a->t, &a->carrier, p);
    }
    if (rc != 0)
        return rc;
    *ret_taken = taken;
    return txn_failed(a->t, e);
}

/* Keep the part `in` if it goes on where what is here ends. */
static int take_part(const struct admit *a, const struct frame_part *in, instant received_at,
                     struct sync_taken *ret_taken, struct err *e) {
    struct part p = {.had = 0};
    struct sync_taken taken = {.position = cursor_get(a->t, &a->carrier, &in->stream).position};
    bool begun = find_begun(a->t, &a->carrier, &in->stream, taken.position, &p);
    bool next = in->position == taken.position + 1;
    if (next && (!begun || p.size != in->size)) {
        p = (struct part){in->stream, in->position, in->size, 0, begun && p.anew};
        part_begin(a->t, &a->carrier, &p);
    }
    uint64_t until = (uint64_t)in->offset + in->bytes.len;
    if (next && in->offset <= p.had && until > p.had) {
        struct slice rest = slice_of(in->bytes.data + (p.had - in->offset), until - p.had);
        if (until == p.size)
            return take_made(a, in, &p, rest, received_at, ret_taken, e);
        part_add(a->t, &a->carrier, &p, rest);
    }
    taken.part = begun || next ? p.had : 0;
    *ret_taken = taken;
    return txn_failed(a->t, e);
}

const struct uid *sync_stream_of(const struct frame *f) {
    return f->type == FRAME_PART ? &f->u.part.stream : &f->u.records.stream;
}

int sync_take(const struct admit *a, const struct frame *f, const struct checked *checked,
              instant received_at, struct sync_taken *ret_taken, struct err *e) {
    bool part = f->type == FRAME_PART;
    int rc = part ? take_part(a, &f->u.part, received_at, ret_taken, e)
                  : take_run(a, &f->u.records, checked, received_at, false, ret_taken, e);
    if (rc == 0)
        ret_taken->end = part ? f->u.part.end : f->u.records.end;
    return rc;
}
