#include "core/limits.h"
#include "node/command.h"
#include "node/subject_file.h"
#include "node/verbs.h"
#include "store/host.h"

static void tell(struct command *c, const char *file, const struct subject_import *did) {
    const struct world *w = c->world;
    struct buf *words = &c->call->words;
    world_say(w, words, "%s: %u subjects; %u new, %u changed, %u gone", file, did->rows, did->added,
              did->changed, did->gone);
    if (did->lists + did->names == 0)
        world_say(w, words, "everything was so already");
    else if (!c->call->dry_run)
        world_say(w, words, "%u lists and %u names are queued for the hub", did->lists, did->names);
}

static int import(struct command *c, const char *file, struct slice bytes, struct err *e) {
    struct problems p = {0};
    struct subject_import did = {0};
    int32_t gone = verb_number(c->call, "gone", -1);
    int rc = subject_file_import(c, bytes, file, gone < 0 ? SUBJECT_FILE_UNSAID : (uint32_t)gone,
                                 &p, &did, e);
    if (rc == 0)
        rc = problems_end(&p, file, c->world->tr, &c->call->words, e);
    if (rc == 0)
        tell(c, file, &did);
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
        rc = command_begin(call, true, &c, e);
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
    .flags = VERB_DRY_RUN,
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
