#include "core/csv_out.h"
#include "node/office_call.h"
#include "node/sheet_file.h"
#include "node/show_campaign.h"
#include "node/verbs.h"
#include "store/host.h"

#include <string.h>

static int write_sheet(struct command *c, const char *file, struct err *e) {
    struct verb_call *call = c->call;
    struct office o;
    struct buf sheet;
    char separator = 0;
    int rc = csv_out_separator(verb_text(call, "separator"), &separator, e);
    if (rc == 0)
        rc = office_call_open(c, true, &o, e);
    if (rc != 0)
        return rc;
    buf_init(&sheet);
    rc = sheet_file_write(&o, c->world, separator, &sheet, e);
    if (rc == 0)
        rc = host_write_file(file, buf_slice(&sheet), 0600, HOST_NEW, e);
    if (rc == 0)
        world_say(c->world, &call->words,
                  "%s: %u subjects of %s for %s %s; fill it in and `import` it", file,
                  o.people.subjects.n, o.unit->code, o.campaign->c.id, o.period->id);
    if (rc == 0 && o.damaged)
        world_say(c->world, &call->words,
                  "the store is damaged: values in this sheet may be missing, or older than the "
                  "last. Look over every one before you `import` it");
    if (rc == 0)
        show_campaign_reconstructed(o.campaign, c->world, &call->words);
    buf_done(&sheet);
    office_done(&o);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_READ, &c, e);
    return rc == 0 ? command_end(&c, write_sheet(&c, verb_arg(call, 0), e), e) : rc;
}

const struct verb node_verb_template = {
    .name = "template",
    .args = "FILE.csv",
    .min_args = 1,
    .max_args = 1,
    .options =
        (const struct verb_option[]){
            OFFICE_CALL_OPTIONS,
            {.name = "separator",
             .value = "comma|semicolon|tab",
             .help = N_("what stands between cells (comma)")},
            {.name = NULL},
        },
    .help = N_("write a sheet to fill in: a row per subject, a column per criterion"),
    .run = run,
};
