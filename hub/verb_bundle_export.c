#include "core/mem.h"
#include "hub/heard.h"
#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "node/bundle_file.h"
#include "proto/bundle.h"
#include "proto/kinds.h"
#include "store/host.h"
#include "store/log.h"

#include <stdlib.h>

/* Whether `r` concerns `unit`: what is said to all, and whole lanes of its subtree. Zero: all do.
 */
static bool concerns(const struct command *s, const struct uid *unit, const struct record *r) {
    return uid_is_zero(unit) || uid_is_zero(&r->h.lane) ||
           catalog_ever_under(&s->actor.catalog, &r->h.lane, unit);
}

/*
 * What is held and concerns `unit`, in the order in which it came: causal, so that a reader takes
 * it as it stands.
 */
static int add_records(struct command *s, const struct uid *unit, struct bundle_writer *w,
                       uint64_t *ret_n, struct err *e) {
    struct log_walk walk;
    struct hash id;
    struct record r;
    uint64_t number, last = log_last(s->t), n = 0;
    int rc = 0;
    log_walk_init(&walk, s->t, 0, 0);
    while (rc == 0 && log_walk_next(&walk, &number, &id)) {
        rc = log_get(s->t, &id, &r, e);
        if (rc == 0 && concerns(s, unit, &r) && !roster_overruled(s->t, &r.h)) {
            rc = bundle_writer_add(w, r.bytes, e);
            n++;
        }
        world_progress(s->call->world, N_("writing records"), number, last);
    }
    log_walk_done(&walk);
    *ret_n = n;
    return rc == 0 ? txn_failed(s->t, e) : rc;
}

/* What is exported, and for whom. */
struct export {
    struct command *s;
    struct uid unit; /* zero: for all */
};

static bool evidence_concerns(void *arg, const struct record *r) {
    const struct export *x = arg;
    return concerns(x->s, &x->unit, r);
}

static int add_evidence(struct command *s, const struct uid *unit, struct bundle_writer *w,
                        uint64_t *ret_n, struct err *e) {
    struct export x = {s, *unit};
    return bundle_file_evidence(s->t, evidence_concerns, &x, w, ret_n, e);
}

/* By unit, of one the machine heard last first. */
static int by_unit(const void *pa, const void *pb) {
    const struct contact_entry *a = pa, *b = pb;
    int c = uid_cmp(&a->unit, &b->unit);
    return c != 0 ? c : (a->heard_at < b->heard_at) - (a->heard_at > b->heard_at);
}

/*
 * Of the `n` contacts at `list` leave those that tell something, in front: all hubs, and of a
 * unit's nodes, which were replaced one by the other, the one that was heard last. How many.
 */
static uint32_t thin(struct command *s, struct contact_entry *list, uint32_t n) {
    struct uid last = {{0}};
    uint32_t left = 0;
    qsort(list, n, sizeof *list, by_unit);
    for (uint32_t i = 0; i < n; i++) {
        struct contact_entry c = list[i];
        struct member m;
        bool hub = roster_find(s->t, &c.actor, 1, &m) && m.by == BY_HUB;
        bool heard = c.heard_at != INSTANT_NONE && c.heard_at <= s->now;
        if (!hub && (!heard || uid_equal(&c.unit, &last)))
            continue;
        if (!hub)
            last = c.unit;
        list[left++] = c;
    }
    return left;
}

static int find_contacts(struct command *s, struct buf *out, uint32_t *ret_n, struct err *e) {
    struct heard_walk w;
    struct heard h;
    heard_walk_init(&w, s->t);
    while (heard_walk_next(&w, &h)) {
        struct contact_entry c = {h.actor, h.unit, h.heard_at, h.drained_to};
        buf_put(out, &c, sizeof c);
    }
    heard_walk_done(&w);
    if (out->failed)
        return err_nomem(e);
    uint32_t n = (uint32_t)(out->len / sizeof(struct contact_entry));
    if (n > LIMIT_CHILDREN)
        n = thin(s, buf_items(out), n);
    if (n > LIMIT_CHILDREN)
        return err_set(
            e, ERR_REFUSED,
            "this hub heard of %u children, and one file names at most %u: a hub between "
            "has to take some of them",
            n, LIMIT_CHILDREN);
    *ret_n = n;
    return 0;
}

static int make_trailer(struct command *s, struct buf *contacts, struct bundle_trailer *t,
                        struct err *e) {
    const char *code = verb_text(s->call, "for");
    const struct unit_fact *f = NULL;
    int rc = code ? hub_call_unit(s, code, &f, e) : 0;
    if (rc != 0)
        return rc;
    *t = (struct bundle_trailer){
        .exported_at = s->now,
        .actor = s->actor.id,
        .epoch = s->actor.epoch,
    };
    if (f)
        t->for_unit = f->id;
    rc = find_contacts(s, contacts, &t->n_contacts, e);
    t->contacts = buf_items(contacts);
    return rc;
}

/* How many records were written, and how many of these as evidence. */
struct written {
    uint64_t log, evidence;
};

static int make(struct command *s, struct buf *bytes, struct written *ret, struct err *e) {
    struct bundle_writer *w = NULL;
    struct bundle_trailer t;
    struct buf contacts;
    buf_init(&contacts);
    int rc = make_trailer(s, &contacts, &t, e);
    if (rc == 0)
        rc = bundle_writer_new(&s->actor.deployment, bundle_sink_buf(bytes), &w, e);
    if (rc == 0)
        rc = add_records(s, &t.for_unit, w, &ret->log, e);
    if (rc == 0)
        rc = add_evidence(s, &t.for_unit, w, &ret->evidence, e);
    if (rc == 0)
        rc = bundle_writer_end(w, t, s->actor.sign, e);
    bundle_writer_free(w);
    buf_done(&contacts);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    const char *file = verb_arg(call, 0);
    struct command s = {0};
    struct buf bytes;
    struct written n = {0};
    buf_init(&bytes);
    bool there = false;
    int rc = command_begin(call, ROLE_HUB, COMMAND_EXPORT, &s, e);
    if (rc == 0)
        rc = bundle_file_may(file, &there, e);
    if (rc == 0)
        rc = bundle_file_rooted(&s.actor, s.t, e);
    if (rc == 0)
        rc = make(&s, &bytes, &n, e);
    if (rc == 0)
        rc = host_write_file(file, buf_slice(&bytes), 0644, HOST_REPLACE, e);
    if (rc == 0)
        world_say(call->world, &call->words, "%s holds %llu records, %zu bytes", file,
                  (unsigned long long)n.log + (unsigned long long)n.evidence, bytes.len);
    if (rc == 0)
        bundle_file_tell_evidence(call->world, n.evidence, &call->words);
    if (rc == 0 && there)
        world_say(call->world, &call->words, "the file that was there is replaced");
    if (rc == 0)
        bundle_file_tell_root(call->world, &s.actor, &call->words);
    buf_done(&bytes);
    return command_end(&s, rc, e);
}

static const struct verb_option options[] = {
    {.name = "for", .value = "CODE", .help = N_("only what concerns this unit and those below it")},
    {.name = NULL},
};

const struct verb hub_verb_bundle_export = {
    .name = "bundle export",
    .args = "FILE",
    .min_args = 1,
    .max_args = 1,
    .options = options,
    .help = N_("everything held here in one file that anyone can verify"),
    .run = run,
};
