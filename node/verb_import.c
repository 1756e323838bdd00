#include "core/limits.h"
#include "node/office_call.h"
#include "node/seal.h"
#include "node/sheet_file.h"
#include "node/verbs.h"
#include "store/host.h"

static int read_sheet(struct command *c, struct office *o, const char *file, struct slice bytes,
                      struct err *e) {
    const struct world *w = c->world;
    struct buf *words = &c->call->words;
    struct problems p = {0};
    struct sheet_file_did did = {.changed = 0};
    int rc = sheet_file_read(o, w, bytes, file, &p, &did, e);
    if (rc == 0)
        rc = problems_end(&p, file, w->tr, words, e);
    problems_done(&p);
    if (rc != 0)
        return rc;
    uint32_t empty = seal_empty(o, w, NULL, 0);
    world_say(w, words, "%s: %u values of %s changed for %s %s; %u are still empty", file,
              did.changed, o->unit->code, o->campaign->c.id, o->period->id, empty);
    if (did.kept > 0)
        world_say(w, words,
                  "%s: where a cell is empty, what was recorded before stays: so it is with %u "
                  "values; `record --value ''` empties one",
                  file, did.kept);
    return 0;
}

static int import(struct command *c, const char *file, struct slice bytes, struct err *e) {
    struct office o;
    int rc = office_call_open(c, true, &o, e);
    if (rc != 0)
        return rc;
    if (o.damaged) {
        office_begin_anew(&o);
        world_say(c->world, &c->call->words,
                  "the sheet was damaged: it is what %s says now, and nothing else", file);
    }
    rc = read_sheet(c, &o, file, bytes, e);
    office_done(&o);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    const char *file = verb_arg(call, 0);
    struct buf bytes;
    struct command c;
    buf_init(&bytes);
    int rc = host_read_file(file, LIMIT_CSV_BYTES, &bytes, e);
    if (rc == 0)
        rc = command_begin(call, ROLE_NODE, COMMAND_KEEP, &c, e);
    if (rc == 0)
        rc = command_end(&c, import(&c, file, buf_slice(&bytes), e), e);
    buf_done(&bytes);
    return rc;
}

const struct verb node_verb_import = {
    .name = "import",
    .args = "FILE.csv",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_DRY_RUN,
    .options =
        (const struct verb_option[]){
            OFFICE_CALL_OPTIONS,
            {.name = NULL},
        },
    .help = N_("take values from a file: subject,criterion,value,note or a template's sheet"),
    .run = run,
};
