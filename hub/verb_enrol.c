#include "hub/enrolment.h"
#include "hub/hub_call.h"
#include "hub/revoke.h"
#include "hub/verbs.h"
#include "node/moved.h"
#include "proto/endpoint.h"
#include "proto/kinds.h"
#include "store/meta.h"

#include <stdio.h>
#include <string.h>

/* The address that a child will call: as given, else where the hub listens. */
static int find_address(struct verb_call *call, struct txn *t, char out[TICKET_ADDRESS_MAX + 1],
                        struct err *e) {
    const char *given = verb_text(call, "address");
    struct endpoint p;
    if (given) {
        if (strlen(given) > TICKET_ADDRESS_MAX)
            return err_set(e, ERR_REFUSED, "--address: longer than %d bytes", TICKET_ADDRESS_MAX);
        (void)snprintf(out, TICKET_ADDRESS_MAX + 1, "%s", given);
    } else if (!meta_text(t, "address", out, TICKET_ADDRESS_MAX + 1) &&
               !meta_text(t, "listen", out, TICKET_ADDRESS_MAX + 1)) {
        out[0] = '\0';
    }
    int rc = endpoint_parse(out, &p, e);
    if (rc == 0 && endpoint_is_wildcard(&p))
        return err_set(e, ERR_REFUSED,
                       "the hub listens on %s, which says not how to reach it: give "
                       "--address tcp://HOST:PORT as the children see it",
                       out);
    return rc;
}

/* Never 0: the unit `f` is another hub's to enrol. */
static int refuse_foreign(struct actor *a, const struct unit_fact *f, struct err *e) {
    const struct unit_fact *above = catalog_unit(&a->catalog, &f->parent);
    if (!above)
        return err_set(e, ERR_REFUSED,
                       "unit %s is not below this hub's unit: whoever founded the deployment "
                       "looks after it",
                       f->code);
    return err_set(e, ERR_REFUSED,
                   "unit %s is not below this hub's unit: it lies under %s %s, whose hub, or one "
                   "above that, gives its ticket",
                   f->code, above->code, above->name);
}

static int find_unit(struct actor *a, const char *code, instant now, struct ticket *ticket,
                     struct err *e) {
    const struct unit_fact *f = NULL;
    int rc = units_named(a->catalog.units, code, instant_day(now), &f, e);
    if (rc != 0)
        return rc;
    if (!f)
        return hub_call_unknown(a->catalog.units, code, instant_day(now), e);
    /* A unit that comes here on a day may be given its machine before that. */
    if (!units_under(a->catalog.units, &f->id, &a->unit, instant_day(now)) &&
        !catalog_under(&a->catalog, &f->id, &a->unit))
        return refuse_foreign(a, f, e);
    if (ticket->role == ROLE_HUB && uid_equal(&f->id, &a->unit))
        return err_set(e, ERR_REFUSED, "unit %s has its hub: this one; enrol a node for its office",
                       code);
    ticket->unit = f->id;
    (void)snprintf(ticket->code, sizeof ticket->code, "%s", f->code);
    (void)snprintf(ticket->name, sizeof ticket->name, "%s", f->name);
    return 0;
}

/* A unit that came from another hub brings nothing of what it reported there. */
static void tell_arrival(struct verb_call *call, struct actor *a, const struct ticket *ticket) {
    char since[INSTANT_TEXT];
    day came;
    if (!moved_here(&a->catalog, &ticket->unit, &a->unit, &came))
        return;
    day_text_people(came, since);
    world_say(
        call->world, &call->words,
        "unit %s comes here on %s: what it reported before stays with the hub of then and "
        "those above both, its new machine will not have it; for its values run `template` on "
        "the old machine and `import` on the new one",
        ticket->code, since);
}

/* Whose machine it is that the ticket would stand beside, if another hub enrolled it: whether it is
 * so. Only that hub can end it. */
static bool tell_enroller(struct verb_call *call, struct actor *a, struct txn *t,
                          const struct ticket *ticket, const struct member *before) {
    struct member by;
    if (hash_equal(&before->enroller, &a->id) ||
        !roster_find(t, &before->enroller, roster_epoch(t, &before->enroller), &by) || by.ended ||
        uid_equal(&by.unit, &a->unit))
        return false;
    const struct unit_fact *f = catalog_unit(&a->catalog, &by.unit);
    if (!f)
        return false;
    world_say(call->world, &call->words,
              "unit %s has its machine from the hub of %s %s: where that hub works, its ticket "
              "comes from there. Else revoke the old machine there once it works again: until then "
              "it reports beside the new one, and the two hubs may show different reports",
              ticket->code, f->code, f->name);
    return true;
}

static int make_ticket(struct verb_call *call, struct actor *a, struct txn *t,
                       struct ticket *ticket, struct err *e) {
    const struct world *w = call->world;
    instant now = w->now(w->arg);
    struct member before;
    struct err why = {0};
    bool within;
    int rc = find_unit(a, verb_arg(call, 0), now, ticket, e);
    if (rc == 0)
        rc = find_address(call, t, ticket->address, e);
    if (rc == 0)
        rc = enrolment_bounds(a, t, &ticket->unit, ticket->role, &within, &why, e);
    if (rc != 0)
        return rc;
    if (!within)
        return *e = why, why.code;
    ticket->genesis = a->deployment;
    ticket->transport_key = *key_pair_public(a->transport);
    w->random(w->arg, ticket->token, TOKEN_BYTES);
    enrolment_note(t, ticket->token, &ticket->unit, ticket->role, now);
    tell_arrival(call, a, ticket);
    if (!roster_of_unit(t, &ticket->unit, ticket->role == ROLE_HUB ? BY_HUB : BY_NODE, &before))
        return 0;
    if (!tell_enroller(call, a, t, ticket, &before))
        world_say(w, &call->words,
                  "unit %s has a machine already: once the new one joins, what the "
                  "old one has not sent by then no longer counts",
                  ticket->code);
    if (ticket->role == ROLE_HUB)
        revoke_tell_lost(w, ticket->code, &call->words);
    return 0;
}

static int run(struct verb_call *call, struct err *e) {
    const char *role = verb_text(call, "role");
    struct command s = {0};
    struct ticket ticket = {0};
    char text[TICKET_TEXT_MAX];
    ticket.role = role && strcmp(role, "hub") == 0 ? ROLE_HUB : ROLE_NODE;
    if (role && ticket.role == ROLE_NODE && strcmp(role, "node") != 0)
        return err_set(e, ERR_USAGE, "--role is node or hub, not %s", role);
    int rc = command_begin(call, ROLE_HUB, COMMAND_STATE, &s, e);
    if (rc == 0)
        rc = make_ticket(call, &s.actor, s.t, &ticket, e);
    if (rc == 0)
        rc = ticket_text(&ticket, text, e);
    if (rc == 0 && call->dry_run)
        world_say(call->world, &call->words, "a ticket for %s %s would be printed", ticket.code,
                  ticket.name);
    else if (rc == 0)
        buf_printf(&call->out, "%s\n", text);
    return command_end(&s, rc, e);
}

static const struct verb_option options[] = {
    {.name = "role", .value = "node|hub", .help = N_("what the machine will be (node)")},
    {.name = "address",
     .value = "tcp://HOST:PORT",
     .help = N_("how children reach this hub, where it listens on a wildcard")},
    {.name = NULL},
};

const struct verb hub_verb_enrol = {
    .name = "enrol",
    .args = "CODE",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_DRY_RUN,
    .options = options,
    .help = N_("print a ticket for a unit's machine"),
    .run = run,
};
