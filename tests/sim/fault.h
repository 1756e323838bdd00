/*
 * What can go wrong, as a table: a name, where it strikes, how often, and what it does. Each run
 * draws which of them it suffers from and how badly. To add one, add a row.
 */
#ifndef TESTS_SIM_FAULT_H
#define TESTS_SIM_FAULT_H

#include "store/db.h"

struct sim;
struct machine;

enum fault_site {
    AT_FRAME,   /* a frame is on its way: change `flight` */
    AT_PART,    /* the same, and it is a part of a record */
    AT_CONNECT, /* a connection is being made: it may not come about */
    AT_HUB,     /* between two steps of a hub */
    AT_NODE,    /* between two steps of a node */
    AT_COMMIT,  /* a transaction is about to commit: change `commit` */
    AT_PLAN,    /* planned beforehand, only counted here */
};

/* A frame under way, or whatever else a fault strikes. */
struct strike {
    struct machine *machine; /* AT_HUB, AT_NODE, AT_COMMIT */
    uint32_t conn;           /* AT_FRAME, AT_PART */
    uint32_t side;           /* AT_FRAME */
    int64_t delay;           /* AT_FRAME: added to the way */
    bool out_of_order;       /* AT_FRAME: it waits for none before it */
    bool twice, lost;        /* AT_FRAME */
    uint8_t *bytes;          /* AT_FRAME */
    size_t *len;
    bool refused;             /* AT_CONNECT */
    enum commit_fault commit; /* AT_COMMIT */
};

struct fault {
    const char *name;
    enum fault_site site;
    uint32_t per_million; /* where it strikes at its worst, of so many chances */
    void (*act)(struct sim *sim, struct strike *s);
};
extern const struct fault faults[];
extern const unsigned n_faults;

/* Choose what this run suffers from. */
void fault_draw(struct sim *sim);
/* Let whatever strikes at `site` strike `s`; true if anything did. */
bool fault_strike(struct sim *sim, enum fault_site site, struct strike *s);
/* Count that the planned fault `name` struck. */
void fault_count(struct sim *sim, const char *name);
/* For struct db_options; its argument is the machine. */
enum commit_fault fault_at_commit(void *machine);

#endif
