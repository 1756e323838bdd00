#include "core/mem.h"
#include "core/text.h"
#include "node/office_call.h"
#include "node/seal.h"
#include "node/verbs.h"

/* What the options say is to stand at criterion `column`. */
static int read_cell(const struct verb_call *call, const struct office *o, uint32_t column,
                     struct cell *ret_cell, struct err *e) {
    const char *points = verb_text(call, "score"), *value = verb_text(call, "value");
    if (points && !*points)
        return err_set(e, ERR_REFUSED,
                       "--score is empty: give points, as 8,5, or --value '' to empty the cell");
    if (points)
        return cell_parse(points, MODE_POINTS, office_most(o, column), office_na(o), ret_cell, e);
    if (value)
        return cell_parse(value, office_mode(o, column), office_most(o, column), office_na(o),
                          ret_cell, e);
    *ret_cell = (struct cell){.state = verb_flag(call, "met")       ? CELL_MET
                                       : verb_flag(call, "not-met") ? CELL_NOT_MET
                                                                    : CELL_NA};
    return 0;
}

/* The note as it is kept: the one given, else the one that stands there, unless `cell` empties. */
static int read_note(const struct verb_call *call, const struct office *o, uint32_t row,
                     uint32_t column, const struct cell *cell, char **ret_note, struct err *e) {
    const char *given = verb_text(call, "note");
    if (given)
        return text_nfc_lines(slice_str(given), ret_note, e);
    const char *before = cell->state == CELL_EMPTY ? NULL : sheet_note(&o->sheet, row, column);
    *ret_note = mem_strdup(before);
    return before && !*ret_note ? err_nomem(e) : 0;
}

static int write_cell(struct command *c, struct office *o, struct err *e) {
    uint32_t row, column;
    struct cell cell;
    char *note __attribute__((cleanup(mem_cleanup))) = NULL;
    int rc = office_row(o, verb_text(c->call, "subject"), &row, e);
    if (rc == 0)
        rc = office_column(o, verb_text(c->call, "criterion"), &column, e);
    if (rc == 0)
        rc = read_cell(c->call, o, column, &cell, e);
    if (rc == 0)
        rc = read_note(c->call, o, row, column, &cell, &note, e);
    if (rc == 0 && cell.state == CELL_NA && o->profile->na_allowed && !(note && *note))
        rc = err_set(e, ERR_REFUSED,
                     "%s, criterion %s: “na” needs a note that says why: give it with --note",
                     o->people.subjects.list[row].code, o->campaign->criteria.leaves[column]->id);
    bool was_na = rc == 0 && sheet_cell_const(&o->sheet, row, column)->state == CELL_NA;
    if (rc == 0)
        rc = office_write(o, row, column, &cell, note, e);
    if (rc == 0 && was_na && note && *note && cell.state != CELL_NA && !verb_text(c->call, "note"))
        world_say_with(c->world, &c->call->words, note,
                       "the note that said why it did not apply stays; --note '' takes it away:");
    if (rc == 0 && cell.state == CELL_NA)
        world_say(
            c->world, &c->call->words,
            "“na” keeps its place in the maximum until a hub confirms that it does not apply");
    if (rc == 0)
        world_say(c->world, &c->call->words,
                  "recorded: %s, criterion %s; %u values are still empty",
                  o->people.subjects.list[row].code, o->campaign->criteria.leaves[column]->id,
                  seal_empty(o, c->world, NULL, 0));
    return rc;
}

static int record(struct command *c, struct err *e) {
    struct office o;
    int rc = office_call_open(c, false, &o, e);
    if (rc != 0)
        return rc;
    rc = write_cell(c, &o, e);
    office_done(&o);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_KEEP, &c, e);
    return rc == 0 ? command_end(&c, record(&c, e), e) : rc;
}

const struct verb node_verb_record = {
    .name = "record",
    .options =
        (const struct verb_option[]){
            {.name = "subject", .value = "S", .help = N_("whom it is about"), .required = true},
            {.name = "criterion", .value = "C", .help = N_("which criterion"), .required = true},
            {.name = "score", .value = "X", .help = N_("points, as 8,5"), .one_of = 1},
            {.name = "met", .kind = OPTION_FLAG, .help = N_("it is met"), .one_of = 1},
            {.name = "not-met", .kind = OPTION_FLAG, .help = N_("it is not met"), .one_of = 1},
            {.name = "na",
             .kind = OPTION_FLAG,
             .help = N_("it does not apply; needs a note"),
             .one_of = 1},
            {.name = "value",
             .value = "V",
             .help = N_("a measured value, or any value as in a file; '' empties"),
             .one_of = 1},
            {.name = "note", .value = "T", .help = N_("a remark, or why it does not apply")},
            OFFICE_CALL_OPTIONS,
            {.name = NULL},
        },
    .help = N_("write down one value"),
    .run = run,
};
