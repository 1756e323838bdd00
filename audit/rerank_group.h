/*
 * Peer groups (cụm, khối): inside which group a ranking takes place, and who is in it.
 */
#ifndef AUDIT_RERANK_GROUP_H
#define AUDIT_RERANK_GROUP_H

#include "audit/reboard.h"
#include "core/sheet.h"

struct rerank_group {
    bool all;       /* no groups at all: everyone is in */
    bool none;      /* those that are in no group */
    bool everyone;  /* nobody is left out: there is no other group */
    bool declared;  /* the campaign declares groups; else a unit's own group is meant */
    const char *id; /* NULL with `all` and `none` */
    const struct campaign *campaign;
    enum subject_kind subjects;
};

/*
 * The kind of subject that `a` asks for in `s`: given, or the only one that the criteria are about.
 * ERR_USAGE lists them.
 */
int rerank_subjects(const struct ask *a, const struct ask_slot *s, enum subject_kind *ret_kind,
                    struct err *e);

/* Among whom a group is looked for. */
struct rerank_field {
    const struct fold *f;
    const struct ask *ask;
    const struct ask_slot *slot;
    enum subject_kind subjects;
    day as_of;
    struct uid home, under; /* units below both; `under` zero: below home */
    uint32_t n_reporting;
    const struct uid *reporting; /* the units that have an effective report */
};
/* The group of `field` that its question asks for. ERR_USAGE lists the groups. */
int rerank_choose_group(const struct rerank_field *field, struct rerank_group *ret_group,
                        struct err *e);
/* Whether what parts `g` from the rest are classes of subjects, so that it runs through units. */
bool rerank_by_class(const struct rerank_group *g);
/* Whether `subject` of the unit that `fact` is about is in `g`. */
bool rerank_in_group(const struct rerank_group *g, const struct unit_fact *fact,
                     const struct subject *subject);

#endif
