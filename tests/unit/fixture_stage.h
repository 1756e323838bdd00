/*
 * A small deployment on a real store, for engines and stored values: a root hub, an office that
 * joined it, two authors whose records are made by hand, and a stranger. It is built once; each
 * test begins with the same bytes on disk.
 */
#ifndef TESTS_FIXTURE_STAGE_H
#define TESTS_FIXTURE_STAGE_H

#include "node/uplink.h"
#include "tests/unit/fixture_hub.h"

#define STAGE_AUTHORS 3 /* the last is nobody's child */
#define STAGE_STORY 4   /* join, subjects and two reports of each */
#define STAGE_FRAMES 32
#define STAGE_LETTERS 64

struct stage {
    struct fixture_hub hub;
    struct fixture_author authors[STAGE_AUTHORS];
    struct buf story[STAGE_AUTHORS][STAGE_STORY];
    char node_dir[FIXTURE_PATH];
    struct actor node;
    struct uplink up;
    struct hash hub_id; /* whether or not it is open */
    uint32_t n_frames;
    struct buf frames[STAGE_FRAMES]; /* what the hub says to the office in one connection */
    uint32_t n_letters;
    struct buf letters[STAGE_LETTERS]; /* records that the hub holds after it, genuine all */
    struct buf hub_image;              /* data.mdb, before any author said a word */
    struct buf asked_image;            /* the office's, which has asked to join and has no answer */
    struct buf node_image;             /* … joined, and before it heard of anything else */
    struct buf synced_image;           /* … after that connection */
};

/* The stage, its hub as in the beginning and running. */
struct stage *stage_hub(void);
/* How far the office has come. */
enum stage_office { STAGE_ASKED, STAGE_JOINED, STAGE_SYNCED };
/* The stage, its office come as far as `how` and running. */
struct stage *stage_node(enum stage_office how);

/* Whether `r`, which `a` holds, is its own or, to the byte, what an enrolled author here signed. */
bool stage_signed(const struct stage *s, const struct actor *a, const struct record *r);

/*
 * Whether all that `a` holds is what somebody on this stage signed, and all that it says about
 * records it holds is true; else the process ends, saying what is wrong.
 */
void stage_hold(struct stage *s, struct actor *a);

#endif
