/* The names that connections bear at the hub's door, and the frames that come in under them. */
#include "core/mem.h"
#include "proto/door.h"
#include "tests/fuzz/fuzz.h"

static enum door_verdict gate(void *arg, const uint8_t key[DOOR_KEY], struct hash *ret_actor) {
    (void)arg;
    *ret_actor = (struct hash){{key[1]}};
    return (enum door_verdict)(key[0] % 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct door d;
    struct reader in = reader_of(slice_of(data, size));
    struct door_who who;
    uint8_t key[DOOR_KEY];
    char given[DOOR_USER];
    door_init(&d, gate, NULL);
    for (int i = 0; i < 200 && in.left > 0; i++) {
        int fd = reader_u8(&in) - 4;
        door_accepted(&d, fd, i);
        reader_copy(&in, key, sizeof key);
        bool open = door_answer(&d, key, i, given) == DOOR_OPEN;
        open &= fd >= 0; /* without a seat nobody counts a guest's frames */
        assert(!open || door_frame(&d, fd, given, 1, &who));
        assert(!open || who.guest == (key[0] % 4 == DOOR_GUEST));
        struct slice name = reader_bytes(&in, reader_u8(&in));
        char *user = mem_strndup((const char *)name.data, name.len);
        (void)door_frame(&d, fd, user, reader_u16(&in), &who);
        mem_free(user);
        door_left(&d, fd);
    }
    return 0;
}
