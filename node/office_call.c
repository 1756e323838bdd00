#include "node/office_call.h"

int office_call_open(struct command *c, bool damaged_too, struct office *ret_office,
                     struct err *e) {
    struct office_choice choice = {verb_text(c->call, "unit"), verb_text(c->call, "campaign"),
                                   verb_text(c->call, "period"), damaged_too};
    return office_open(&c->actor, c->t, &choice, c->today, ret_office, e);
}
