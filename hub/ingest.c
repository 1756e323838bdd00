#include "hub/ingest.h"

#include "core/mem.h"
#include "hub/arrivals.h"
#include "node/path.h"
#include "node/slots.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "store/log.h"
#include "store/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int order_by_record(const void *arg, const void *key, uint32_t value) {
    const struct ingest *in = arg;
    return hash_cmp(key, &in->list[value].entry.record);
}

/* Begin a new list of receipts. */
static void forget_receipts(struct ingest *in) {
    index_done(&in->by_record);
    index_init(&in->by_record, order_by_record, in);
    in->n = in->n_indexed = 0;
}

void ingest_init(struct ingest *in, struct actor *actor, struct txn *t, bool clock_doubt) {
    *in = (struct ingest){.actor = actor, .t = t, .clock_doubt = clock_doubt, .now = INSTANT_MAX};
    forget_receipts(in);
    share_init(&in->share, actor, t);
    judge_lists_init(&in->lists);
}

void ingest_done(struct ingest *in) {
    judge_lists_done(&in->lists);
    index_done(&in->by_record);
    mem_free(in->list);
    *in = (struct ingest){0};
}

/* Whether receipts may be stated of what is being taken. */
static bool may_say(const struct ingest *in) {
    return !actor_holds_back(in->actor) && !in->doubted;
}

/* `record`, brought by `carrier`, came while nothing can be said of it: keep when. */
static void keep_arrival(struct ingest *in, const struct hash *carrier, const struct hash *record,
                         struct taken_at at) {
    struct arrival x = {*carrier, *record, at};
    arrivals_keep(in->t, &x);
}

/* Note a receipt for `r`. It stands in the lane of its author's unit, whatever lane `r` stands in.
 */
static int add(struct ingest *in, const struct record *r, const struct member *author,
               struct taken_at at, const struct judgement *j, struct err *e) {
    if (uid_is_zero(&author->unit))
        return txn_failed(in->t, e); /* the root's own keys get no receipts */
    assert(at.received != INSTANT_NONE);
    if (in->n == in->cap) {
        uint32_t cap = in->cap ? in->cap * 2 : 64;
        struct pending_receipt *list = mem_realloc(in->list, cap * sizeof *list);
        if (!list)
            return err_nomem(e);
        in->list = list;
        in->cap = cap;
    }
    assert(in->list);
    struct pending_receipt *p = &in->list[in->n++];
    *p = (struct pending_receipt){
        .author = r->h.actor,
        .carrier = in->carrier,
        .epoch = r->h.epoch,
        .lane = author->unit,
        .entry = {.record = r->id,
                  .received_at = at.received,
                  .state = j->state,
                  .code = j->code,
                  .clock_doubt = at.doubt},
        .n_args = j->n_args,
    };
    memcpy(p->args, j->args, sizeof p->args);
    in->valid += j->state == RECEIPT_VALID;
    in->rejected += j->state == RECEIPT_REJECTED;
    in->held += j->state == RECEIPT_HELD;
    return 0;
}

/* Enter `r` into its slot, where its author may have one more revision. */
static void enter_slot(struct ingest *in, const struct record *r, const struct opened_report *o,
                       struct judgement *judgement) {
    struct slot s = {
        .issuer = o->campaign->issuer,
        .campaign = o->campaign->c.id,
        .period = o->report.period,
        .kind = o->report.kind,
        .unit = o->report.unit,
    };
    const struct slot_revision revision = {r->id,    r->h.actor,         r->h.epoch,
                                           r->h.seq, o->report.revision, o->report.nil};
    if (slots_full(in->t, &s, &revision))
        judge_crowded(judgement);
    else
        slots_enter(in->t, &s, &revision);
}

/*
 * Judge the report `r`, taken at `received_at`. One with valid content takes its place in its slot,
 * also where it is rejected because its campaign was withdrawn: a hub below, or this one before it
 * was restored, may have received it in time. What it counts for there is up to valid receipts.
 */
static int judge_one(struct ingest *in, const struct record *r, const struct member *author,
                     instant received_at, struct judgement *ret_judgement, struct err *e) {
    struct opened_report o;
    int rc = judge_next(&in->lists, &in->actor->catalog, in->t, r, author, ret_judgement, &o, e);
    if (rc == 0 && ret_judgement->state == RECEIPT_VALID) {
        enter_slot(in, r, &o, ret_judgement);
        if (ret_judgement->state == RECEIPT_VALID)
            judge_end(&in->actor->catalog, o.campaign, received_at, ret_judgement);
        judge_opened_done(&o);
    }
    return rc;
}

/* Judge `r` if it is of a kind that is judged; any other is held, and waits for nothing. */
static int judge(struct ingest *in, const struct record *r, const struct member *author,
                 instant received_at, struct judgement *ret_judgement, struct err *e) {
    *ret_judgement = (struct judgement){.state = RECEIPT_HELD};
    if (r->h.payload_version != PAYLOAD_VERSION)
        return 0;
    int rc = 0;
    if (r->h.kind == KIND_REPORT)
        rc = judge_one(in, r, author, received_at, ret_judgement, e);
    else if (r->h.kind == KIND_WITHDRAWAL)
        rc = judge_withdrawal(in->t, r, ret_judgement, e);
    if (rc == 0 && ret_judgement->state == RECEIPT_HELD && !hash_is_zero(&ret_judgement->awaits))
        admit_await(in->t, &ret_judgement->awaits, &r->id);
    return rc;
}

static int find_author(struct ingest *in, const struct record *r, struct member *ret_author,
                       struct err *e) {
    if (roster_find(in->t, &r->h.actor, r->h.epoch, ret_author))
        return 0;
    return err_set(e, ERR_CORRUPT, "the store is damaged: a record without its author");
}

/*
 * Give `r`, taken at `at`, its receipt. What this hub said of it in an earlier epoch, and
 * came back, stands: a final word is not said again, a held one is made final with its instant.
 * What was left by machines that reported to the hub before this one takes its place in its slot;
 * when it was received is for that hub to have said.
 */
static int receive(struct ingest *in, const struct record *r, struct taken_at at, struct err *e) {
    const struct kind_rule *rule = kind_rule(r->h.kind);
    struct member author;
    struct receipt_row said;
    struct judgement j;
    if (rule && !rule->receipted)
        return 0;
    at.doubt |= at.received > in->now;
    if (find_author(in, r, &author, e) != 0)
        return ERR_CORRUPT;
    if (!path_below(in->t, &author, &in->actor->id))
        return judge(in, r, &author, at.received, &j, e);
    bool known = views_receipt(in->t, &r->id, &in->actor->id, &said);
    if (known)
        at = (struct taken_at){said.received_at, said.clock_doubt};
    if (!may_say(in) && !(known && said.state != RECEIPT_HELD)) {
        keep_arrival(in, &in->kept_by, &r->id, at);
        return txn_failed(in->t, e);
    }
    int rc = judge(in, r, &author, at.received, &j, e);
    if (rc != 0 || (known && (said.state != RECEIPT_HELD || j.state == RECEIPT_HELD)))
        return rc;
    return add(in, r, &author, at, &j, e);
}

static int taken(void *arg, struct txn *t, const struct record *r, struct taken_at at,
                 struct err *e) {
    (void)t;
    return receive(arg, r, at, e);
}

/* Whether the author of `h` is this hub, or was the hub of its unit before it. */
static bool is_of_our_unit(const struct ingest *in, const struct record_header *h) {
    struct member m;
    return hash_equal(&h->actor, &in->actor->id) ||
           (roster_find(in->t, &h->actor, h->epoch, &m) && m.by == BY_HUB &&
            uid_equal(&m.unit, &in->actor->unit));
}

int ingest_found(struct ingest *in, const struct hash *record, instant now, struct err *e) {
    struct record r;
    int rc = log_get(in->t, record, &r, e);
    if (rc != 0 || route_from_above(in->actor, in->t, &r.h) || is_of_our_unit(in, &r.h))
        return rc;
    in->kept_by = (struct hash){{0}};
    return receive(in, &r, (struct taken_at){now, in->clock_doubt}, e);
}

/* Its receipt into `ret_pending`, if one was made for `record` in this transaction and is not
 * stated yet; else NULL. Most steps never ask, so receipts are put in order when one does. */
static int unstated(struct ingest *in, const struct hash *record,
                    struct pending_receipt **ret_pending, struct err *e) {
    uint32_t at;
    for (; in->n_indexed < in->n; in->n_indexed++) {
        if (index_reserve(&in->by_record, e) != 0)
            return ERR_NOMEM;
        index_insert(&in->by_record, &in->list[in->n_indexed].entry.record, in->n_indexed);
    }
    bool found = index_find(&in->by_record, record, &at);
    *ret_pending = found ? &in->list[at] : NULL;
    return 0;
}

#define ARRIVALS_PER_STEP 512u
#define ARRIVALS_AT_ONCE 32u /* of one carrier: who brought few is not behind who brought many */

/* State what can be said of the arrival `x`, and forget it. */
static int state_arrival(struct ingest *in, const struct arrival *x, struct err *e) {
    struct pending_receipt *said;
    struct record r;
    int rc = unstated(in, &x->record, &said, e);
    in->carrier = in->kept_by = x->carrier;
    if (rc == 0)
        rc = log_get(in->t, &x->record, &r, e);
    if (rc == 0 && !said && !roster_overruled(in->t, &r.h)) /* its author is a thief's */
        rc = receive(in, &r, x->at, e);
    arrivals_forget(in->t, x);
    return rc;
}

int ingest_arrivals(struct ingest *in, struct err *e) {
    struct key from = {.n = 0};
    uint32_t of_one = 0;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < ARRIVALS_PER_STEP && !actor_holds_back(in->actor); i++) {
        struct arrival x;
        bool found = arrivals_find(in->t, from, &x);
        if (!found && from.n == 0)
            break;
        if (found && !hash_equal(&x.carrier, &in->carrier))
            of_one = 0;
        if (found)
            rc = state_arrival(in, &x, e);
        from.n = 0; /* at the end: from the first one again */
        if (found)
            from = ++of_one < ARRIVALS_AT_ONCE ? arrivals_after(&x) : arrivals_behind(&x);
    }
    in->carrier = (struct hash){{0}};
    return rc == 0 ? txn_failed(in->t, e) : rc;
}

/* Count `j`, and put it in the place of the `held` that nobody has seen yet. */
static void settle(struct ingest *in, struct pending_receipt *p, const struct judgement *j) {
    p->entry.state = j->state;
    p->entry.code = j->code;
    p->n_args = j->n_args;
    memcpy(p->args, j->args, sizeof p->args);
    in->held--;
    in->valid += j->state == RECEIPT_VALID;
    in->rejected += j->state == RECEIPT_REJECTED;
}

/* What `record` waited for is here, of which this hub said nothing: judge it, if that is because
 * its author reported to the hub before this one. */
static int ready_unsaid(struct ingest *in, const struct hash *record, struct err *e) {
    struct record r;
    struct member author;
    struct judgement j;
    int rc = log_get(in->t, record, &r, e);
    if (rc == 0 && roster_overruled(in->t, &r.h))
        return 0;
    if (rc == 0)
        rc = find_author(in, &r, &author, e);
    if (rc != 0 || path_below(in->t, &author, &in->actor->id))
        return rc == 0 ? txn_failed(in->t, e) : rc;
    return judge(in, &r, &author, r.h.claimed, &j, e);
}

/* What a held record waited for is here: give it its final receipt, with the same instant. */
static int ready(void *arg, struct txn *t, const struct hash *record, struct err *e) {
    struct ingest *in = arg;
    struct pending_receipt *p;
    struct receipt_row row;
    struct member author;
    struct judgement j;
    struct record r;
    if (unstated(in, record, &p, e) != 0)
        return ERR_NOMEM;
    bool said = p || views_receipt(t, record, &in->actor->id, &row);
    if (!said)
        return ready_unsaid(in, record, e);
    if (p && p->entry.state != RECEIPT_HELD)
        return txn_failed(t, e);
    struct taken_at at = p ? (struct taken_at){p->entry.received_at, p->entry.clock_doubt}
                           : (struct taken_at){row.received_at, row.clock_doubt};
    if (!p && !may_say(in)) {
        keep_arrival(in, &in->carrier, record, at);
        return txn_failed(t, e);
    }
    int rc = log_get(t, record, &r, e);
    if (rc == 0 && roster_overruled(t, &r.h))
        return 0;
    if (rc == 0)
        rc = find_author(in, &r, &author, e);
    if (rc == 0)
        rc = judge(in, &r, &author, at.received, &j, e);
    if (rc != 0 || j.state == RECEIPT_HELD || (!p && row.state != RECEIPT_HELD))
        return rc; /* a final word of an earlier epoch stands */
    if (p)
        settle(in, p, &j);
    return p ? 0 : add(in, &r, &author, at, &j, e);
}

/* A copy of what is held: its receipts go to the child again, unless they are on their way. */
static int again(void *arg, struct txn *t, const struct record *r, struct err *e) {
    struct ingest *in = arg;
    struct receipt_walk w;
    struct receipt_row row;
    struct buf receipts;
    in->again++;
    if (!views_receipt(t, &r->id, &in->actor->id, &row))
        arrivals_share(t, &in->carrier, &r->id);
    if (!in->inbox)
        return 0;
    buf_init(&receipts);
    views_receipts(&w, t, &r->id);
    while (views_receipts_next(&w, &row))
        buf_put(&receipts, row.receipt.b, HASH_BYTES);
    views_receipts_done(&w); /* no write while a walk is open */
    struct reader left = reader_of(buf_slice(&receipts));
    while (!receipts.failed && left.left > 0) {
        struct hash receipt;
        reader_copy(&left, receipt.b, HASH_BYTES);
        uint64_t position = stream_position_of(t, in->inbox, &receipt);
        if (position > 0 && position <= in->inbox_acked && share_answer(&in->share, &in->carrier))
            stream_append(t, in->inbox, &receipt);
    }
    int rc = receipts.failed ? err_nomem(e) : txn_failed(t, e);
    buf_done(&receipts);
    return rc;
}

static enum admission room(void *arg, const struct record *r, const struct hash *carrier) {
    return share_room(&((struct ingest *)arg)->share, r, carrier);
}

static void kept(void *arg, const struct record *r, const struct hash *carrier) {
    struct ingest *in = arg;
    in->kept_by = *carrier;
    share_kept(&in->share, r, carrier);
}

struct admit ingest_admit(struct ingest *in) {
    return (struct admit){.actor = in->actor,
                          .t = in->t,
                          .origin = ORIGIN_BELOW,
                          .carrier = in->carrier,
                          .sink = {in, taken, ready, again, room, kept},
                          .clock_doubt = in->clock_doubt};
}

/* By author, then as taken: qsort is not stable, so the place in the list decides. */
static int by_author(const void *pa, const void *pb) {
    const struct pending_receipt *a = *(struct pending_receipt *const *)pa;
    const struct pending_receipt *b = *(struct pending_receipt *const *)pb;
    int c = hash_cmp(&a->author, &b->author);
    if (c == 0 && a->epoch != b->epoch)
        c = a->epoch < b->epoch ? -1 : 1;
    if (c == 0)
        c = uid_cmp(&a->lane, &b->lane);
    return c != 0 ? c : (a > b) - (a < b);
}

static bool same_author(const struct pending_receipt *a, const struct pending_receipt *b) {
    return hash_equal(&a->author, &b->author) && a->epoch == b->epoch &&
           uid_equal(&a->lane, &b->lane);
}

/* One receipt for the `n` entries at `list`, all of one author. */
static int state_receipt(struct ingest *in, struct pending_receipt **list, uint32_t n, instant now,
                         struct err *e) {
    struct receipt_entry *entries = mem_zalloc(n, sizeof *entries);
    char *(*args)[JUDGE_ARGS] = mem_zalloc(n, sizeof *args);
    int rc = entries && args ? 0 : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        for (uint32_t k = 0; k < list[i]->n_args; k++)
            args[i][k] = list[i]->args[k];
        entries[i] = list[i]->entry;
        entries[i].n_args = list[i]->n_args;
        entries[i].args = args[i];
    }
    struct log_head known = log_head_of(in->t, &in->actor->id, in->actor->epoch, &(struct uid){0});
    struct payload_receipt p = {list[0]->author, list[0]->epoch, n, entries, known.seq};
    if (rc == 0)
        rc = append_receipt(in->actor, in->t, &p, &list[0]->lane, now, e);
    mem_free(args);
    mem_free(entries);
    return rc;
}

/* A record of this hub's own came between, or it ended: what was to be said is said once it may. */
static int keep_all(struct ingest *in, struct err *e) {
    for (uint32_t i = 0; i < in->n; i++) {
        const struct receipt_entry *x = &in->list[i].entry;
        keep_arrival(in, &in->list[i].carrier, &x->record,
                     (struct taken_at){x->received_at, x->clock_doubt});
    }
    in->n = in->valid = in->rejected = in->held = 0;
    return txn_failed(in->t, e);
}

int ingest_receipts(struct ingest *in, instant now, struct err *e) {
    share_settle(&in->share);
    if (in->n == 0)
        return 0;
    if (actor_holds_back(in->actor))
        return keep_all(in, e);
    struct pending_receipt **order = mem_alloc(in->n * sizeof(struct pending_receipt *));
    if (!order)
        return err_nomem(e);
    for (uint32_t i = 0; i < in->n; i++)
        order[i] = &in->list[i];
    qsort(order, in->n, sizeof *order, by_author);
    int rc = 0;
    for (uint32_t i = 0, n; rc == 0 && i < in->n; i += n) {
        n = 1;
        while (i + n < in->n && n < LIMIT_RECEIPT_ENTRIES && same_author(order[i], order[i + n]))
            n++;
        rc = state_receipt(in, order + i, n, now, e);
    }
    mem_free(order);
    forget_receipts(in);
    return rc;
}
