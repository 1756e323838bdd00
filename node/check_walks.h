/*
 * The walks of a check that node and hub share, one per part of the store. Each tells what is off
 * as findings; below zero only where the store cannot be walked on.
 */
#ifndef NODE_CHECK_WALKS_H
#define NODE_CHECK_WALKS_H

struct actor;
struct err;
struct findings;
struct txn;

/* Every table against its own order and number of rows; rows that no record proves, and all of them
 * together, against their checks. */
int check_tables(struct txn *t, struct findings *f, struct err *e);
/* Every record against its id and its author's key; every fork kept as evidence. */
int check_records(struct actor *a, struct txn *t, struct findings *f, struct err *e);
/* Log, kinds and lanes against the records and the other way; lanes without gaps, each record
 * naming the one before it. */
int check_indexes(struct actor *a, struct txn *t, struct findings *f, struct err *e);
/* Streams without gaps, of records that are held, and found again by record; all that was stated
 * here is on the outbox. */
int check_streams(struct actor *a, struct txn *t, struct findings *f, struct err *e);
/* Members and their ends against the records that say so and stand. */
int check_roster(struct txn *t, struct findings *f, struct err *e);
/* The roster, receipts, names and stated contacts against the records that they follow from. */
int check_views(struct actor *a, struct txn *t, struct findings *f, struct err *e);

#endif
