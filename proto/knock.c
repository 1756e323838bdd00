#include "proto/knock.h"

#include "core/err.h"
#include "proto/link.h"

#define PROOF_MS 10000 /* only a machine in trouble comes near it */
#define KNOCK_WAKES 32 /* times that something may wake the wait for it */

/* Wait until the knock of `l` is decided. libzmq ends each of its steps within PROOF_MS. */
static int knock(struct link *l, struct err *e) {
    struct link_frame f;
    for (int i = 0; i < KNOCK_WAKES && link_state(l) == LINK_CONNECTING; i++) {
        int rc = link_recv(l, 2 * PROOF_MS, &f, e);
        if (rc < 0)
            return rc;
    }
    if (link_state(l) == LINK_READY)
        return err_set(e, ERR_REFUSED,
                       "the hub's door does not shut: a stranger's key was let in; use the "
                       "distribution's libzmq");
    if (link_failure(l, NULL) != REASON_CLOSED)
        return err_set(e, ERR_REFUSED, "the hub's door could not be tried; start the hub again");
    return 0;
}

int knock_at(const char *address, const uint8_t hub_key[DOOR_KEY], struct err *e) {
    struct link_keys stranger;
    struct link *l = NULL;
    int rc = link_keys_new(&stranger, e);
    if (rc == 0)
        rc = link_connect(address, hub_key, &stranger, PROOF_MS, &l, e);
    if (l)
        rc = knock(l, e);
    link_free(l);
    return rc;
}
