/* clang-format off */
/*
 * The standing book: rankings kept inside the store, so that nobody has to compute them again. What
 * is written here and how to read it; standing_keep keeps it, standing_view answers from it.
 *
 * One standing is what stands in (campaign lineage, period, kind of report), with units as on the
 * day that goes without saying, below this hub:
 *
 *     standings  standing 8 ‖ 0                  its name, and whether it is kept at all
 *                standing 8 ‖ 1 ‖ group text‖00  a peer group of units: number, units in question
 *                standing 8 ‖ 2 ‖ unit uid       the report in force of one unit: its rows
 *     places     set ‖ level 1 ‖ place           who is ranked, in order, in counted sets
 *                set ‖ ff ‖ codes                who is not
 *
 *     set        standing 8 ‖ kind of subject 1 ‖ number of the peer group 2
 *     place      tie ‖ unit code‖00 ‖ subject code‖00 ‖ row 2
 *     tie        rank_key, inverted 10 ‖ each comparator, inverted 8
 *     codes      unit code‖00 ‖ subject code‖00 ‖ row 2
 *
 * Inverted, so that who goes first comes first; what ties has one tie. A row stands in the set of
 * every group it is in: of those that the campaign declares for its kind of subject, counted from
 * 0; STANDING_NO_GROUP for those in none; where none is declared, of its unit's own group, counted
 * in order of their texts.
 *
 * Everything here follows from records; a standing is named by a hash of its name and groups are
 * numbered by their order, so that the same records make the same bytes, whatever came first.
 */
/* clang-format on */
#ifndef NODE_STANDING_BOOK_H
#define NODE_STANDING_BOOK_H

#include "node/slots.h"
#include "node/standing_rows.h"
#include "store/counted.h"

#define STANDING_COMPARATORS_MAX 20u /* a campaign with more is ranked from scratch */
#define STANDING_NO_GROUP 0xffffu

struct standing_id {
    uint8_t b[8];
};
/* The standing that `slot`, whose unit has no say, belongs to. */
struct standing_id standing_id_of(const struct slot *slot);

enum standing_kept { STANDING_ABSENT, STANDING_KEPT, STANDING_NOT_KEPT };
/* Whether the standing of `slot` is in the book. */
enum standing_kept standing_book_has(struct txn *t, const struct slot *slot);
void standing_book_open(struct txn *t, const struct slot *slot, bool kept);

/* One peer group of units. */
struct standing_group_row {
    uint32_t number;
    uint32_t in_question; /* units that are asked, or have a report */
};
bool standing_book_group(struct txn *t, const struct standing_id *id, const char *group,
                         struct standing_group_row *ret_row);
void standing_book_put_group(struct txn *t, const struct standing_id *id, const char *group,
                             const struct standing_group_row *row);
/* Each group with its text. */
void standing_book_groups(struct walk *w, struct key *prefix, struct txn *t,
                          const struct standing_id *id);
bool standing_book_groups_next(struct walk *w, const char **ret_group,
                               struct standing_group_row *ret_row);

/* The report of one unit, as the book has it; lists point into the store. */
struct standing_held {
    struct hash report, profile;
    struct uid lane;
    uint32_t revision, older_profile, older_version;
    enum slot_state state;
    const char *excluded; /* NULL: its rows are ranked */
    uint32_t n;
    struct slice all; /* the value */
};
bool standing_book_unit(struct txn *t, const struct standing_id *id, const struct uid *unit,
                        struct standing_held *ret_held);

/* Whether a key in `standings` is that of a unit. */
bool standing_is_unit_key(struct slice key);

/* One row of it. */
struct standing_held_row {
    uint32_t row; /* in the report; 0: the unit itself */
    enum subject_kind kind;
    struct uid subject;
    int32_t total, max;
    uint32_t grade; /* its number in the profile; STANDING_NO_GRADE: none */
    const char *code, *class_id;
    struct slice place, groups; /* numbers, 2 each */
};
#define STANDING_NO_GRADE 0xffffu
/* The `i`th row of `h`; false if it is damaged. */
bool standing_held_row(const struct standing_held *h, uint32_t i,
                       struct standing_held_row *ret_row);

/* The counted set of `kind` in group `number` of `id`. */
struct counted standing_set(struct txn *t, const struct standing_id *id, enum subject_kind kind,
                            uint32_t number);
/* What the rows of `set` that are not ranked start with. */
struct key standing_excluded_prefix(const struct counted *set);
/* Whose row a value in `places` means. */
bool standing_place_read(struct slice value, struct uid *ret_unit, uint32_t *ret_index);
/* How many bytes the tie has of a place in a campaign with `n_comparators`. */
size_t standing_tie_bytes(uint32_t n_comparators);
/* What comparator `i` compares of whoever stands at `place`, which has it. */
int64_t standing_place_key(struct slice place, uint32_t i);
/* Whether a place that begins with `tie` has a rank. */
bool standing_is_ranked(struct slice place);

/*
 * The value of a unit with the report `sheet`, into `out`: `groups(arg, subject kind, class, out)`
 * puts the numbers of the groups that a row is in, 2 bytes each.
 */
typedef void standing_groups_of(void *arg, enum subject_kind kind, const char *class_id,
                                struct buf *out);
int standing_book_encode(const struct standing_sheet *sheet, standing_groups_of *groups, void *arg,
                         struct buf *out, struct err *e);
/* Enter, and take out, a unit with all its places; how many there are. */
uint32_t standing_book_put(struct txn *t, const struct standing_id *id, const struct uid *unit,
                           struct slice value);
uint32_t standing_book_remove(struct txn *t, const struct standing_id *id, const struct uid *unit);

#endif
