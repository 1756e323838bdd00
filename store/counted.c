#include "store/counted.h"

#define LEVELS 3
#define LEVEL_BITS 6

/* On how many levels above the lowest `key` stands: FNV-1a, then the finalizer of SplitMix64. */
static int height_of(struct slice key) {
    uint64_t h = 0xcbf29ce484222325u;
    int height = 0;
    for (size_t i = 0; i < key.len; i++)
        h = (h ^ key.data[i]) * 0x100000001b3u;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    h ^= h >> 31;
    for (; height < LEVELS && (h & ((1u << LEVEL_BITS) - 1)) == 0; height++)
        h >>= LEVEL_BITS;
    return height;
}

static int compare(struct slice a, struct slice b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n > 0 ? memcmp(a.data, b.data, n) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static struct key row_key(const struct counted *c, int level, struct slice key) {
    struct key k = c->set;
    key_put(&k, &(uint8_t){(uint8_t)level}, 1);
    key_put(&k, key.data, key.len);
    return k;
}

static uint64_t count_in(struct slice value) {
    struct reader r = reader_of(value);
    return reader_u32(&r);
}

static void put_count(const struct counted *c, const struct key *row, uint64_t n) {
    struct key v = {.n = 0};
    key_u32(&v, (uint32_t)n);
    if (n == 0)
        txn_delete(c->t, c->table, key_slice(row));
    else
        txn_put(c->t, c->table, key_slice(row), key_slice(&v));
}

/* The row of `level` in whose stretch `key` stands, and its count. */
static struct key stretch_of(const struct counted *c, int level, struct slice key,
                             uint64_t *ret_count) {
    struct key head = row_key(c, level, slice_of(NULL, 0)), want = row_key(c, level, key);
    struct slice k, v;
    *ret_count = 0;
    if (!txn_get_before(c->t, c->table, key_slice(&head), key_slice(&want), &k, &v))
        return head;
    struct key found = {.n = 0};
    key_put(&found, k.data, k.len);
    *ret_count = count_in(v);
    return found;
}

/* How many keys stand on level 0 from row `from` of the level above `level` up to `key`. */
static uint64_t count_between(const struct counted *c, int level, const struct key *from,
                              struct slice key) {
    struct key prefix = row_key(c, level, slice_of(NULL, 0)), end = row_key(c, level, key);
    struct key start = prefix;
    struct walk w;
    struct slice k, v;
    uint64_t n = 0;
    key_put(&start, from->b + prefix.n, from->n - prefix.n);
    walk_init_from(&w, c->t, c->table, key_slice(&prefix), key_slice(&start));
    while (walk_next(&w, &k, &v) && compare(k, key_slice(&end)) < 0)
        n += level == 0 ? 1 : count_in(v);
    walk_done(&w);
    return n;
}

void counted_add(const struct counted *c, struct slice key, struct slice value) {
    int height = height_of(key);
    struct key row = row_key(c, 0, key);
    txn_put(c->t, c->table, key_slice(&row), value);
    for (int level = 1; level <= LEVELS; level++) {
        uint64_t count;
        struct key from = stretch_of(c, level, key, &count);
        if (level > height) {
            put_count(c, &from, count + 1);
            continue;
        }
        uint64_t left = count_between(c, level - 1, &from, key);
        row = row_key(c, level, key);
        put_count(c, &from, left);
        put_count(c, &row, count + 1 - left);
    }
}

void counted_remove(const struct counted *c, struct slice key) {
    int height = height_of(key);
    struct key row = row_key(c, 0, key);
    txn_delete(c->t, c->table, key_slice(&row));
    for (int level = 1; level <= LEVELS; level++) {
        uint64_t count, own = 0;
        if (level <= height) {
            row = stretch_of(c, level, key, &own);
            put_count(c, &row, 0);
        }
        struct key from = stretch_of(c, level, key, &count);
        put_count(c, &from, count + own - 1);
    }
}

uint64_t counted_total(const struct counted *c) {
    struct key prefix = row_key(c, LEVELS, slice_of(NULL, 0));
    struct walk w;
    struct slice v;
    uint64_t n = 0;
    walk_init(&w, c->t, c->table, key_slice(&prefix));
    while (walk_next(&w, NULL, &v))
        n += count_in(v);
    walk_done(&w);
    return n;
}

/* Going down from the head, level by level, each from where the one above stopped. */
struct descent {
    const struct counted *c;
    struct key at;   /* the key reached, without set and level; empty: the head */
    uint64_t before; /* how many keys stand before it */
};

/* Go on along `level` while `goes_on(arg, next key, how many go before it)` holds. */
static void go_along(struct descent *d, int level,
                     bool (*goes_on)(const void *arg, struct slice next, uint64_t before),
                     const void *arg) {
    struct key prefix = row_key(d->c, level, slice_of(NULL, 0));
    struct key start = row_key(d->c, level, key_slice(&d->at));
    uint64_t before = d->before;
    struct walk w;
    struct slice k, v;
    walk_init_from(&w, d->c->t, d->c->table, key_slice(&prefix), key_slice(&start));
    while (walk_next(&w, &k, &v)) {
        struct slice next = slice_of(k.data + prefix.n, k.len - prefix.n);
        if (next.len > 0 && !goes_on(arg, next, before))
            break;
        d->at.n = 0;
        key_put(&d->at, next.data, next.len);
        d->before = before;
        before += count_in(v);
    }
    walk_done(&w);
}

static bool not_after(const void *arg, struct slice next, uint64_t before) {
    (void)before;
    return compare(next, *(const struct slice *)arg) <= 0;
}

static bool up_to_place(const void *arg, struct slice next, uint64_t before) {
    (void)next;
    return before <= *(const uint64_t *)arg;
}

static struct descent descend(const struct counted *c,
                              bool (*goes_on)(const void *arg, struct slice next, uint64_t before),
                              const void *arg) {
    struct descent d = {.c = c};
    for (int level = LEVELS; level > 0; level--)
        go_along(&d, level, goes_on, arg);
    return d;
}

uint64_t counted_before(const struct counted *c, struct slice key) {
    struct descent d = descend(c, not_after, &key);
    struct key from = row_key(c, 1, key_slice(&d.at));
    return d.before + count_between(c, 0, &from, key);
}

uint64_t counted_through(const struct counted *c, struct slice part) {
    struct key k = {.n = 0};
    key_put(&k, part.data, part.len);
    while (k.n > 0 && k.b[k.n - 1] == 0xff)
        k.n--;
    if (k.n == 0)
        return counted_total(c);
    k.b[k.n - 1]++;
    return counted_before(c, key_slice(&k));
}

void counted_walk_init(struct counted_walk *w, const struct counted *c, uint64_t at) {
    struct descent d = descend(c, up_to_place, &at);
    w->prefix = row_key(c, 0, slice_of(NULL, 0));
    w->from = row_key(c, 0, key_slice(&d.at));
    walk_init_from(&w->walk, c->t, c->table, key_slice(&w->prefix), key_slice(&w->from));
    for (uint64_t i = d.before; i < at; i++)
        if (!walk_next(&w->walk, NULL, NULL))
            break;
}

bool counted_walk_next(struct counted_walk *w, struct slice *ret_key, struct slice *ret_value) {
    struct slice k;
    if (!walk_next(&w->walk, &k, ret_value))
        return false;
    *ret_key = slice_of(k.data + w->prefix.n, k.len - w->prefix.n);
    return true;
}

void counted_walk_done(struct counted_walk *w) {
    walk_done(&w->walk);
}

static uint64_t rows_on(const struct counted *c, int level) {
    struct key prefix = row_key(c, level, slice_of(NULL, 0));
    struct walk w;
    uint64_t n = 0;
    walk_init(&w, c->t, c->table, key_slice(&prefix));
    while (walk_next(&w, NULL, NULL))
        n++;
    walk_done(&w);
    return n;
}

/* Whether `level` is what the one below it makes. */
static bool level_holds(const struct counted *c, int level) {
    struct key prefix = row_key(c, level - 1, slice_of(NULL, 0));
    struct key at = row_key(c, level, slice_of(NULL, 0));
    struct walk w;
    uint64_t n = 0, rows = 0;
    bool holds = true;
    walk_init(&w, c->t, c->table, key_slice(&prefix));
    while (holds) {
        struct slice k, v, held;
        bool more = walk_next(&w, &k, &v);
        struct slice key = more ? slice_of(k.data + prefix.n, k.len - prefix.n) : slice_of(NULL, 0);
        if (!more || (key.len > 0 && height_of(key) >= level)) {
            holds = txn_get(c->t, c->table, key_slice(&at), &held) ? count_in(held) == n : n == 0;
            rows += n > 0;
            n = 0;
            at = row_key(c, level, key);
        }
        if (!more)
            break;
        n += level == 1 ? 1 : count_in(v);
    }
    walk_done(&w);
    return holds && rows == rows_on(c, level);
}

bool counted_holds(const struct counted *c) {
    for (int level = 1; level <= LEVELS; level++)
        if (!level_holds(c, level))
            return false;
    return true;
}
