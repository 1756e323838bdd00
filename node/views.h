/*
 * Views that both a node and a hub keep: what receipts say of a record, and what a subject is
 * called. What each record adds to them, and to the views of node/acts and node/stated_contacts, is
 * entered here. Every row follows from records and can be made again.
 */
#ifndef NODE_VIEWS_H
#define NODE_VIEWS_H

#include "node/catalog.h"
#include "node/roster.h"
#include "proto/payload.h"

/* What one hub said of one record. */
struct receipt_row {
    struct hash issuer;  /* the hub's actor */
    struct hash receipt; /* the receipt's record: the final one, once there is one */
    instant received_at;
    enum receipt_state state;
    uint32_t code;
    bool clock_doubt;
    bool others; /* the hub said other final words of it, in other epochs: views_words */
};

/* Enter what `r`, just appended, says. */
int views_apply(struct txn *t, const struct record *r, struct err *e);

/* The same for the receipt `r` of our own, which says `p` of records that are held: it is known
 * whose they are. */
void views_state_receipt(struct txn *t, const struct record *r, const struct payload_receipt *p);

/*
 * Whether what `in`, an entry of `p`, says is noted of the receipt `r`: it is about a record of the
 * author that `p` names, in the lane of that author's unit, as far as these are known. Whether its
 * hub may say anything of that unit is not asked here, as units may be stated later: who reads
 * asks.
 */
bool views_entry_counts(struct txn *t, const struct record *r, const struct payload_receipt *p,
                        const struct receipt_entry *in);

/*
 * What `issuer` said of `record`; false if nothing. Of several final words, which are of several
 * epochs, the one that says most of those that stand; where none stands, of all.
 */
bool views_receipt(struct txn *t, const struct hash *record, const struct hash *issuer,
                   struct receipt_row *ret_row);
/*
 * Whether `in` says more than `before` by the same hub: a final word more than a held one, valid
 * more than rejected, the earlier of two of a kind, and of two with one instant the one that does
 * not doubt it. Two final words are of two epochs.
 */
bool views_says_more(const struct receipt_entry *in, const struct receipt_row *before);
/* Each hub's word on `record`, as views_receipt has it. */
struct receipt_walk {
    struct walk walk;
    struct hash of[2]; /* record, issuer */
};
void views_receipts(struct receipt_walk *w, struct txn *t, const struct hash *record);
bool views_receipts_next(struct receipt_walk *w, struct receipt_row *ret_row);
/*
 * Every word of `issuer` on `record`, whether or not it stands: any of them may be the one that
 * counts, by who was ended when and whose clock was mended. views_words_next gives each.
 */
void views_words(struct receipt_walk *w, struct txn *t, const struct hash *record,
                 const struct hash *issuer);
bool views_words_next(struct receipt_walk *w, struct receipt_row *ret_row);
/* Every word of every hub on every record: begun here, each with its record into `ret_record`. */
void views_receipts_all(struct receipt_walk *w, struct txn *t);
bool views_receipts_next_of(struct receipt_walk *w, struct hash *ret_record,
                            struct receipt_row *ret_row);
void views_receipts_done(struct receipt_walk *w);

/* Read the row `key`, `value` of the table of receipts; false if it is none. */
bool views_receipt_read(struct slice key, struct slice value, struct hash *ret_record,
                        struct receipt_row *ret_row);
/* Whether `said` in the receipt `r` is noted: by itself, or a final word in the place of a held
 * one. */
bool views_receipt_noted(struct txn *t, const struct record *r, const struct receipt_entry *said);

/* Whether what is said in `receipt` stands: it was stated before its author's end. */
bool views_stands(struct txn *t, const struct hash *receipt);

/* Whether the hub that gave `row` ever had a part in the unit whose lane its receipt is in: others
 * may say nothing of it. */
bool views_may_say(const struct catalog *c, struct txn *t, const struct receipt_row *row);
/* Whether a hub that may rejected `record` and none took it as valid: one valid receipt is enough.
 */
bool views_rejected(const struct catalog *c, struct txn *t, const struct hash *record);

/* The rejection of `record` by `issuer`, worded into `why`; nothing if it was not rejected. */
int views_rejection(struct txn *t, const struct hash *record, const struct receipt_row *row,
                    struct err *why);

/* The name record of `subject`, nothing if there is none or it was erased. Names live in `a`. */
int views_name(struct txn *t, const struct uid *subject, struct arena *a,
               struct payload_name *ret_name, bool *ret_found, struct err *e);

#endif
