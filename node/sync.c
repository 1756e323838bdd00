#include "node/sync.h"

#include "core/limits.h"
#include "store/log.h"
#include "store/stream.h"

#include <string.h>

void sync_out_start(struct sync_out *o, const struct uid *stream, uint64_t position,
                    uint32_t credits) {
    *o = (struct sync_out){
        .stream = *stream, .acked = position, .sent = position, .credits = credits};
}

void sync_out_resume(struct sync_out *o, const struct sync_out *before) {
    for (uint32_t i = 0; i < before->n_runs && before->acked <= o->acked; i++)
        if (before->runs[i] > o->acked)
            o->runs[o->n_runs++] = before->runs[i];
    if (o->n_runs > 0) {
        o->sent = before->sent;
        o->waiting_ms = before->waiting_ms;
    }
}

/* One RECORDS frame from `o->sent` on, as long as its bounds allow. */
static int send_run(struct sync_out *o, struct txn *t, struct post *post, uint32_t peer,
                    struct err *e) {
    struct slice records[LIMIT_BATCH_RECORDS];
    struct frame f = {.type = FRAME_RECORDS};
    uint64_t limit = o->acked + o->credits < o->end ? o->acked + o->credits : o->end;
    uint32_t n = 0;
    size_t bytes = 0;
    while (n < LIMIT_BATCH_RECORDS && o->sent + n < limit) {
        struct hash id;
        struct record r;
        if (!stream_at(t, &o->stream, o->sent + n + 1, &id))
            return err_set(e, ERR_CORRUPT, "the store is damaged: a stream has a hole");
        int rc = log_get(t, &id, &r, e);
        if (rc != 0)
            return rc;
        if (n > 0 && bytes + r.bytes.len > LIMIT_BATCH_BYTES)
            break;
        records[n++] = r.bytes;
        bytes += r.bytes.len;
    }
    f.u.records = (struct frame_records){o->stream, o->sent + 1, o->end, n, records};
    int rc = post_put(post, peer, &f, e);
    if (rc == 0) {
        o->sent += n;
        o->runs[o->n_runs++] = o->sent;
    }
    return rc;
}

/* Frames whose last record is answered are no longer in flight. */
static void retire_runs(struct sync_out *o) {
    uint32_t done = 0;
    while (done < o->n_runs && o->runs[done] <= o->acked)
        done++;
    memmove(o->runs, o->runs + done, (o->n_runs - done) * sizeof *o->runs);
    o->n_runs -= done;
}

int sync_send(struct sync_out *o, struct txn *t, struct post *post, uint32_t peer,
              struct moment now, struct err *e) {
    int rc = 0;
    o->end = stream_end(t, &o->stream);
    while (rc == 0 && o->n_runs < SYNC_RUNS && o->sent < o->end &&
           o->sent - o->acked < o->credits) {
        if (o->sent == o->acked)
            o->waiting_ms = now.boot_ms;
        rc = send_run(o, t, post, peer, e);
    }
    return rc == 0 ? txn_failed(t, e) : rc;
}

void sync_acked(struct sync_out *o, const struct frame_ack *ack, struct moment now) {
    if (!uid_equal(&ack->stream, &o->stream))
        return;
    if (ack->credits > 0)
        o->credits = ack->credits < LIMIT_CREDITS ? ack->credits : LIMIT_CREDITS;
    if (ack->position > o->acked && ack->position <= o->end) {
        o->acked = ack->position;
        if (o->sent < o->acked)
            o->sent = o->acked;
        o->waiting_ms = now.boot_ms;
        retire_runs(o);
    } else if (o->sent > o->acked && now.boot_ms - o->waiting_ms >= RESEND_MS) {
        o->sent = o->acked;
        o->n_runs = 0;
    }
}

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

static void count_taken(struct sync_taken *taken, enum admission admission) {
    taken->held += admission == ADMIT_HELD;
    taken->again += admission == ADMIT_DUPLICATE;
    taken->pending += admission == ADMIT_PENDING;
    taken->refused += admission == ADMIT_REFUSED || admission == ADMIT_VOID;
    taken->forks += admission == ADMIT_FORK;
    taken->no_room = admission == ADMIT_NO_ROOM;
    taken->over = admission == ADMIT_OVER;
}

int sync_take(const struct admit *a, const struct frame_records *in, const struct checked *checked,
              instant received_at, struct sync_taken *ret_taken, struct err *e) {
    struct cursor cursor = cursor_get(a->t, &a->carrier, &in->stream);
    struct sync_taken taken = {.position = cursor.position};
    for (uint32_t i = 0; i < in->n && !taken.no_room && !taken.over; i++) {
        uint64_t position = in->first + i;
        enum admission admission;
        struct hash id;
        if (position <= taken.position)
            continue;
        if (position > taken.position + 1)
            break; /* a run that begins after a hole: the sender starts over */
        int rc = admit_one(a, in->records[i], checked ? &checked[i] : NULL, received_at, &id,
                           &admission, &taken.why, e);
        if (rc != 0)
            return rc;
        count_taken(&taken, admission);
        if (!taken.no_room && !taken.over) {
            taken.position = position;
            cursor.digest = stream_digest_next(&cursor.digest, &id);
        }
    }
    if (taken.position != cursor.position) {
        cursor.position = taken.position;
        cursor_put(a->t, &a->carrier, &in->stream, &cursor);
    }
    *ret_taken = taken;
    return txn_failed(a->t, e);
}
