#include "node/names.h"

#include "core/list.h"
#include "core/mem.h"
#include "core/search.h"
#include "store/log.h"

#include <stdlib.h>

struct name_entry {
    struct uid lane, subject;
    uint32_t author; /* among the authors; once all are read, in the order of their enrolments */
    uint32_t epoch;
    uint64_t seq;
    struct hash record;
};

void names_done(struct names *n) {
    mem_free(n->list);
    mem_free(n->authors);
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

/* Which of two was stated later, in the order of revisions. */
static int compare_order(const struct name_entry *a, const struct name_entry *b) {
    int order = compare_u64(a->author, b->author);
    if (order == 0)
        order = compare_u64(a->epoch, b->epoch);
    if (order == 0)
        order = compare_u64(a->seq, b->seq);
    return order != 0 ? order : hash_cmp(&a->record, &b->record);
}

/* By lane and subject, then the last of the order of revisions first. */
static int in_order(const void *a, const void *b) {
    int order = by_subject(a, b);
    return order != 0 ? order : compare_order(b, a);
}

/* The entry that `r` makes; `ret_said`: whether it says anything. */
static int read_name(const struct record *r, struct name_entry *ret_entry, bool *ret_said,
                     struct err *e) {
    struct payload_name p;
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = r->erased ? ERR_REFUSED : payload_name_decode(r->payload, &a, &p, NULL);
    *ret_said = rc == 0;
    if (rc == 0)
        *ret_entry = (struct name_entry){
            .lane = r->h.lane,
            .subject = p.subject,
            .epoch = r->h.epoch,
            .seq = r->h.seq,
            .record = r->id,
        };
    arena_done(&a);
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

/* Who stated names, and where they were enrolled. */
struct name_author {
    struct hash actor;
    struct enrolment_place enrolment;
    uint32_t number; /* as found */
};
struct name_authors {
    uint32_t n, last; /* `last`: found last, since names come in runs */
    struct name_author *list;
};

/* The number of `actor` among `all`, added if it is new. */
static int author_of(struct name_authors *all, struct txn *t, const struct hash *actor,
                     uint32_t *ret_number, struct err *e) {
    if (all->last < all->n && hash_equal(&all->list[all->last].actor, actor))
        return *ret_number = all->last, 0;
    for (all->last = 0; all->last < all->n; all->last++)
        if (hash_equal(&all->list[all->last].actor, actor))
            return *ret_number = all->last, 0;
    if (list_grow(&all->list, all->n, sizeof *all->list, e) != 0)
        return ERR_NOMEM;
    struct name_author *x = &all->list[all->n];
    *x = (struct name_author){.actor = *actor, .number = all->n};
    *ret_number = all->n++;
    return roster_enrolment(t, actor, &x->enrolment, e);
}

static int by_enrolment(const void *pa, const void *pb) {
    const struct name_author *a = pa, *b = pb;
    int order = roster_enrolment_cmp(&a->enrolment, &b->enrolment);
    return order != 0 ? order : hash_cmp(&a->actor, &b->actor);
}

/* Let every entry say where its author stands instead of which it is: twice its place in order,
 * so that there is room between for who named nobody. */
static int order_authors(struct name_authors *all, struct names *names, struct err *e) {
    uint32_t *place = mem_alloc((all->n ? all->n : 1) * sizeof *place);
    if (!place)
        return err_nomem(e);
    if (all->n > 1)
        qsort(all->list, all->n, sizeof *all->list, by_enrolment);
    for (uint32_t i = 0; i < all->n; i++)
        place[all->list[i].number] = 2 * i + 1;
    for (uint32_t i = 0; i < names->n; i++)
        names->list[i].author = place[names->list[i].author];
    mem_free(place);
    return 0;
}

/* Names as they are found. */
struct naming {
    struct txn *t;
    struct name_authors authors;
    struct buf list;
};

static int read_one(struct naming *n, const struct hash *id, struct err *e) {
    struct record r;
    struct name_entry entry;
    bool said = false;
    int rc = log_get(n->t, id, &r, e);
    if (rc == 0 && roster_stands(n->t, &r.h))
        rc = read_name(&r, &entry, &said, e);
    if (rc != 0 || !said)
        return rc;
    rc = author_of(&n->authors, n->t, &r.h.actor, &entry.author, e);
    buf_put(&n->list, &entry, sizeof entry);
    return rc == 0 && n->list.failed ? err_nomem(e) : rc;
}

/* What was found, in order, unless `rc` says that finding failed. */
static int finish(struct naming *n, int rc, struct names *ret_names, struct err *e) {
    struct names names = {.n = (uint32_t)(n->list.len / sizeof *names.list),
                          .list = buf_items(&n->list)};
    if (rc == 0)
        rc = order_authors(&n->authors, &names, e);
    if (rc != 0) {
        mem_free(n->authors.list);
        buf_done(&n->list);
        return rc;
    }
    names.n_authors = n->authors.n;
    names.authors = n->authors.list;
    if (names.n > 1)
        qsort(names.list, names.n, sizeof *names.list, in_order);
    *ret_names = names;
    return 0;
}

int names_load(struct txn *t, struct names *ret_names, struct err *e) {
    struct naming n = {.t = t};
    struct log_walk w;
    struct hash id;
    int rc = 0;
    buf_init(&n.list);
    log_walk_init(&w, t, KIND_SUBJECT_NAME, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id))
        rc = read_one(&n, &id, e);
    log_walk_done(&w);
    return finish(&n, rc, ret_names, e);
}

int names_load_of(struct txn *t, struct slice ids, struct names *ret_names, struct err *e) {
    struct naming n = {.t = t};
    struct reader r = reader_of(ids);
    int rc = 0;
    buf_init(&n.list);
    while (rc == 0 && r.left > 0) {
        struct hash id;
        reader_copy(&r, id.b, HASH_BYTES);
        rc = read_one(&n, &id, e);
    }
    return finish(&n, rc, ret_names, e);
}

/* Where the author with the place `e` and the id `actor` stands, as entries say it. */
static uint32_t author_place(const struct names *n, const struct enrolment_place *at,
                             const struct hash *actor) {
    const struct name_author key = {.actor = *actor, .enrolment = *at};
    uint32_t i = search_first(&key, n->authors, n->n_authors, sizeof *n->authors, by_enrolment);
    bool named = i < n->n_authors && by_enrolment(&n->authors[i], &key) == 0;
    return 2 * i + named;
}

/* Of the names of one subject, `n->list[first]` and on, the one that held when `report` was stated:
 * the last before it, else the first after it. */
static int find_at(const struct names *n, struct txn *t, uint32_t first, const struct hash *report,
                   uint32_t *ret_at, struct err *e) {
    struct record r;
    struct enrolment_place enrolment;
    uint32_t at = first;
    int rc = log_get(t, report, &r, e);
    if (rc == 0)
        rc = roster_enrolment(t, &r.h.actor, &enrolment, e);
    if (rc != 0)
        return rc;
    const struct name_entry stated = {.author = author_place(n, &enrolment, &r.h.actor),
                                      .epoch = r.h.epoch,
                                      .seq = r.h.seq,
                                      .record = *report};
    while (compare_order(&n->list[at], &stated) > 0 && at + 1 < n->n &&
           by_subject(&n->list[at + 1], &n->list[first]) == 0)
        at++;
    *ret_at = at;
    return 0;
}

static int read_text(struct txn *t, const struct hash *id, char **ret_name, struct err *e) {
    struct record r;
    struct payload_name p;
    struct arena a;
    int rc = log_get(t, id, &r, e);
    if (rc != 0)
        return rc;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    rc = payload_name_decode(r.payload, &a, &p, e);
    char *name = rc == 0 ? mem_strdup(p.name) : NULL;
    arena_done(&a);
    if (rc == 0 && !name)
        return err_nomem(e);
    if (rc == 0)
        *ret_name = name;
    return rc;
}

int names_find(const struct names *n, struct txn *t, const struct uid *lane,
               const struct uid *subject, const struct hash *report, char **ret_name,
               struct err *e) {
    const struct name_entry key = {.lane = *lane, .subject = *subject};
    uint32_t at = search_first(&key, n->list, n->n, sizeof *n->list, by_subject);
    if (at == n->n || by_subject(&n->list[at], &key) != 0) {
        *ret_name = NULL;
        return 0;
    }
    bool several = at + 1 < n->n && by_subject(&n->list[at + 1], &key) == 0;
    int rc = several && report ? find_at(n, t, at, report, &at, e) : 0;
    return rc == 0 ? read_text(t, &n->list[at].record, ret_name, e) : rc;
}
