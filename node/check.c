#include "node/check.h"

#include "core/mem.h"
#include "node/check_walks.h"
#include "proto/json_node.h"
#include "store/guard.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>

void check_findings_done(struct findings *f) {
    for (uint32_t i = 0; i < f->n; i++)
        mem_free(f->list[i].what);
    mem_free(f->list);
    *f = (struct findings){0};
}

/* Keep `what`, which is the list's from now on. */
static void keep(struct findings *f, const struct hash *record, char *what) {
    f->total++;
    if (!f->list)
        f->list = mem_zalloc(CHECK_KEPT, sizeof *f->list);
    if (!f->list || !what)
        f->failed = true;
    if (!f->list || !what || f->n == CHECK_KEPT) {
        mem_free(what);
        return;
    }
    struct finding *one = &f->list[f->n++];
    one->what = what;
    if (record)
        one->record = *record;
}

void check_findings_add(struct findings *f, const struct hash *record, const char *msgid, ...) {
    struct err line = {0};
    char text[ERR_ARGS * ERR_ARG_BYTES + 1024];
    va_list ap;
    if (f->t && txn_failed(f->t, NULL) != 0)
        return;
    va_start(ap, msgid);
    err_vset(&line, ERR_REFUSED, msgid, ap);
    va_end(ap);
    keep(f, record, mem_strdup(err_text(&line, f->world->tr, text, sizeof text)));
}

/* What a program adds may need units and campaigns; damaged ones were told already. */
static int walk_on(struct actor *actor, struct txn *t, check_walk *more, struct findings *f,
                   struct err *e) {
    struct err why = {0};
    int rc = catalog_refresh(&actor->catalog, t, &why);
    if (rc == ERR_CORRUPT || rc == ERR_ABSENT) {
        check_findings_add(f, NULL,
                           "units and campaigns cannot be read, so some walks were left out");
        return 0;
    }
    if (rc != 0)
        return err_set(e, rc, "units and campaigns cannot be read");
    return more(actor, t, f, e);
}

/* The walks ended where damage was met that decides what there is to look at. */
static int tell_end(struct findings *f) {
    check_findings_add(f, NULL, "what is damaged ended the walk early: more may be");
    return f->failed ? ERR_NOMEM : 0;
}

int check_here(struct actor *actor, struct txn *t, check_walk *more, struct findings *f,
               struct err *e) {
    unsigned long refused = mem_refused();
    f->t = t;
    int rc = check_tables(t, f, e);
    if (rc == 0)
        rc = check_records(actor, t, f, e);
    if (rc == 0)
        rc = check_indexes(actor, t, f, e);
    if (rc == 0)
        rc = check_streams(actor, t, f, e);
    if (rc == 0)
        rc = check_views(actor, t, f, e);
    if (rc == 0 && more)
        rc = walk_on(actor, t, more, f, e);
    f->t = NULL;
    if (mem_refused() != refused) /* what could not be read for lack of it looks like damage */
        return rc == 0 ? err_nomem(e) : rc;
    if (rc == 0)
        rc = txn_failed(t, e);
    return rc == ERR_CORRUPT && f->total > 0 ? tell_end(f) : rc;
}

/* What the child is told, and how it answers: counts, then each finding with its length. */
struct job {
    const char *dir;
    enum role role;
    const struct world *world;
    check_walk *more;
};

static void pack(const struct findings *f, struct buf *out) {
    buf_put_u64(out, f->records);
    buf_put_u64(out, f->rows);
    buf_put_u64(out, f->total);
    buf_put_u32(out, f->n);
    for (uint32_t i = 0; i < f->n; i++) {
        buf_put(out, f->list[i].record.b, HASH_BYTES);
        buf_put_u32(out, (uint32_t)strlen(f->list[i].what));
        buf_put_str(out, f->list[i].what);
    }
}

static void unpack(struct slice in, struct findings *f) {
    struct reader r = reader_of(in);
    f->records = reader_u64(&r);
    f->rows = reader_u64(&r);
    uint64_t total = reader_u64(&r);
    uint32_t n = reader_u32(&r);
    for (uint32_t i = 0; i < n && !r.failed; i++) {
        struct hash record;
        reader_copy(&r, record.b, HASH_BYTES);
        struct slice text = reader_bytes(&r, reader_u32(&r));
        keep(f, &record, mem_strndup((const char *)text.data, text.len));
    }
    f->total = total;
}

static int work(void *arg, struct buf *out, struct err *e) {
    const struct job *job = arg;
    struct actor actor;
    struct txn *t;
    struct findings f = {.world = job->world};
    int rc = actor_open(job->dir, job->role, job->world->passphrase, NULL, &actor, e);
    if (rc != 0)
        return rc;
    rc = txn_begin(actor.db, false, &t, e);
    if (rc == 0 && actor.foreign)
        check_findings_add(&f, NULL,
                           "the key file is older or newer than the store, or of another machine");
    if (rc == 0) {
        rc = check_here(&actor, t, job->more, &f, e);
        txn_abort(t);
    }
    actor_close(&actor);
    if (rc == 0)
        pack(&f, out);
    check_findings_done(&f);
    return rc;
}

/* Whether reading a page may end a process by `signal`; others come from outside. */
static bool is_of_pages(int signal) {
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGABRT || signal == SIGFPE ||
           signal == SIGILL;
}

int check_store(const char *dir, enum role role, const struct world *w, check_walk *more,
                struct findings *ret_findings, struct err *e) {
    struct job job = {dir, role, w, more};
    struct findings f = {.world = w};
    struct buf said;
    int killed = 0;
    buf_init(&said);
    int rc = guard_run(work, &job, &said, &killed, e);
    if (rc == 0 && killed != 0 && !is_of_pages(killed))
        rc = err_set(e, ERR_IO, "the walk was ended by signal %d from outside: run it again",
                     killed);
    else if (rc == 0 && killed != 0)
        check_findings_add(
            &f, NULL,
            "the walk was ended by signal %d: pages of the store are damaged; restore "
            "it from a backup or from its neighbours",
            killed);
    else if (rc == 0)
        unpack(buf_slice(&said), &f);
    buf_done(&said);
    if (rc == 0 && f.failed)
        rc = err_nomem(e);
    if (rc == 0)
        *ret_findings = f;
    else
        check_findings_done(&f);
    return rc;
}

static int print_json(const struct findings *f, struct buf *out, struct err *e) {
    struct problem_view *list = mem_zalloc(f->n, sizeof *list);
    if (!list)
        return err_nomem(e);
    for (uint32_t i = 0; i < f->n; i++)
        list[i] = (struct problem_view){f->list[i].record, f->list[i].what};
    struct check_view v = {f->records, f->rows, f->total, f->n, list};
    int rc = json_check(&v, out, e);
    buf_put_u8(out, '\n');
    mem_free(list);
    return rc;
}

int check_print(const struct findings *f, bool json, struct buf *out, struct err *e) {
    if (json)
        return print_json(f, out, e);
    for (uint32_t i = 0; i < f->n; i++) {
        char id[HASH_TEXT];
        hash_text(&f->list[i].record, id);
        bool of_one = !hash_is_zero(&f->list[i].record);
        buf_printf(out, "%s%s%s\n", of_one ? id : "", of_one ? ": " : "", f->list[i].what);
    }
    world_say(f->world, out, "%llu records and %llu rows looked at, %llu findings",
              (unsigned long long)f->records, (unsigned long long)f->rows,
              (unsigned long long)f->total);
    return out->failed ? err_nomem(e) : 0;
}
