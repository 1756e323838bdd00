#include "proto/refusal.h"

#include "core/instant.h"

/* When and why a machine was revoked, as far as the refusal `r` says. */
static int revoked_words(const struct frame_refused *r, struct err *why) {
    char when[INSTANT_TEXT];
    instant at;
    if (r->n_args < 1 || !instant_parse(r->args[0], &at))
        return err_set(why, ERR_REFUSED,
                       "this machine was revoked: what it has not sent counts no more; ask the "
                       "hub why, and for a ticket for a new one");
    instant_text_people(at, when);
    if (r->n_args < 2 || r->args[1][0] == '\0')
        return err_set(why, ERR_REFUSED,
                       "this machine was revoked on %s: what it has not sent counts no more; ask "
                       "the hub why, and for a ticket for a new one",
                       when);
    return err_set(why, ERR_REFUSED,
                   "this machine was revoked on %s (%s): what it has not sent counts no more; ask "
                   "the hub for a ticket for a new one",
                   when, r->args[1]);
}

int refusal_words(const struct frame_refused *r, struct err *why) {
    switch ((enum refusal)r->code) {
    case REFUSED_VERSION:
        return err_set(why, ERR_AWAY,
                       "the other side speaks protocol versions %s to %s, this program "
                       "speaks %u: update the older program",
                       r->n_args > 0 ? r->args[0] : "?", r->n_args > 1 ? r->args[1] : "?",
                       PROTOCOL_VERSION);
    case REFUSED_DEPLOYMENT:
        return err_set(why, ERR_REFUSED, "the hub belongs to another deployment: check the ticket");
    case REFUSED_UNKNOWN:
        return err_set(why, ERR_REFUSED,
                       "the hub does not know this machine, nor what enrolled it: what was sealed "
                       "is kept here; ask whoever runs the hub, who gives a new ticket where the "
                       "machine has to join anew");
    case REFUSED_ENDED:
        return err_set(why, ERR_REFUSED,
                       "another machine reports for this unit now: this one was replaced, or is a "
                       "copy from before its keys were changed; go on with the newer one, and only "
                       "where that is lost ask the hub for a new ticket");
    case REFUSED_TICKET:
        return err_set(why, ERR_REFUSED, "the hub does not know this ticket: ask for a new one");
    case REFUSED_TICKET_USED:
        return err_set(why, ERR_REFUSED,
                       "this ticket was used by another machine: ask for a new one");
    case REFUSED_BUSY:
        return err_set(why, ERR_AWAY, "the hub is busy now: nothing is lost, try again later");
    case REFUSED_FRAME:
        return err_set(why, ERR_AWAY,
                       "the other side did not understand us: update the older program");
    case REFUSED_NEWER:
        return err_set(why, ERR_AWAY,
                       "another connection of this machine took over: where a copy of this data "
                       "directory is in use, on this machine or another, stop one of the two");
    case REFUSED_PENDING:
        return err_set(why, ERR_AWAY,
                       "the hub waits for records that ours build on: try again later");
    case REFUSED_BOUND:
        return err_set(why, ERR_REFUSED,
                       "the hub cannot enrol this machine: `thidua-hub enrol` says there why and "
                       "what to do");
    case REFUSED_TICKET_VOID:
        return err_set(why, ERR_REFUSED,
                       "this ticket is void: after it was printed another machine of the unit "
                       "joined or was revoked; ask for a new one");
    case REFUSED_REVOKED:
        return revoked_words(r, why);
    case REFUSED_HUB_ENDED:
        return err_set(why, ERR_REFUSED,
                       "this hub was replaced or revoked and can take nothing more: what was "
                       "sealed is kept here; ask the office above for a ticket of the new hub, and "
                       "join with it in a new data directory");
    case REFUSED_DISK:
        return err_set(
            why, ERR_AWAY,
            "the hub's disk is nearly full, so it takes nothing more for now: nothing is "
            "lost here, tell whoever runs the hub");
    case REFUSED_SHARE:
        return err_set(why, ERR_AWAY,
                       "the hub keeps as much of this machine as it keeps of any, so it takes "
                       "nothing more: nothing is lost here, ask whoever runs the hub for a ticket");
    case REFUSED_TAKEN:
        return err_set(why, ERR_REFUSED,
                       "another machine has taken this one's place: ask the hub for a new ticket");
    }
    return err_set(why, ERR_AWAY,
                   "the other side refused for a reason that this program does not "
                   "know (%u): update it",
                   r->code);
}
