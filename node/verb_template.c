#include "node/command.h"
#include "node/sheet_file.h"
#include "node/show_campaign.h"
#include "node/verbs.h"
#include "store/host.h"

static int write_sheet(struct command *c, const char *file, struct err *e) {
    struct verb_call *call = c->call;
    struct office_choice choice = {verb_text(call, "unit"), verb_text(call, "campaign"),
                                   verb_text(call, "period")};
    struct office o;
    struct buf sheet;
    int rc = office_open(&c->actor, c->t, &choice, c->today, &o, e);
    if (rc != 0)
        return rc;
    buf_init(&sheet);
    rc = sheet_file_write(&o, &sheet, e);
    if (rc == 0)
        rc = host_write_file(file, buf_slice(&sheet), 0600, HOST_NEW, e);
    if (rc == 0)
        world_say(c->world, &call->words,
                  "%s: %u subjects of %s for %s %s; fill it in and `import` it", file,
                  o.people.subjects.n, o.unit->code, o.campaign->c.id, o.period->id);
    if (rc == 0)
        show_campaign_reconstructed(o.campaign, c->world, &call->words);
    buf_done(&sheet);
    office_done(&o);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, false, &c, e);
    return rc == 0 ? command_end(&c, write_sheet(&c, verb_arg(call, 0), e), e) : rc;
}

const struct verb node_verb_template = {
    .name = "template",
    .args = "FILE.csv",
    .min_args = 1,
    .max_args = 1,
    .options =
        (const struct verb_option[]){
            {.name = "campaign", .value = "ID", .help = N_("of which campaign")},
            {.name = "period", .value = "P", .help = N_("of which period")},
            {.name = "unit", .value = "CODE", .help = N_("for a unit below that has no machine")},
            {.name = NULL},
        },
    .help = N_("write a sheet to fill in: a row per subject, a column per criterion"),
    .run = run,
};
