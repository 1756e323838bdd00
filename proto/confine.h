/*
 * Confinement: what a program that stays up, or reads what strangers made, gives away of its own
 * rights once it has what it needs. A fault in it or in a library then opens no other file, starts
 * no other program and reaches no other machine. Landlock for files, a system call filter for the
 * rest; both hold for everything that the process becomes, and nothing takes them back.
 */
#ifndef PROTO_CONFINE_H
#define PROTO_CONFINE_H

#include <stdbool.h>

/*
 * From now on this thread, and those that it starts, open nothing but what lies in folder `dir`
 * (NULL: nothing), and read the catalogues in `locale_dir` and the time zones; with `names` also
 * what looking up the name of a machine takes. What is open stays. To be called before threads are
 * started. False where the kernel cannot (before 5.13, or without Landlock).
 */
bool confine_files(const char *dir, const char *locale_dir, bool names);

enum confine_net {
    CONFINE_OFFLINE,  /* no socket at all */
    CONFINE_ACCEPTS,  /* those who connect to what is listening already, and nobody else */
    CONFINE_CONNECTS, /* … and it connects to others, over IP only */
};
/*
 * From now on no thread of this process starts a program, looks into another process, changes what
 * is mounted or loaded, or reaches over the network further than `net` says. False where the kernel
 * cannot.
 */
bool confine_calls(enum confine_net net);

#endif
