#include "proto/reason.h"

#include "core/err.h"

int reason_err(enum reason why, const char *address, struct err *e) {
    switch (why) {
    case REASON_NONE:
        break;
    case REASON_UNREACHABLE:
        return err_set(e, ERR_AWAY,
                       "%s cannot be reached now: check the network connection; the hub may be off "
                       "too. Nothing is lost, try again later",
                       address);
    case REASON_NO_HUB:
        return err_set(e, ERR_AWAY,
                       "%s accepts connections but is no thidua hub; check the address, or try "
                       "again if the hub is busy",
                       address);
    case REASON_CLOSED:
        return err_set(e, ERR_AWAY,
                       "%s accepts connections but is no thidua hub, or not the one that the "
                       "ticket names, or the line broke; try again, then check the ticket",
                       address);
    case REASON_WRONG_KEY:
        return err_set(e, ERR_AWAY,
                       "%s is not the hub that the ticket names: its key is another; check the "
                       "ticket",
                       address);
    case REASON_REFUSED:
        return err_set(
            e, ERR_REFUSED,
            "the hub at %s does not let this machine in any more: another one reports for "
            "its unit, or it was shut out; ask the hub's office for a new ticket",
            address);
    case REASON_FULL:
        return err_set(e, ERR_AWAY,
                       "the hub at %s lets nobody else in at this moment: too many newcomers are "
                       "at its door, or this machine came too often; try again in a minute",
                       address);
    case REASON_LOST:
        return err_set(e, ERR_AWAY, "the connection to %s broke; try again", address);
    }
    return 0;
}

int reason_of_knock(bool let_in, enum reason why, struct err *e) {
    if (let_in)
        return err_set(e, ERR_REFUSED,
                       "the hub's door does not shut: a stranger's key was let in; use the "
                       "distribution's libzmq");
    if (why != REASON_CLOSED)
        return err_set(e, ERR_REFUSED, "the hub's door could not be tried; start the hub again");
    return 0;
}
