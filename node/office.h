/*
 * Office: what every act on a sheet begins with. Which unit is reported for, in which campaign and
 * period; its people; its draft; and the rules that the sheet is held against.
 */
#ifndef NODE_OFFICE_H
#define NODE_OFFICE_H

#include "core/sheet.h"
#include "node/draft.h"
#include "node/people.h"

/* What was asked for; NULL: whatever goes without saying. */
struct office_choice {
    const char *unit, *campaign, *period;
    bool damaged_too; /* a sheet that is damaged is opened as well: with what of it can be read */
};

struct office {
    struct actor *actor;
    struct txn *t;
    const struct unit_fact *unit;
    struct catalog_campaign *campaign;
    const struct period *period;
    const struct profile *profile;
    struct hash profile_record; /* zero: met / not met */
    struct people people;
    struct sheet sheet; /* the draft */
    uint32_t strays;    /* drafted cells that have no place in the sheet any more */
    bool damaged;       /* the sheet is: values of it may be lost, or older ones */
};

/*
 * The unit called `code` (NULL: the actor's own) on `today`: the actor's own or one below it that
 * has no node. ERR_REFUSED says what is wrong with another.
 */
int office_unit(struct actor *a, struct txn *t, const char *code, day today,
                const struct unit_fact **ret_unit, struct err *e);

/*
 * The campaign called `name` into `ret_campaign`. With NULL the only one that asks `unit` for a
 * report; where none or several do, the only one that anybody reports to. ERR_REFUSED lists what
 * there is.
 */
int office_campaign(const struct catalog *c, const char *name, const struct uid *unit, day today,
                    struct catalog_campaign **ret_campaign, struct err *e);

/*
 * Open what `choice` names at `today` over `t`, into `ret_office`, which lives no longer than `t`
 * and is freed by office_done. ERR_REFUSED says what is missing or ambiguous, ERR_CORRUPT that the
 * sheet is damaged.
 */
int office_open(struct actor *a, struct txn *t, const struct office_choice *choice, day today,
                struct office *ret_office, struct err *e);
void office_done(struct office *o);
/* Open the sheet of the draft `d` in the same way. Not open where something of it is not here or
 * not whole, of which whoever works on that very sheet is told. */
int office_open_draft(struct actor *a, struct txn *t, const struct draft *d,
                      struct office *ret_office, bool *ret_open, struct err *e);

/* Empty the sheet of `o` and its draft, whether it is damaged or not. */
void office_begin_anew(struct office *o);

/* The rules of the sheet, and where its draft lies; both valid as long as `o`. */
struct sheet_rules office_rules(const struct office *o);
struct draft office_draft(const struct office *o);
/* Whether criterion `column` applies to subject `row`. */
bool office_applies(const struct office *o, uint32_t row, uint32_t column);
/* How the cells of criterion `column` are written. */
enum score_mode office_mode(const struct office *o, uint32_t column);
/* Whether `not applicable` may be written anywhere. */
bool office_na(const struct office *o);
/* The largest number that may be typed at `column`. */
score office_most(const struct office *o, uint32_t column);

/*
 * Check that `cell` with `note` (NULL: none) may stand at `row`, `column`, and change the sheet in
 * memory and its draft in the store. An empty cell empties.
 */
int office_write(struct office *o, uint32_t row, uint32_t column, const struct cell *cell,
                 const char *note, struct err *e);

/*
 * The row of subject `code` (the unit's own code, or UNIT/CODE with that unit, too) and the column
 * of criterion `id`. ERR_REFUSED says what there is, or what was meant where a spreadsheet ate a
 * leading zero.
 */
int office_row(const struct office *o, const char *code, uint32_t *ret_row, struct err *e);
int office_column(const struct office *o, const char *id, uint32_t *ret_column, struct err *e);

#endif
