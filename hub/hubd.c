/*
 * thidua-hub: the program. Clock, randomness, signals, command line and the socket; everything else
 * is below.
 */
#include "core/limits.h"
#include "core/mem.h"
#include "core/verb_run.h"
#include "hub/arrivals.h"
#include "hub/counts.h"
#include "hub/hand_back.h"
#include "hub/hub.h"
#include "hub/verbs.h"
#include "hub/verify_pool.h"
#include "node/call.h"
#include "node/joining.h"
#include "node/outlive.h"
#include "proto/confine.h"
#include "proto/endpoint.h"
#include "proto/language.h"
#include "proto/link.h"
#include "store/host.h"
#include "store/keyfile.h"
#include "store/lock.h"
#include "store/meta.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CATCH_UP_SPANS 4 /* in one transaction, while frames wait */
#define TICK_MS 200      /* how soon a child hears what another process stated */
#define REST_MS 500      /* from one time that room is given back to the next */
#define PROGRAM "thidua-hub " THIDUA_VERSION

/* Everything that serving takes. */
struct server {
    struct verb_call *call;
    struct actor actor;
    struct hub hub;
    struct verify_pool *pool;
    struct link *link;
    struct call above; /* to the hub above; idle at the root */
    enum doubt doubt;  /* of the clock, as last said */
    bool spent;        /* the store is an older copy, as last said */
    bool rested;       /* nothing was taken since room was given back … */
    int64_t rested_ms; /* … at this moment of the boot clock */
    struct outlive outlive;
    int lock_fd, stop_fd;
};

/* Words of a daemon leave at once. */
static void say_now(struct server *s) {
    (void)host_write(2, buf_slice(&s->call->words), NULL);
    buf_clear(&s->call->words);
}

static enum door_verdict judge_key(void *arg, const uint8_t key[DOOR_KEY], struct hash *ret_actor) {
    struct server *s = arg;
    struct public_key k;
    memcpy(k.b, key, sizeof k.b);
    static const enum door_verdict verdicts[] = {DOOR_BUSY, DOOR_GUEST, DOOR_KNOWN};
    return verdicts[hub_knows(&s->hub, &k, ret_actor) + 1];
}

/* Where to listen, if anything says so: the command, else what was noted. A hub whose joining did
 * not end has nobody to listen to. */
static int find_address(struct server *s, char address[ENDPOINT_TEXT], struct err *e) {
    const char *given = verb_text(s->call, "listen");
    struct txn *t;
    int rc = txn_begin(s->actor.db, false, &t, e);
    if (rc != 0)
        return rc;
    if (!meta_text(t, "listen", address, ENDPOINT_TEXT))
        address[0] = '\0';
    rc = joining_hub_done(&s->actor, t, e);
    txn_abort(t);
    if (given)
        (void)snprintf(address, ENDPOINT_TEXT, "%s", given);
    return rc;
}

/* Bind, and note where: `enrol` writes it into tickets. */
static int listen_on(struct server *s, const char *address, struct err *e) {
    struct link_keys keys;
    struct txn *t;
    char noted[ENDPOINT_TEXT];
    int rc;
    memcpy(keys.public_key, key_pair_public(s->actor.transport)->b, sizeof keys.public_key);
    memcpy(keys.secret_key, key_pair_transport_secret(s->actor.transport), sizeof keys.secret_key);
    rc = link_listen(address, &keys, judge_key, s, &s->link, e);
    crypto_wipe(&keys, sizeof keys);
    if (rc == 0)
        rc = db_mend(s->actor.db, e);
    if (rc == 0)
        rc = txn_begin(s->actor.db, true, &t, e);
    if (rc != 0)
        return rc;
    if (!meta_text(t, "address", noted, sizeof noted) || strcmp(noted, link_endpoint(s->link)) != 0)
        meta_put_text(t, "address", link_endpoint(s->link)); /* a full disk has no room for it */
    return txn_commit(t, e);
}

static void send_post(struct server *s) {
    uint32_t peer;
    struct slice frame;
    while (post_next(&s->hub.post, &peer, &frame))
        if (link_send(s->link, peer, frame, NULL) != 0)
            hub_gone(&s->hub, peer);
}

/* Let the threads know who is about to be heard of. */
static void learn(struct server *s, const struct hash *actor, uint32_t epoch) {
    struct public_key key;
    if (hub_signer(&s->hub, actor, epoch, &epoch, &key))
        verify_pool_learn(s->pool, actor, epoch, &key);
}

static int take_frame(struct server *s, struct intake *in, const struct link_frame *f,
                      struct err *e) {
    struct sender from = {.peer = f->peer, .guest = f->who.guest, .actor = f->who.actor};
    memcpy(from.transport_key.b, f->who.key, sizeof from.transport_key.b);
    struct moment at = world_moment(s->call->world);
    if (!from.guest && !verify_pool_knows(s->pool, &from.actor, 0))
        learn(s, &from.actor, 0);
    return intake_take(in, &from, at, f->bytes, e);
}

/* Take what the socket has as far as there is room for it, waiting for the first frame only, and
 * that only if there is nothing else to do. 1: asked to stop. Unlike in a step, what fails here
 * ends the program. */
static int take_frames(struct server *s, struct err *e) {
    int timeout_ms = s->hub.catch_up.behind || verify_pool_busy(s->pool) ? 0 : TICK_MS;
    struct intake *in;
    while ((in = verify_pool_filling(s->pool)) != NULL) {
        struct link_frame f;
        int event = link_recv(s->link, timeout_ms, &f, e);
        if (event < 0)
            return event;
        if (event == LINK_WATCHED)
            return 1;
        int rc = event == LINK_FRAME ? take_frame(s, in, &f, e) : 0;
        if (rc != 0)
            return rc;
        if (event != LINK_FRAME && (timeout_ms == 0 || in->n == 0))
            break;
        if (intake_full(in))
            verify_pool_submit(s->pool);
        timeout_ms = 0;
    }
    verify_pool_submit(s->pool);
    return 0;
}

/* One child's trouble, said once each time that it comes. */
static void log_finding(struct server *s, struct err *found) {
    char text[512];
    if (found->code == 0)
        return;
    buf_printf(&s->call->words, "%s\n", err_text(found, s->call->world->tr, text, sizeof text));
    err_clear(found);
    say_now(s);
}

/* Authors behind the sender, whose keys the threads did not know: from the next time on they do. */
static void learn_authors(struct server *s, const struct intake *in) {
    for (uint32_t i = 0; i < in->n; i++) {
        const struct taken *f = &in->list[i];
        for (uint32_t k = 0; f->checked && k < f->frame.u.records.n; k++) {
            const struct checked *c = &f->checked[k];
            if (c->parsed && !c->verified &&
                !verify_pool_knows(s->pool, &c->r.h.actor, c->r.h.epoch))
                learn(s, &c->r.h.actor, c->r.h.epoch);
        }
    }
}

/* Step what was taken first, or, if nothing was, what came to be held in other ways. Whether
 * nothing was goes into `ret_idle`. */
static int step(struct server *s, bool *ret_idle, struct err *e) {
    struct intake *in = verify_pool_wait(s->pool);
    *ret_idle = !in;
    if (!in)
        return hub_step(&s->hub, world_moment(s->call->world), e);
    learn_authors(s, in);
    hub_exchange(&s->hub, in);
    int rc = hub_step(&s->hub, world_moment(s->call->world), e);
    hub_exchange(&s->hub, in);
    verify_pool_retire(s->pool);
    return rc;
}

/* Said when it begins, changes, or ends. */
static void log_doubt(struct server *s) {
    if (s->hub.doubt == s->doubt)
        return;
    s->doubt = s->hub.doubt;
    world_say(s->call->world, &s->call->words, "%s",
              world_tr(s->call->world, doubt_text(s->doubt)));
    say_now(s);
}

/* Whether anybody handed back what was missing: the hub above, which let this one go on, or one of
 * those below. */
static bool anybody_was_here(struct server *s) {
    struct txn *t;
    if (!s->actor.is_root || txn_begin(s->actor.db, false, &t, NULL) != 0)
        return true;
    bool any = hand_back_any(t);
    txn_abort(t);
    return any;
}

/* That the store was put back, what that takes, and when it is over. New keys are none of that. */
static void log_spent(struct server *s) {
    const struct actor *a = &s->actor;
    const struct world *w = s->call->world;
    struct buf *words = &s->call->words;
    bool spent = a->spent && !actor_rotates(a);
    if (spent && !s->spent && a->is_root)
        world_say(w, words,
                  "this data directory is an older copy, or another copy of it is in use: reports "
                  "are taken, and nothing is stated here, no receipts either. Let the hubs and "
                  "nodes below connect, which hand back what is missing, then run `thidua-hub "
                  "renew` with the root key; where two machines serve one directory stop one");
    else if (spent && !s->spent)
        world_say(w, words,
                  "this data directory is an older copy, or another copy of it is in use: reports "
                  "are taken, and nothing is stated here, no receipts either, until what is "
                  "missing came back and the hub above lets this one go on, which needs nobody; "
                  "where two machines serve one directory stop one");
    else if (!spent && s->spent && anybody_was_here(s))
        world_say(w, words, "those below have shown what they hold: this hub goes on in epoch %u",
                  a->epoch);
    else if (!spent && s->spent)
        world_say(w, words, "nobody below was here: this hub goes on in epoch %u", a->epoch);
    else
        return;
    s->spent = spent;
    say_now(s);
}

static void log_events(struct server *s) {
    struct hub_events *v = &s->hub.events;
    log_finding(s, &v->damage);
    log_finding(s, &v->over);
    if (v->valid + v->rejected + v->held + v->again + v->pending + v->refused + v->voided +
            v->forks + v->joined ==
        0)
        return;
    counts_say(v, s->call->world, &s->call->words);
    if (v->forks > 0)
        world_say(s->call->world, &s->call->words,
                  "two different records claim one place in a machine's log: it was copied, put "
                  "back, or its key is in other hands; `conflict list` shows them");
    char text[512];
    if (v->why.code != 0)
        world_say(s->call->world, &s->call->words, "refused a record: %s",
                  err_text(&v->why, s->call->world->tr, text, sizeof text));
    if (v->why_void.code != 0)
        world_say(s->call->world, &s->call->words, "took a record that counts for nothing: %s",
                  err_text(&v->why_void, s->call->world->tr, text, sizeof text));
    *v = (struct hub_events){0};
    say_now(s);
}

/* Whatever it met it at: 0 to go on, told. */
static int outlive(struct server *s, int rc, struct err *e) {
    rc = outlive_failure(&s->outlive, s->call, "thidua-hub", rc, e);
    if (s->call->words.len > 0)
        say_now(s);
    return rc;
}

/* Exchange with the hub above; a break is told, and tried again. */
static int talk_above(struct server *s, struct err *e) {
    char text[512];
    if (s->actor.is_root)
        return 0;
    call_in_hand(&s->above, verify_pool_earliest(s->pool));
    int rc = call_pump(&s->above, 0, -1, e);
    if (s->above.state == CALL_TALKING)
        hub_heard_above(&s->hub, &s->above.uplink);
    if (s->above.broke) {
        buf_printf(&s->call->words, "%s\n",
                   err_text(&s->above.why, s->call->world->tr, text, sizeof text));
        say_now(s);
        s->above.broke = false;
    }
    return rc;
}

/* Bring rankings on: a little where there is nothing else to do, more at once where they waited. */
static int catch_up(struct server *s, bool idle, struct err *e) {
    struct catch_up *c = &s->hub.catch_up;
    if (!catch_up_due(c, idle, world_moment(s->call->world).boot_ms))
        return 0;
    return outlive(s, catch_up_step(c, &s->actor, idle ? 1 : CATCH_UP_SPANS, e), e);
}

/* The room that the disk has left may have come to its reserve, or back from it. */
static void look_at_disk(struct server *s) {
    bool low = host_disk_low(s->call->data, s->hub.disk_low);
    if (low == s->hub.disk_low)
        return;
    s->hub.disk_low = low;
    if (low)
        world_say(s->call->world, &s->call->words,
                  "the disk is nearly full: nothing more is taken from below until there is room; "
                  "what is held is safe, and this hub can still state acts of its own");
    else
        world_say(s->call->world, &s->call->words,
                  "there is room on the disk again: records from below are taken");
    say_now(s);
}

/* Give back the room that a rush took, when nothing comes. */
static void rest(struct server *s, bool idle) {
    int64_t now_ms = world_moment(s->call->world).boot_ms;
    if (!idle)
        s->rested = false;
    if (s->rested || !idle || verify_pool_busy(s->pool) || now_ms - s->rested_ms < REST_MS)
        return;
    verify_pool_rest(s->pool);
    hub_rest(&s->hub);
    mem_trim();
    s->rested = true;
    s->rested_ms = now_ms;
}

static int loop(struct server *s, struct err *e) {
    int64_t ticked_ms = 0;
    bool idle = true;
    for (;;) {
        int rc = take_frames(s, e);
        if (rc != 0)
            return rc > 0 ? 0 : rc;
        rc = outlive(s, step(s, &idle, e), e);
        if (rc == 0)
            send_post(s); /* nobody has to wait for what is done beside it */
        struct moment now = world_moment(s->call->world);
        if (rc == 0 && now.boot_ms - ticked_ms >= TICK_MS) {
            ticked_ms = now.boot_ms;
            look_at_disk(s);
            rc = outlive(s, hub_tick(&s->hub, now, e), e);
        }
        if (rc == 0)
            rc = catch_up(s, idle, e);
        if (rc == 0)
            rc = outlive(s, talk_above(s, e), e);
        if (rc != 0)
            return rc;
        send_post(s);
        log_doubt(s);
        log_spent(s);
        log_events(s);
        rest(s, idle);
    }
}

/* One thread for each core: the writer sleeps while the disk writes. */
static int start_threads(struct server *s, struct err *e) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return verify_pool_new(cores > 0 ? (uint32_t)cores : 1, &s->pool, e);
}

static void say_unconfined(struct server *s) {
    world_say(s->call->world, &s->call->words,
              "this program cannot confine itself to its data directory, and runs as it is: the "
              "kernel of this machine, or what started the program, does not let it");
}

static int serve_locked(struct server *s, struct err *e) {
    char address[ENDPOINT_TEXT] = "";
    int rc = host_stop_fd(&s->stop_fd, e);
    if (!host_serve())
        world_say(s->call->world, &s->call->words,
                  "this machine locks no memory: keys may be written to its swap space");
    if (rc == 0)
        rc = actor_open(s->call->data, ROLE_HUB, s->call->world->passphrase, NULL, &s->actor, e);
    if (rc != 0)
        return rc;
    call_init(&s->above, &s->actor, s->call->world, PROGRAM, arrivals_earliest);
    hub_init(&s->hub, &s->actor, s->call->world, PROGRAM, world_moment(s->call->world));
    rc = find_address(s, address, e);
    if (rc == 0)
        rc = link_load(e); /* while its files may be read */
    bool confined = confine_files(s->call->data, language_catalogues(), !s->actor.is_root);
    if (rc == 0)
        rc = start_threads(s, e);
    if (rc == 0)
        rc = listen_on(s, address, e);
    if (rc == 0) {
        link_watch(s->link, s->stop_fd);
        if (!confine_calls(s->actor.is_root ? CONFINE_ACCEPTS : CONFINE_CONNECTS) || !confined)
            say_unconfined(s);
        host_run();
        buf_printf(&s->call->words, "ready %s\n", link_endpoint(s->link));
        say_now(s);
        rc = loop(s, e);
    }
    link_free(s->link);
    verify_pool_free(s->pool);
    call_done(&s->above);
    hub_done(&s->hub);
    actor_close(&s->actor);
    return rc;
}

static int run_serve(struct verb_call *call, struct err *e) {
    struct server s = {.call = call, .lock_fd = -1, .stop_fd = -1};
    host_stay();
    int rc = lock_take(call->data, &s.lock_fd, e);
    keyfile_tell_open(call);
    say_now(&s);
    if (rc == 0)
        rc = serve_locked(&s, e);
    lock_give(s.lock_fd);
    return rc;
}

static const struct verb_option serve_options[] = {
    {.name = "listen",
     .value = "tcp://HOST:PORT",
     .help = N_("where to listen, instead of init's")},
    {.name = NULL},
};

static const struct verb verb_serve = {
    .name = "serve",
    .options = serve_options,
    .help = N_("run the hub until it is told to stop"),
    .run = run_serve,
};

/* Named already, so that whoever asks is told: not built yet. */
static const struct verb verb_review = {.name = "review", .help = ""};
static const struct verb verb_bundle_import = {.name = "bundle import", .help = ""};
static const struct verb verb_restore = {.name = "restore", .help = ""};
static const struct verb verb_web = {.name = "web", .help = ""};

static const struct verb *const verbs[] = {
    &hub_verb_init,
    &verb_serve,
    &hub_verb_unit_import,
    &hub_verb_unit_apply,
    &hub_verb_unit_list,
    &hub_verb_campaign_issue,
    &hub_verb_campaign_list,
    &hub_verb_campaign_show,
    &hub_verb_campaign_assign,
    &hub_verb_campaign_withdraw,
    &hub_verb_enrol,
    &hub_verb_board,
    &hub_verb_rank,
    &hub_verb_report_list,
    &hub_verb_report_show,
    &hub_verb_extend,
    &hub_verb_revoke,
    &hub_verb_renew,
    &hub_verb_clock_list,
    &hub_verb_clock_mend,
    &hub_verb_rotate,
    &hub_verb_bundle_export,
    &hub_verb_check,
    &hub_verb_backup,
    &hub_verb_conflict_list,
    &hub_verb_waiting_list,
    &verb_review,
    &verb_bundle_import,
    &verb_restore,
    &verb_web,
    NULL,
};

static const struct verb_program program = {
    .name = "thidua-hub",
    .version = THIDUA_VERSION,
    .about = N_("the hub: receives, receipts, judges deadlines, consolidates and ranks"),
    .verbs = verbs,
    .before = keyfile_tell_unsealed,
};

int main(int argc, char **argv) {
    struct world world;
    struct verb_call call;
    struct err e = {0};
    host_start();
    language_choose(argc, argv, language_catalogues());
    host_world(&world);
    host_faults(program.name, &world);
    verb_call_init(&call, &world, NULL);
    if (crypto_start(&e) == 0 && host_passphrase(argc, argv, "init", &world, &e) == 0)
        (void)verb_run(&program, argc, argv, &call, &e);
    int status = host_end(program.name, buf_slice(&call.out), buf_slice(&call.words), &e, &world);
    verb_call_done(&call);
    return status;
}
