/*
 * The one subject that a ranking is asked about: by its codes, and what follows from it.
 */
#ifndef AUDIT_RERANK_WHOM_H
#define AUDIT_RERANK_WHOM_H

#include "audit/rejudge.h"
#include "audit/rerank_group.h"

struct rerank_whom {
    char unit[LIMIT_CODE + 1], code[LIMIT_CODE + 1];
    struct uid id; /* of the unit */
    struct subject is;
    char class_id[LIMIT_CODE + 1]; /* its text */
    char group[LIMIT_NAME + 1];
};

/* Whom `typed` means on `as_of` where the bundle is of the hub of unit `home`; ERR_REFUSED: nobody.
 */
int rerank_whom_find(const struct fold *f, const char *typed, day as_of, const struct uid *home,
                     struct rerank_whom *ret_whom, struct err *e);
/* Look it up in the report that counts for its unit (NULL: there is none). ERR_REFUSED where it is
 * not in it; the unit itself need not be. */
int rerank_whom_look(const struct fold *f, struct fold_report *report, struct rerank_whom *whom,
                     struct err *e);
/* Where `a` leaves them out, put the kind and the group of `whom` in `s` into `a`. */
void rerank_whom_fill(const struct fold *f, struct rerank_whom *whom, const struct ask_slot *s,
                      day as_of, struct ask *a);
/* The refusal: whoever was meant by what was typed is in no ranking. */
int rerank_whom_absent(const char *typed, struct err *e);

#endif
