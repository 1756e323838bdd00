/*
 * What a store is made of, and what may be asked of it as it is opened.
 */
#ifndef STORE_TABLES_H
#define STORE_TABLES_H

#include <stdbool.h>
#include <stddef.h>

/* The tables; store/FORMAT.md says what each holds. */
enum store_table {
    TABLE_META,
    TABLE_RECORDS,
    TABLE_LOG,
    TABLE_KINDS,
    TABLE_LANES,
    TABLE_FORKS,
    TABLE_ACTORS,
    TABLE_TRANSPORTS,
    TABLE_CHILDREN,
    TABLE_STREAMS,
    TABLE_QUEUED,
    TABLE_CURSORS,
    TABLE_PENDING,
    TABLE_AWAITED,
    TABLE_RECEIPTS,
    TABLE_SLOTS,
    TABLE_TICKETS,
    TABLE_HEARD,
    TABLE_CONTACTS,
    TABLE_NAMES,
    TABLE_DRAFTS,
    TABLE_ARRIVALS,
    TABLE_STANDINGS,
    TABLE_PLACES,
    TABLE_TOUCHED,
    TABLE_CALLED,
    TABLE_SHARES,
    TABLE_PARTS,
    TABLE_WAITING,
    TABLE_ACTS,
    TABLE_COUNT
};

/* What a row of TABLE_PENDING has before its record: the instant at which it came, whether the
 * clock was in doubt then. */
#define PENDING_BESIDE 9u

/* Faults at the commit, for simulation: the second implementation beside the disk itself. */
enum commit_fault { COMMIT_AS_IS, COMMIT_LOST, COMMIT_UNKNOWN_KEPT, COMMIT_UNKNOWN_LOST };
struct db_options {
    size_t map_bytes; /* to begin with; 0: the default. The map grows by itself */
    bool no_sync;     /* simulation only: virtual disks do not lose power by accident */
    bool write_map;  /* simulation only: pages are changed in the map, without a system call each */
    void *fault_arg; /* simulation only … */
    enum commit_fault (*fault)(void *fault_arg); /* … asked at every commit; NULL: none */
};

#endif
