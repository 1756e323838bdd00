#include "core/mem.h"
#include "hub/heard.h"
#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "proto/bundle.h"
#include "store/host.h"
#include "store/log.h"

/* Whether `r` concerns `unit`: what is said to all, and whole lanes of its subtree. Zero: all do.
 */
static bool concerns(const struct hub_call *s, const struct uid *unit, const struct record *r) {
    return uid_is_zero(unit) || uid_is_zero(&r->h.lane) ||
           catalog_ever_under(&s->actor.catalog, &r->h.lane, unit);
}

/*
 * What is held and concerns `unit`, in the order in which it came: causal, so that a reader takes
 * it as it stands.
 */
static int add_records(struct hub_call *s, const struct uid *unit, struct bundle_writer *w,
                       uint64_t *ret_n, struct err *e) {
    struct log_walk walk;
    struct hash id;
    struct record r;
    uint64_t number, last = log_last(s->t), n = 0;
    int rc = 0;
    log_walk_init(&walk, s->t, 0, 0);
    while (rc == 0 && log_walk_next(&walk, &number, &id)) {
        rc = log_get(s->t, &id, &r, e);
        if (rc == 0 && concerns(s, unit, &r)) {
            rc = bundle_writer_add(w, r.bytes, e);
            n++;
        }
        world_progress(s->call->world, N_("writing records"), number, last);
    }
    log_walk_done(&walk);
    *ret_n = n;
    return rc == 0 ? txn_failed(s->t, e) : rc;
}

static int find_contacts(struct hub_call *s, struct buf *out, struct err *e) {
    struct heard_walk w;
    struct heard h;
    heard_walk_init(&w, s->t);
    while (heard_walk_next(&w, &h)) {
        struct contact_entry c = {h.actor, h.unit, h.heard_at, h.drained_to};
        buf_put(out, &c, sizeof c);
    }
    heard_walk_done(&w);
    return out->failed ? err_nomem(e) : 0;
}

static int make_trailer(struct hub_call *s, struct buf *contacts, struct bundle_trailer *t,
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
    rc = find_contacts(s, contacts, e);
    t->n_contacts = (uint32_t)(contacts->len / sizeof *t->contacts);
    t->contacts = (void *)contacts->data; /* from mem_realloc, so aligned for anything */
    return rc;
}

static int make(struct hub_call *s, struct buf *bytes, uint64_t *ret_n, struct err *e) {
    struct bundle_writer *w = NULL;
    struct bundle_trailer t;
    struct buf contacts;
    buf_init(&contacts);
    int rc = make_trailer(s, &contacts, &t, e);
    if (rc == 0)
        rc = bundle_writer_new(&s->actor.deployment, bundle_sink_buf(bytes), &w, e);
    if (rc == 0)
        rc = add_records(s, &t.for_unit, w, ret_n, e);
    if (rc == 0)
        rc = bundle_writer_end(w, t, s->actor.sign, e);
    bundle_writer_free(w);
    buf_done(&contacts);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    const char *file = verb_arg(call, 0);
    struct hub_call s;
    struct buf bytes;
    uint64_t n = 0;
    buf_init(&bytes);
    int rc = hub_call_open(&s, call, false, e);
    if (rc == 0)
        rc = make(&s, &bytes, &n, e);
    if (rc == 0)
        rc = host_write_file(file, buf_slice(&bytes), 0644, HOST_REPLACE, e);
    if (rc == 0)
        world_say(call->world, &call->words, "%s holds %llu records, %zu bytes", file,
                  (unsigned long long)n, bytes.len);
    buf_done(&bytes);
    hub_call_done(&s);
    return rc;
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
