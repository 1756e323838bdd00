/*
 * Who judges at the door is killed while the hub runs. The link is taken in whole, so that its bell
 * can be torn off from inside.
 */
#include "proto/link.c"

#include "tests/unit/link_world.h"

#define STALL_MS 1500

static struct link *connect_with(struct world *w, const struct link_keys *keys) {
    struct link *l = NULL;
    assert_int_equal(
        link_connect(link_endpoint(w->hub), w->hub_keys.public_key, keys, PATIENCE_MS, &l, &w->err),
        0);
    return l;
}

static void tear_off(struct link *hub) {
    assert_int_equal(zmq_close(hub->zap), 0);
    hub->zap = zmq_socket(hub->ctx, ZMQ_REQ); /* a bell that never rings */
    assert_non_null(hub->zap);
    assert_true(set_int(hub->zap, ZMQ_LINGER, 0));
}

static void with_the_judge_killed_nobody_is_let_in_and_the_hub_says_so(void **state) {
    struct world *w = *state;
    struct link_frame f;
    struct err e = {0};
    struct link_keys stranger = new_keys();
    tear_off(w->hub);
    struct link *known = connect_with(w, &w->known), *guest = connect_with(w, &stranger);
    for (int64_t end = now_ms() + STALL_MS; now_ms() < end;) {
        (void)link_recv(known, STEP_MS, &f, NULL);
        (void)link_recv(guest, STEP_MS, &f, NULL);
        assert_int_not_equal(link_state(known), LINK_READY);
        assert_int_not_equal(link_state(guest), LINK_READY);
    }
    assert_int_equal(w->asked, 0);
    assert_int_equal(link_recv(w->hub, STEP_MS, &f, &e), ERR_IO);
    assert_non_null(strstr(e.msgid, "nobody answers at this hub's door"));
    link_free(guest);
    link_free(known);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(with_the_judge_killed_nobody_is_let_in_and_the_hub_says_so,
                                        open_world, close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
