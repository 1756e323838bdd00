/*
 * One fact about a unit, as a hub states it; see core/units for what facts make together.
 */
#ifndef CORE_UNIT_FACT_H
#define CORE_UNIT_FACT_H

#include "core/err.h"
#include "core/id.h"
#include "core/instant.h"

/* What a unit became, or gave a part of itself to. */
struct unit_successor {
    struct uid unit;
    bool partial; /* only a part went there */
};

struct unit_fact {
    struct uid id;
    struct uid parent;     /* zero: the root of the deployment */
    day effective;         /* this row holds from here on; DAY_NONE: since ever */
    day from, until;       /* exists on [from, until); DAY_NONE: open */
    char *code;            /* administrative code at that time, LIMIT_CODE */
    char *level;           /* province, district, commune, department …: data, not an enum */
    char *kind;            /* party, state, police, hamlet …; may be empty */
    char *name;            /* NFC, LIMIT_NAME */
    char *group;           /* peer group (cụm, khối) by default; may be empty */
    char *contact, *phone; /* may be empty */
    char *basis;           /* the document by which it is so; may be empty or NULL */
    uint32_t n_successors; /* what became of the unit on the day `effective` … */
    struct unit_successor *successors; /* … by merging, splitting or giving away */
};

/* ERR_REFUSED, saying what to correct, if `fact` by itself is none. */
int unit_fact_check(const struct unit_fact *fact, struct err *e);

#endif
