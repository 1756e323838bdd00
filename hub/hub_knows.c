/* Who speaks, and whose signature it is: asked at the door, and of records before they are taken.
 */
#include "hub/hub.h"

/* End a look into `t`; whether the store could tell. */
static bool end_look(struct hub *h, struct txn *t) {
    int rc = txn_failed(t, NULL);
    if (rc == ERR_CORRUPT && h->trouble.code == 0)
        (void)txn_failed(t, &h->trouble);
    txn_abort(t);
    return rc == 0;
}

int hub_knows(struct hub *h, const struct public_key *key, struct hash *ret_actor) {
    struct txn *t;
    struct member m;
    if (txn_begin(h->actor->db, false, &t, NULL) != 0)
        return -1;
    int verdict = roster_by_transport(t, key, &m) && !m.ended;
    if (!end_look(h, t))
        verdict = -1;
    if (verdict == 1)
        *ret_actor = m.actor;
    return verdict;
}

bool hub_signer(struct hub *h, const struct hash *actor, uint32_t epoch, uint32_t *ret_epoch,
                struct public_key *ret_key) {
    struct txn *t;
    struct member m;
    if (txn_begin(h->actor->db, false, &t, NULL) != 0)
        return false;
    bool found = roster_find(t, actor, epoch ? epoch : roster_epoch(t, actor), &m);
    found = end_look(h, t) && found;
    if (found) {
        *ret_epoch = m.epoch;
        *ret_key = m.sign_key;
    }
    return found;
}
