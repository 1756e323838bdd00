#include "core/limits.h"
#include "node/command.h"
#include "node/subject_file.h"
#include "node/verbs.h"
#include "store/host.h"

static void tell(struct command *c, const char *file, const struct subject_import *did) {
    const struct world *w = c->world;
    struct buf *words = &c->call->words;
    world_say(w, words, "%s: %u subjects; %u new, %u changed, %u gone", file, did->rows, did->added,
              did->changed, did->changes.gone);
    if (did->lists + did->names == 0)
        world_say(w, words, "everything was so already");
    else if (!c->call->dry_run)
        world_say(w, words, "%u lists and %u names are queued for the hub", did->lists, did->names);
}

static int tell_json(struct command *c, const struct subject_import *did, struct err *e) {
    const struct subject_import_view v = {
        .rows = did->rows,
        .added = did->added,
        .changed = did->changed,
        .gone = did->changes.gone,
        .dry_run = c->call->dry_run,
        .n = (uint32_t)(did->changes.list.len / sizeof(struct subject_change)),
        .list = buf_items(&did->changes.list),
        .n_fields = (uint32_t)(did->changes.other.len / sizeof(struct subject_field_change)),
        .fields = buf_items(&did->changes.other),
    };
    int rc = json_subject_import(&v, &c->call->out, e);
    if (rc == 0)
        buf_put_u8(&c->call->out, '\n');
    return rc;
}

static int import(struct command *c, const char *file, struct slice bytes, struct err *e) {
    struct problems p = {0};
    struct subject_import did = {0};
    int32_t gone = verb_number(c->call, "gone", -1);
    int rc = subject_file_import(c, bytes, file, gone < 0 ? SUBJECT_CHANGES_UNSAID : (uint32_t)gone,
                                 &p, &did, e);
    if (rc == 0)
        rc = problems_end(&p, file, c->world->tr, &c->call->words, e);
    if (rc == 0 && c->call->json)
        rc = tell_json(c, &did, e);
    if (rc == 0)
        tell(c, file, &did);
    subject_changes_done(&did.changes);
    problems_done(&p);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    const char *file = verb_arg(call, 0);
    struct buf bytes;
    struct command c;
    buf_init(&bytes);
    int rc = host_read_file(file, LIMIT_CSV_BYTES, &bytes, e);
    if (rc == 0)
        rc = command_begin(call, ROLE_NODE, COMMAND_STATE, &c, e);
    if (rc == 0)
        rc = command_end(&c, import(&c, file, buf_slice(&bytes), e), e);
    buf_done(&bytes);
    return rc;
}

const struct verb node_verb_subject_import = {
    .name = "subject import",
    .args = "FILE.csv",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_DRY_RUN | VERB_JSON,
    .options =
        (const struct verb_option[]){
            {.name = "gone",
             .kind = OPTION_NUMBER,
             .value = "N",
             .help = N_("that N subjects leave the list is meant")},
            {.name = NULL},
        },
    .help = N_("take the list of bodies and people to report about"),
    .run = run,
};
