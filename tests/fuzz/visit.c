#include "tests/fuzz/visit.h"

#include "core/mem.h"

#include <assert.h>

enum door_verdict visit_gate(void *arg, const uint8_t key[DOOR_KEY], struct hash *ret_actor) {
    (void)arg;
    *ret_actor = (struct hash){{key[1]}};
    return (enum door_verdict)(key[0] % 4);
}

void visit(struct door *d, struct reader *in, int64_t at) {
    struct door_who who;
    uint8_t key[DOOR_KEY];
    char given[DOOR_USER];
    int fd = reader_u8(in) - 4;
    door_accepted(d, fd, at);
    reader_copy(in, key, sizeof key);
    bool open = door_answer(d, key, at, given) == DOOR_OPEN;
    open &= fd >= 0; /* without a seat nobody counts a guest's frames */
    assert(!open || door_frame(d, fd, given, 1, &who));
    assert(!open || who.guest == (key[0] % 4 == DOOR_GUEST));
    struct slice name = reader_bytes(in, reader_u8(in));
    char *user = mem_strndup((const char *)name.data, name.len);
    (void)door_frame(d, fd, user, reader_u16(in), &who);
    mem_free(user);
    door_left(d, fd);
}
