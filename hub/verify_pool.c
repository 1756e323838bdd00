#include "hub/verify_pool.h"

#include "core/mem.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#define KEYS 2048u /* a power of two */

/* The key last learnt of an actor; its place is its actor's first bytes. Epoch 0: none. */
struct known_key {
    struct hash actor;
    uint32_t epoch;
    struct public_key key;
};

/*
 * One intake's way round. Positions count up for ever; an intake is that of its position modulo
 * VERIFY_POOL_INTAKES. Invariant: oldest ≤ filling < oldest + VERIFY_POOL_INTAKES, or all are on
 * their way and filling = oldest + VERIFY_POOL_INTAKES.
 */
struct batch {
    struct intake intake;
    uint32_t next;    /* the frame that a thread takes up next */
    uint32_t pending; /* frames that no thread is done with */
};

struct verify_pool {
    struct batch batches[VERIFY_POOL_INTAKES];
    uint64_t oldest, filling; /* only the owner writes them; `filling` under the lock */
    uint64_t working;         /* the first batch that has frames for a thread to take up */
    bool stop;
    struct known_key *keys; /* the owner writes under the lock, and may read without it */
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    uint32_t n_threads;
    pthread_t threads[VERIFY_POOL_THREADS_MAX];
};

static struct batch *batch_at(struct verify_pool *p, uint64_t position) {
    return &p->batches[position % VERIFY_POOL_INTAKES];
}

static struct known_key *place(const struct verify_pool *p, const struct hash *actor) {
    return &p->keys[(actor->b[0] | (uint32_t)actor->b[1] << 8) & (KEYS - 1)];
}

static bool find_key(void *arg, const struct hash *actor, uint32_t epoch,
                     struct public_key *ret_key) {
    struct verify_pool *p = arg;
    (void)pthread_mutex_lock(&p->lock);
    const struct known_key *k = place(p, actor);
    bool found = k->epoch == epoch && hash_equal(&k->actor, actor);
    if (found)
        *ret_key = k->key;
    (void)pthread_mutex_unlock(&p->lock);
    return found;
}

/* With the lock held: a frame that nobody has taken up. */
static bool take_up(struct verify_pool *p, struct batch **ret_batch, uint32_t *ret_frame) {
    for (; p->working < p->filling; p->working++) {
        struct batch *b = batch_at(p, p->working);
        if (b->pending > 0 && b->next < b->intake.n) { /* nothing pending: it is the owner's */
            *ret_batch = b;
            *ret_frame = b->next++;
            return true;
        }
    }
    return false;
}

static void *run_thread(void *arg) {
    struct verify_pool *p = arg;
    struct batch *b;
    uint32_t frame;
    (void)pthread_mutex_lock(&p->lock);
    while (!p->stop) {
        if (!take_up(p, &b, &frame)) {
            (void)pthread_cond_wait(&p->work, &p->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&p->lock);
        intake_check(&b->intake, frame, find_key, p);
        (void)pthread_mutex_lock(&p->lock);
        if (--b->pending == 0)
            (void)pthread_cond_signal(&p->done);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

int verify_pool_new(uint32_t n_threads, struct verify_pool **ret_pool, struct err *e) {
    struct verify_pool *p = mem_zalloc(1, sizeof *p);
    if (!p)
        return err_nomem(e);
    p->keys = mem_zalloc(KEYS, sizeof *p->keys);
    if (!p->keys) {
        mem_free(p);
        return err_nomem(e);
    }
    (void)pthread_mutex_init(&p->lock, NULL); /* with default attributes they cannot fail */
    (void)pthread_cond_init(&p->work, NULL);
    (void)pthread_cond_init(&p->done, NULL);
    for (uint32_t i = 0; i < VERIFY_POOL_INTAKES; i++)
        intake_init(&p->batches[i].intake);
    uint32_t want = n_threads < VERIFY_POOL_THREADS_MAX ? n_threads : VERIFY_POOL_THREADS_MAX;
    do
        if (pthread_create(&p->threads[p->n_threads], NULL, run_thread, p) != 0)
            break;
    while (++p->n_threads < want);
    if (p->n_threads == 0) {
        verify_pool_free(p);
        return err_set(e, ERR_IO, "the machine gives no more threads: close other programs");
    }
    *ret_pool = p;
    return 0;
}

void verify_pool_free(struct verify_pool *p) {
    if (!p)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->stop = true;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < p->n_threads; i++)
        (void)pthread_join(p->threads[i], NULL);
    for (uint32_t i = 0; i < VERIFY_POOL_INTAKES; i++)
        intake_done(&p->batches[i].intake);
    (void)pthread_cond_destroy(&p->work);
    (void)pthread_cond_destroy(&p->done);
    (void)pthread_mutex_destroy(&p->lock);
    mem_free(p->keys);
    mem_free(p);
}

struct intake *verify_pool_filling(struct verify_pool *p) {
    bool all = p->filling - p->oldest == VERIFY_POOL_INTAKES;
    return all ? NULL : &batch_at(p, p->filling)->intake;
}

void verify_pool_submit(struct verify_pool *p) {
    struct intake *in = verify_pool_filling(p);
    if (!in || in->n == 0)
        return;
    struct batch *b = batch_at(p, p->filling);
    bool worth = in->bytes.len >= VERIFY_POOL_WORTH_BYTES;
    (void)pthread_mutex_lock(&p->lock);
    b->next = 0;
    b->pending = worth ? in->n : 0;
    p->filling++;
    if (worth)
        (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
}

bool verify_pool_busy(const struct verify_pool *p) {
    return p->oldest < p->filling;
}

instant verify_pool_earliest(struct verify_pool *p) {
    instant first = INSTANT_NONE;
    for (uint64_t i = p->oldest; i < p->filling; i++) {
        const struct intake *in =
            &batch_at(p, i)->intake; /* the threads leave `n` and `at` alone */
        for (uint32_t k = 0; k < in->n; k++)
            if (first == INSTANT_NONE || in->list[k].at.wall < first)
                first = in->list[k].at.wall;
    }
    return first;
}

struct intake *verify_pool_wait(struct verify_pool *p) {
    if (!verify_pool_busy(p))
        return NULL;
    struct batch *b = batch_at(p, p->oldest);
    (void)pthread_mutex_lock(&p->lock);
    while (b->pending > 0)
        (void)pthread_cond_wait(&p->done, &p->lock);
    (void)pthread_mutex_unlock(&p->lock);
    return &b->intake;
}

void verify_pool_retire(struct verify_pool *p) {
    assert(verify_pool_busy(p));
    intake_clear(&batch_at(p, p->oldest)->intake);
    p->oldest++;
}

void verify_pool_rest(struct verify_pool *p) {
    assert(!verify_pool_busy(p));
    for (uint32_t i = 0; i < VERIFY_POOL_INTAKES; i++)
        intake_rest(&p->batches[i].intake);
}

bool verify_pool_knows(const struct verify_pool *p, const struct hash *actor, uint32_t epoch) {
    const struct known_key *k = place(p, actor);
    return k->epoch != 0 && (epoch == 0 || k->epoch == epoch) && hash_equal(&k->actor, actor);
}

void verify_pool_learn(struct verify_pool *p, const struct hash *actor, uint32_t epoch,
                       const struct public_key *key) {
    (void)pthread_mutex_lock(&p->lock);
    *place(p, actor) = (struct known_key){*actor, epoch, *key};
    (void)pthread_mutex_unlock(&p->lock);
}
