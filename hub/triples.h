/*
 * Triples: which campaigns, periods and report kinds somebody asks a board about.
 */
#ifndef HUB_TRIPLES_H
#define HUB_TRIPLES_H

#include "hub/board.h"

/* As typed; NULL: left out. */
struct triples_asked {
    const char *campaign, *period, *kind, *under;
    instant at;
};

struct triples {
    uint32_t n;
    struct board_query *list; /* by issuer's code, campaign, begin and id of the period, kind */
};

/*
 * What `asked` names, into `ret_triples`: without a campaign every open one, without a period all
 * of its periods, without a kind the campaign's default where a campaign or a period is given, else
 * all kinds. ERR_USAGE where a campaign's name means several, which go into `words`; ERR_REFUSED
 * where nothing is called so.
 */
int triples_find(struct actor *a, const struct triples_asked *asked, struct triples *ret_triples,
                 struct buf *words, struct err *e);
void triples_done(struct triples *l);

#endif
