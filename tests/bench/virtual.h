/*
 * Virtual time: a hub's machines and offices in one process, each the real engines over a store of
 * its own, without sockets and without waiting for disks. What the programs that simulate years
 * share. Whatever fails ends the program.
 */
#ifndef TESTS_BENCH_VIRTUAL_H
#define TESTS_BENCH_VIRTUAL_H

#include "hub/hub.h"
#include "node/uplink.h"
#include "proto/ticket.h"

#define VIRTUAL_PROGRAM "thidua bench"
#define VIRTUAL_SECOND 1000
#define VIRTUAL_HOUR (INT64_C(3600) * 1000)
#define VIRTUAL_DAY (24 * VIRTUAL_HOUR)

struct virtual_world {
    struct world world; /* lent to engines */
    instant now, began;
    uint64_t random;
    struct err e;
};

/* Begin at `from`; `v` stays where it is. */
void virtual_init(struct virtual_world *v, instant from);
struct moment virtual_moment(const struct virtual_world *v);
/* A number below `n`, the same in every run. */
uint64_t virtual_below(struct virtual_world *v, uint64_t n);

/* Open the actor of `dir`, which waits for no disk, with its catalog. */
void virtual_open(struct virtual_world *v, const char *dir, enum role role,
                  struct actor *ret_actor);

/* The ticket by which `hub` lets a machine join for `unit` in `role`. */
void virtual_invite(struct virtual_world *v, struct actor *hub, const struct unit_fact *unit,
                    enum role role, struct ticket *ret_ticket);
/* Make the directory `dir` for `ticket` and stage its join into `post`; opens the actor. */
void virtual_knock(struct virtual_world *v, const char *dir, const struct ticket *ticket,
                   struct post *post, struct actor *ret_actor);

/* A report of an office about `people` individuals. */
struct virtual_report {
    const char *campaign;
    uint32_t period; /* the campaign's, from 0 */
    uint32_t revision, people;
    uint32_t seed; /* values differ by it */
};
/*
 * Let the office `a` state report `r`, in one transaction. `subjects` is the record of its list of
 * people, stated before it where that is zero.
 */
void virtual_report(struct virtual_world *v, struct actor *a, const struct virtual_report *r,
                    struct hash *subjects);

/* Bytes of the store in `dir`. */
uint64_t virtual_store_bytes(const char *dir);

#endif
