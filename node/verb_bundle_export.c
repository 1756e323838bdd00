#include "node/bundle_file.h"
#include "node/command.h"
#include "node/verbs.h"
#include "proto/bundle.h"
#include "store/host.h"
#include "store/log.h"

/*
 * Which records: all that this office stated, and all that it holds from above and that they build
 * on: genesis, enrolments, units, campaigns, profiles, receipts. What it holds is what it stated
 * and what came down to it, so that is everything, in the order held, which is causal.
 */
static int write_records(struct command *c, struct bundle_writer *w, uint64_t *ret_n,
                         struct err *e) {
    struct log_walk walk;
    struct hash id;
    struct record r;
    uint64_t n = 0, total = log_last(c->t);
    int rc = 0;
    log_walk_init(&walk, c->t, 0, 0);
    while (rc == 0 && log_walk_next(&walk, NULL, &id)) {
        world_progress(c->world, N_("writing records"), n, total);
        rc = log_get(c->t, &id, &r, e);
        if (rc == 0)
            rc = bundle_writer_add(w, r.bytes, e);
        n++;
    }
    log_walk_done(&walk);
    *ret_n = n;
    return rc;
}

/* How many records were written, and how many of these as evidence. */
struct written {
    uint64_t log, evidence;
};

static int write_bundle(struct command *c, struct buf *out, struct written *ret, struct err *e) {
    struct bundle_writer *w;
    struct bundle_trailer trailer = {
        .exported_at = c->now, .actor = c->actor.id, .epoch = c->actor.epoch};
    int rc = bundle_writer_new(&c->actor.deployment, bundle_sink_buf(out), &w, e);
    if (rc != 0)
        return rc;
    rc = write_records(c, w, &ret->log, e);
    if (rc == 0)
        rc = bundle_file_evidence(c->t, NULL, NULL, w, &ret->evidence, e);
    if (rc == 0)
        rc = bundle_writer_end(w, trailer, c->actor.sign, e);
    bundle_writer_free(w);
    return rc == 0 && out->failed ? err_nomem(e) : rc;
}

static int export(struct command *c, const char *file, struct err *e) {
    struct buf bundle;
    struct written n = {0};
    buf_init(&bundle);
    bool there = false;
    int rc = bundle_file_may(file, &there, e);
    if (rc == 0)
        rc = bundle_file_rooted(&c->actor, c->t, e);
    if (rc == 0)
        rc = write_bundle(c, &bundle, &n, e);
    if (rc == 0)
        rc = host_write_file(file, buf_slice(&bundle), 0600, HOST_REPLACE, e);
    if (rc == 0)
        world_say(c->world, &c->call->words,
                  "%s: %llu records, signed; no hub has received anything by this", file,
                  (unsigned long long)n.log + (unsigned long long)n.evidence);
    if (rc == 0)
        bundle_file_tell_evidence(c->world, n.evidence, &c->call->words);
    if (rc == 0 && there)
        world_say(c->world, &c->call->words, "the file that was there is replaced");
    if (rc == 0)
        bundle_file_tell_root(c->world, &c->actor, &c->call->words);
    buf_done(&bundle);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_EXPORT, &c, e);
    return rc == 0 ? command_end(&c, export(&c, verb_arg(call, 0), e), e) : rc;
}

const struct verb node_verb_bundle_export = {
    .name = "bundle export",
    .args = "FILE",
    .min_args = 1,
    .max_args = 1,
    .help = N_("write everything of this office into one file"),
    .run = run,
};
