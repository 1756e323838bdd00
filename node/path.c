#include "node/path.h"

#include "proto/kinds.h"

void path_init(struct path *p, struct txn *t, const struct hash *first) {
    *p = (struct path){t, *first, 0};
}

bool path_up(struct path *p, struct member *ret_member) {
    if (p->steps == ENROLMENT_STEPS || !roster_find(p->t, &p->next, 1, ret_member))
        return false;
    p->next = ret_member->enroller;
    p->steps++;
    return true;
}

uint32_t path_steps(struct txn *t, const struct hash *actor, const struct hash *above) {
    struct path p;
    struct member at;
    path_init(&p, t, actor);
    while (path_up(&p, &at))
        if (hash_equal(&p.next, above))
            return p.steps;
    return 0;
}

uint32_t path_depth(struct txn *t, const struct member *m, struct hash *ret_branch) {
    struct hash below = {{0}}, branch = {{0}};
    struct path p;
    struct member at;
    uint32_t depth = 0;
    path_init(&p, t, &m->actor);
    for (; path_up(&p, &at) && at.by != BY_ROOT_KEY; depth++) {
        branch = below;
        below = at.actor;
    }
    *ret_branch = branch;
    return depth;
}

bool path_below(struct txn *t, const struct member *m, const struct hash *hub) {
    return hash_equal(&m->enroller, hub) || path_steps(t, &m->enroller, hub) > 0;
}

bool path_through(struct txn *t, const struct member *m, const struct uid *unit) {
    struct path p;
    struct member at;
    path_init(&p, t, &m->enroller);
    while (path_up(&p, &at) && at.by != BY_ROOT_KEY)
        if (uid_equal(&at.unit, unit))
            return true;
    return false;
}

uint32_t path_above(struct txn *t, const struct hash *actor,
                    struct hash ret_above[ENROLMENT_STEPS]) {
    struct path p;
    struct member at;
    uint32_t n = 0;
    path_init(&p, t, actor);
    if (!path_up(&p, &at))
        return 0;
    while (path_up(&p, &at) && at.by == BY_HUB)
        ret_above[n++] = at.actor;
    return n;
}
