/*
 * Verify pool: threads that decode frames and verify signatures in front of the single writer.
 *
 *     socket ─► filling ──submit──► threads ──wait──► step ──retire──► filling …
 *
 * Intakes go round in order, so that while the writer commits one the threads are at the next. Only
 * the program uses it: engines take what the threads found out where it helps and do without where
 * it does not, with the same outcome.
 *
 * All functions are for the one thread that takes frames and steps. An intake belongs to it except
 * between submit and wait.
 */
#ifndef HUB_VERIFY_POOL_H
#define HUB_VERIFY_POOL_H

#include "hub/intake.h"

struct verify_pool;

#define VERIFY_POOL_INTAKES 4u
#define VERIFY_POOL_THREADS_MAX 16u   /* more would wait for the writer */
#define VERIFY_POOL_WORTH_BYTES 4096u /* with less to do, the writer is as fast alone */

/* Start `n_threads` (at least one is) into `ret_pool`. ERR_IO if the machine gives none. */
int verify_pool_new(uint32_t n_threads, struct verify_pool **ret_pool, struct err *e);
/* End the threads, wherever they are; what was not stepped is dropped. NULL is accepted. */
void verify_pool_free(struct verify_pool *p);

/* The intake that is to be filled now; NULL when all are on their way: step one first. */
struct intake *verify_pool_filling(struct verify_pool *p);
/* Hand what was filled to the threads, if it is anything. */
void verify_pool_submit(struct verify_pool *p);
/* Whether anything was submitted and not retired. */
bool verify_pool_busy(const struct verify_pool *p);
/* When the first frame came that was not stepped yet; INSTANT_NONE: all were. */
instant verify_pool_earliest(struct verify_pool *p);
/* Wait until the threads are done with the oldest intake submitted; NULL: there is none. */
struct intake *verify_pool_wait(struct verify_pool *p);
/* Make the oldest intake, which was waited for, free for filling. */
void verify_pool_retire(struct verify_pool *p);

/* Give back the room of all intakes; none is on its way. */
void verify_pool_rest(struct verify_pool *p);

/* Whether the threads know a key of `actor` in `epoch` (0: in any). */
bool verify_pool_knows(const struct verify_pool *p, const struct hash *actor, uint32_t epoch);
/* Let the threads try `key` for what `actor` signs in `epoch`: a guess, which admission does not
 * rely on. Another actor may be forgotten for it. */
void verify_pool_learn(struct verify_pool *p, const struct hash *actor, uint32_t epoch,
                       const struct public_key *key);

#endif
