/*
 * The daemon's lock: one daemon per data directory. The kernel gives it back when the process ends,
 * however it ends.
 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "core/err.h"

/* Take the lock of directory `dir`; ERR_REFUSED names the process that has it. */
int lock_take(const char *dir, int *ret_fd, struct err *e);
void lock_give(int fd);

#endif
