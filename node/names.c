#include "node/names.h"

#include "core/mem.h"
#include "store/log.h"

#include <stdlib.h>

struct name_entry {
    struct uid lane, subject;
    struct enrolment_place enrolment;
    uint32_t epoch;
    uint64_t seq;
    struct hash record;
};

void names_done(struct names *n) {
    mem_free(n->list);
    *n = (struct names){0};
}

static int by_subject(const void *pa, const void *pb) {
    const struct name_entry *a = pa, *b = pb;
    int order = uid_cmp(&a->lane, &b->lane);
    return order != 0 ? order : uid_cmp(&a->subject, &b->subject);
}

static int compare_u64(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

/* By lane and subject, then the last of the order of revisions first. */
static int in_order(const void *pa, const void *pb) {
    const struct name_entry *a = pa, *b = pb;
    int order = by_subject(pa, pb);
    if (order == 0)
        order = compare_u64(b->enrolment.epoch, a->enrolment.epoch);
    if (order == 0)
        order = compare_u64(b->enrolment.seq, a->enrolment.seq);
    if (order == 0)
        order = compare_u64(b->epoch, a->epoch);
    if (order == 0)
        order = compare_u64(b->seq, a->seq);
    return order != 0 ? order : hash_cmp(&b->record, &a->record);
}

/* The entry that `r` makes; false if it says nothing. */
static bool read_name(const struct record *r, struct name_entry *ret_entry) {
    struct payload_name p;
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    bool said = !r->erased && payload_name_decode(r->payload, &a, &p, NULL) == 0;
    if (said)
        *ret_entry = (struct name_entry){
            .lane = r->h.lane,
            .subject = p.subject,
            .epoch = r->h.epoch,
            .seq = r->h.seq,
            .record = r->id,
        };
    arena_done(&a);
    return said;
}

int names_load(struct txn *t, struct names *ret_names, struct err *e) {
    struct log_walk w;
    struct hash id;
    struct buf out;
    int rc = 0;
    buf_init(&out);
    log_walk_init(&w, t, KIND_SUBJECT_NAME, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id)) {
        struct record r;
        struct name_entry entry;
        rc = log_get(t, &id, &r, e);
        if (rc != 0 || !read_name(&r, &entry))
            continue;
        rc = roster_enrolment(t, &r.h.actor, r.h.epoch, &entry.enrolment, e);
        buf_put(&out, &entry, sizeof entry);
    }
    log_walk_done(&w);
    if (rc == 0 && out.failed)
        rc = err_nomem(e);
    if (rc != 0) {
        buf_done(&out);
        return rc;
    }
    ret_names->list = (void *)out.data; /* from mem_realloc, so aligned for anything */
    ret_names->n = (uint32_t)(out.len / sizeof *ret_names->list);
    if (ret_names->n > 1)
        qsort(ret_names->list, ret_names->n, sizeof *ret_names->list, in_order);
    return 0;
}

int names_find(const struct names *n, struct txn *t, const struct uid *lane,
               const struct uid *subject, char **ret_name, struct err *e) {
    const struct name_entry key = {.lane = *lane, .subject = *subject};
    uint32_t lo = 0, hi = n->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (by_subject(&n->list[mid], &key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    char *name = NULL;
    if (lo < n->n && by_subject(&n->list[lo], &key) == 0) {
        struct record r;
        struct payload_name p;
        struct arena a;
        int rc = log_get(t, &n->list[lo].record, &r, e);
        if (rc != 0)
            return rc;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        rc = payload_name_decode(r.payload, &a, &p, e);
        if (rc == 0)
            name = mem_strdup(p.name);
        arena_done(&a);
        if (rc != 0 || !name)
            return rc != 0 ? rc : err_nomem(e);
    }
    *ret_name = name;
    return 0;
}
