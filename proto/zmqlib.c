#include "proto/zmqlib.h"

#include "core/err.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define SONAME "libzmq.so.5" /* of every libzmq 4 */

struct zmqlib zmqlib;

/* A function's address out of what dlsym calls a pointer to data. */
static void *find(const char *name, void *ret_call, size_t size) {
    void *found = dlsym(RTLD_DEFAULT, name);
    memcpy(ret_call, &found, size);
    return found;
}

/* Where C++ gets no memory it throws; that needs memory for each thread, without which libc ends
 * the process without a word of ours. So it aborts before. */
static void abort_without_memory(void) {
    void (*(*set)(void (*handler)(void)))(void); /* C++'s std::set_new_handler */
    if (find("_ZSt15set_new_handlerPFvvE", &set, sizeof set))
        (void)set(abort);
}

int zmqlib_load(struct err *e) {
    struct zmqlib calls;
    _Static_assert(sizeof calls.send == sizeof(void *), "functions have addresses as data has");
    if (zmqlib.send)
        return 0;
    /* Never closed: its threads may outlive a link by a moment. */
    bool there = dlopen(SONAME, RTLD_LAZY | RTLD_GLOBAL) != NULL;
#define FIND(name) there = there && find("zmq_" #name, &calls.name, sizeof calls.name);
    ZMQLIB_CALLS(FIND)
#undef FIND
    const char *why = there ? NULL : dlerror();
    if (!there)
        return err_set(e, ERR_REFUSED,
                       "the network library %s cannot be loaded (%s): where it is not there, "
                       "install the distribution's package libzmq5",
                       SONAME, why ? why : "?");
    if (!calls.has("curve"))
        return err_set(
            e, ERR_REFUSED,
            "this machine's libzmq cannot encrypt (no CURVE); install the distribution's");
    abort_without_memory();
    zmqlib = calls;
    return 0;
}
