/*
 * New names and codes for units that stay who they are: stated as facts, as a reorganisation would
 * state them, and taken out of what verbs print, so that before and after can be compared.
 */
#ifndef TESTS_UNIT_RELABEL_WORLD_H
#define TESTS_UNIT_RELABEL_WORLD_H

#include "tests/unit/hub_world.h"

#define RELABEL_UNITS 16
#define RELABEL_PIECES 1024

/* What the units are called, in the order of their first statement. */
struct labels {
    unsigned n;
    struct uid id[RELABEL_UNITS];
    char code[RELABEL_UNITS][40], name[RELABEL_UNITS][64];
};

static inline void labels_read(struct labels *l) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    *l = (struct labels){.n = (unsigned)units_count(a.catalog.units)};
    assert_in_range(l->n, 1, RELABEL_UNITS);
    for (unsigned i = 0; i < l->n; i++) {
        l->id[i] = *units_id(a.catalog.units, i);
        const struct unit_fact *f = units_at(a.catalog.units, &l->id[i], INT32_MAX);
        (void)snprintf(l->code[i], sizeof l->code[i], "%s", f->code);
        (void)snprintf(l->name[i], sizeof l->name[i], "%s", f->name);
    }
    actor_abort(&a, t);
    actor_close(&a);
}

static inline void labels_swap(char *a, char *b, size_t n) {
    char c[64];
    memcpy(c, a, n);
    memmove(a, b, n);
    memcpy(b, c, n);
}

/* Each code goes to another unit, or is new; likewise each name. */
static inline void labels_shuffle(struct hub_world *w, const struct labels *from, bool fresh,
                                  struct labels *ret_to) {
    *ret_to = *from;
    for (unsigned i = from->n; !fresh && i > 1; i--) {
        labels_swap(ret_to->code[i - 1], ret_to->code[hub_world_next(w) % i], 40);
        labels_swap(ret_to->name[i - 1], ret_to->name[hub_world_next(w) % i], 64);
    }
    for (unsigned i = 0; i < from->n; i++) {
        unsigned n = (unsigned)(hub_world_next(w) % 90000) + 10000;
        if (fresh || n % 3 == 0)
            (void)snprintf(ret_to->code[i], sizeof *ret_to->code, "M%u%u", i, n);
        if (fresh || n % 5 == 0)
            (void)snprintf(ret_to->name[i], sizeof *ret_to->name, "Phường %u.%u", i, n);
    }
}

static inline struct unit_fact labels_fact(const struct actor *a, const struct labels *to,
                                           unsigned i, day effective) {
    struct unit_fact f = *units_at(a->catalog.units, &to->id[i], INT32_MAX);
    f.effective = effective;
    f.code = (char *)(uintptr_t)to->code[i];
    f.name = (char *)(uintptr_t)to->name[i];
    return f;
}

/* The hub states that from `effective` on units are called as in `to`. Two that change codes are
 * out of each other's way for a moment. */
static inline void labels_state(struct hub_world *w, const struct labels *to, day effective) {
    struct unit_fact facts[2 * RELABEL_UNITS];
    struct labels aside = *to;
    struct actor a;
    struct txn *t;
    struct hash id;
    struct buf b;
    buf_init(&b);
    hub_world_open(&a, true, &t);
    for (unsigned i = 0; i < to->n; i++) {
        (void)snprintf(aside.code[i], sizeof *aside.code, "aside-%u", i);
        facts[i] = labels_fact(&a, &aside, i, effective);
        facts[to->n + i] = labels_fact(&a, to, i, effective);
    }
    struct payload_units p = {.n = 2 * to->n, .facts = facts};
    assert_int_equal(payload_units_encode(&p, &b, NULL), 0);
    assert_int_equal(append_own(&a, t, KIND_UNITS, NULL, buf_slice(&b), w->now, &id, NULL), 0);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    buf_done(&b);
}

/* The same by the verb, as a person states a reorganisation: from `date` on. Units that had ended
 * by then keep what they were called in `to`. */
static inline void labels_apply(struct hub_world *w, const struct labels *from, struct labels *to,
                                const char *date) {
    struct actor a;
    struct txn *t;
    struct buf b;
    day on;
    buf_init(&b);
    assert_true(day_parse(date, &on));
    hub_world_open(&a, false, &t);
    buf_put_str(&b, "date,op,from,to\n");
    for (unsigned i = 0; i < from->n; i++) {
        if (!units_exist(a.catalog.units, &to->id[i], on)) {
            memcpy(to->code[i], from->code[i], sizeof *to->code);
            memcpy(to->name[i], from->name[i], sizeof *to->name);
            continue;
        }
        buf_printf(&b, "%s,rename,%s,%s\n", date, from->code[i], to->name[i]);
        buf_printf(&b, "%s,recode,%s,%s\n", date, from->code[i], to->code[i]);
    }
    actor_abort(&a, t);
    actor_close(&a);
    hub_world_file("events.csv", buf_cstr(&b));
    hub_world_do(w, "unit", "apply", "events.csv");
    buf_done(&b);
}

/* The label that is the text of `n` bytes at `text`: `@3` for the code of unit 3, `#3` for its
 * name. */
static inline bool labels_find(const struct labels *l, const char *text, size_t n, char out[16]) {
    for (unsigned i = 0; i < l->n; i++) {
        bool code = strlen(l->code[i]) == n && memcmp(l->code[i], text, n) == 0;
        if (!code && (strlen(l->name[i]) != n || memcmp(l->name[i], text, n) != 0))
            continue;
        (void)snprintf(out, 16, "%c%u", code ? '@' : '#', i);
        return true;
    }
    return false;
}

static inline int labels_order(const void *pa, const void *pb) {
    return strcmp(*(char *const *)pa, *(char *const *)pb);
}

/* `json` into `out` with whose code or name a text is, by `l` or else by `before` (may be NULL),
 * instead of the text; and with the objects in an order that does not depend on labels. */
static inline void labels_take_out(const struct labels *l, const struct labels *before,
                                   const char *json, struct buf *out) {
    char *piece[RELABEL_PIECES] = {NULL}, label[16];
    unsigned n = 0;
    struct buf plain;
    buf_init(&plain);
    for (const char *p = json; *p; p++) {
        buf_put_u8(&plain, *p == '{' || *p == '}' ? '\0' : (uint8_t)*p);
        if (*p != '"')
            continue;
        size_t len = strcspn(p + 1, "\"");
        bool known =
            labels_find(l, p + 1, len, label) || (before && labels_find(before, p + 1, len, label));
        buf_put(&plain, known ? label : p + 1, known ? strlen(label) : len);
        buf_put_u8(&plain, '"');
        p += len + 1;
    }
    buf_put_u8(&plain, '\0');
    assert_false(plain.failed);
    for (char *p = (char *)plain.data; p < (char *)plain.data + plain.len; p += strlen(p) + 1) {
        assert_true(n < RELABEL_PIECES);
        piece[n++] = p;
    }
    for (unsigned i = 0; i < n; i++)
        for (size_t k = strlen(piece[i]); k > 0 && strchr(",]\n", piece[i][k - 1]); k--)
            piece[i][k - 1] = '\0';
    qsort(piece, n, sizeof *piece, labels_order);
    for (unsigned i = 0; i < n; i++)
        buf_printf(out, "%s\n", piece[i]);
    buf_done(&plain);
}

/* The numbers behind each `"rank":` in `json`, in order. */
static inline void labels_ranks(const char *json, struct buf *out) {
    for (const char *p = strstr(json, "\"rank\":"); p; p = strstr(p + 1, "\"rank\":"))
        buf_printf(out, "%.*s ", (int)strcspn(p, ","), p);
}

#endif
