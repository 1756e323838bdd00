#include "audit/verify_cmd.h"

#include "audit/conflict.h"
#include "audit/rerank.h"
#include "audit/verify.h"
#include "core/mem.h"
#include "proto/csv_result.h"
#include "proto/json.h"
#include "proto/kinds.h"

#include <string.h>

#define FINDINGS_SAID 20u /* in words; the JSON has all that are kept */

static const struct verb_option options[] = {
    {.name = "root",
     .value = "FINGERPRINT",
     .required = true,
     .help = N_("the fingerprint of the root that you trust: 64 hex digits")},
    {.name = "board", .kind = OPTION_FLAG, .help = N_("work out the board too")},
    {.name = "rank", .kind = OPTION_FLAG, .help = N_("work out the ranking too")},
    {.name = "at",
     .value = "INSTANT",
     .help = N_("the board as of this instant; left out: when the file was made")},
    {.name = "campaign", .value = "ID", .help = N_("of this campaign, UNIT/ID where several")},
    {.name = "period", .value = "P", .help = N_("of this period")},
    {.name = "kind", .value = "KIND", .help = N_("reports of this kind")},
    {.name = "under", .value = "CODE", .help = N_("only this unit and those below it")},
    {.name = "state", .value = "STATE", .help = N_("only rows in this state")},
    {.name = "branches",
     .kind = OPTION_FLAG,
     .help = N_("figures of each unit right below, in place of rows")},
    {.name = "group", .value = "G", .help = N_("inside this peer group; - for those in none")},
    {.name = "subject-kind",
     .value = "collective|individual",
     .help = N_("rank subjects of this kind: collective or individual")},
    {.name = "values", .value = "self|effective", .help = N_("whose values count")},
    {.name = "units-as-of", .value = "DATE", .help = N_("the units as they were on this day")},
    {.name = "limit", .kind = OPTION_NUMBER, .value = "N", .help = N_("the first N rows")},
    {.name = "subject",
     .value = "UNIT/CODE",
     .help = N_("this subject; with --limit after the first N")},
    CSV_RESULT_OPTIONS,
    {.name = NULL},
};

/* ---- the question ---- */

static int read_kinds(const struct verb_call *call, struct ask *a, struct err *e) {
    const char *kind = verb_text(call, "kind"), *state = verb_text(call, "state"),
               *subjects = verb_text(call, "subject-kind");
    if (kind && (a->kind = report_kind_parse(kind)) == 0)
        return err_set(e, ERR_USAGE, "there is no kind of report called %s", kind);
    if (state && (a->state = slot_state_parse(state)) < 0)
        return err_set(e, ERR_USAGE, "there is no state called %s", state);
    if (subjects && (a->subjects = subject_kind_parse(subjects)) == SUBJECT_ANY)
        return err_set(e, ERR_USAGE, "--subject-kind is collective or individual, not %s",
                       subjects);
    return 0;
}

static int read_values(const struct verb_call *call, struct ask *a, struct err *e) {
    const char *v = a->values = verb_text(call, "values");
    if (!v || strcmp(v, "self") == 0 || strcmp(v, "effective") == 0)
        return 0;
    if (strcmp(v, "appraised") == 0 || strcmp(v, "council") == 0)
        return err_set(e, ERR_REFUSED, "--values %s is not built yet", v);
    return err_set(e, ERR_USAGE, "--values is self, appraised, council or effective, not %s", v);
}

static int read_ask(const struct verb_call *call, struct ask *a, struct err *e) {
    const char *at = verb_text(call, "at"), *as_of = verb_text(call, "units-as-of");
    *a = (struct ask){
        .campaign = verb_text(call, "campaign"),
        .period = verb_text(call, "period"),
        .under = verb_text(call, "under"),
        .group = verb_text(call, "group"),
        .subject = verb_text(call, "subject"),
        .state = -1,
        .branches = verb_flag(call, "branches"),
        .units_as_of = DAY_NONE,
        .limit = (uint32_t)verb_number(call, "limit", 0),
        .at = INSTANT_NONE,
    };
    if (at && !instant_parse_end(at, &a->at))
        return err_set(
            e, ERR_USAGE,
            "--at: “%s” is neither a day nor an instant: write 15/12/2023 for the end of "
            "that day, or 15/12/2023 17:00",
            at);
    if (as_of && !day_parse(as_of, &a->units_as_of))
        return err_set(e, ERR_USAGE, "--units-as-of %s is no date; write 2023-12-15", as_of);
    int rc = read_kinds(call, a, e);
    if (rc == 0 && a->branches && !verb_flag(call, "board"))
        rc = err_set(e, ERR_USAGE, "--branches is about the board: give --board too");
    if (rc == 0 && a->branches && a->state >= 0)
        rc = err_set(e, ERR_USAGE, "--branches and --state exclude each other: give one");
    return rc == 0 ? read_values(call, a, e) : rc;
}

/* What parts the cells of the one table that is asked for, 0: JSON is asked for. */
static int read_csv(const struct verb_call *call, char *ret_csv, struct err *e) {
    int rc = csv_result_asked(call, ret_csv, e);
    if (rc == 0 && *ret_csv && verb_flag(call, "board") == verb_flag(call, "rank"))
        return err_set(e, ERR_USAGE, "--csv is one table: give either --board or --rank");
    return rc;
}

/* ---- the answer ---- */

/* `x` in words, with where it is, through `tr`, into `out`. */
static void word(const struct finding *x, const char *(*tr)(const char *), struct buf *out) {
    char text[ERR_ARGS * ERR_ARG_BYTES + 1024];
    struct err where = {0};
    if (x->entry > 0) {
        err_set(&where, ERR_CORRUPT, "entry %llu, at byte %zu: ", (unsigned long long)x->entry,
                x->at);
        buf_put_str(out, err_text(&where, tr, text, sizeof text));
    }
    buf_put_str(out, err_text(&x->what, tr, text, sizeof text));
}

static int put_findings(struct json *j, const char *key, const struct findings *f, struct err *e) {
    struct buf text;
    int rc = 0;
    buf_init(&text);
    json_begin_list(j, key);
    for (uint32_t i = 0; rc == 0 && i < f->n; i++) {
        buf_clear(&text);
        word(&f->list[i], NULL, &text);
        const char *what = buf_cstr(&text);
        json_begin_object(j, NULL);
        json_put_hash(j, "record", &f->list[i].record);
        json_put_text(j, "what", what);
        json_end(j);
        rc = what ? 0 : err_nomem(e);
    }
    json_end(j);
    buf_done(&text);
    return rc;
}

/* Where an answer goes: into `json`, or where that is NULL into `out`, cells parted by `csv`. */
struct answer {
    struct json *json;
    struct buf *out;
    char csv;
};

static int put_board(const struct answer *to, const struct verify *v, const struct ask *a,
                     struct err *e) {
    struct board *list;
    uint32_t n;
    bool single;
    int rc = reboard_all(&v->fold, &v->home, a, &list, &n, &single, e);
    if (rc != 0)
        return rc;
    if (to->json)
        json_put_boards(to->json, "board", list, n, single);
    else
        rc = csv_boards(list, n, a->branches, to->csv, to->out, e);
    for (uint32_t i = 0; i < n; i++)
        board_done(&list[i]);
    mem_free(list);
    return rc;
}

static int put_rank(const struct answer *to, const struct verify *v, const struct ask *a,
                    struct err *e) {
    struct ranking r;
    int rc = rerank_of(&v->fold, &v->home, a, &r, e);
    if (rc != 0)
        return rc;
    if (to->json)
        json_put_ranking(to->json, "rank", &r);
    else
        rc = csv_ranking(&r, to->csv, to->out, e);
    ranking_done(&r);
    return rc;
}

static int print_csv(struct verb_call *call, const struct verify *v, const struct ask *a, char csv,
                     struct err *e) {
    const struct answer to = {.out = &call->out, .csv = csv};
    if (!v->has_trailer)
        return 0; /* of a file that ends too early nothing is worked out; it is said why */
    return verb_flag(call, "board") ? put_board(&to, v, a, e) : put_rank(&to, v, a, e);
}

/* The unit which the file shows, and nobody beside it, above others; none where it shows all. */
static const struct uid *part_of(const struct verify *v) {
    const struct uid *for_unit = &v->end.trailer.for_unit;
    if (v->exporter && v->exporter->by == BY_NODE)
        return &v->exporter->unit;
    return v->exporter && !uid_is_zero(for_unit) ? for_unit : NULL;
}

static void put_part(struct json *j, const struct verify *v) {
    const struct uid *unit = part_of(v);
    if (unit)
        json_put_text(j, "shows_only", fold_code(&v->fold, unit, DAY_LATEST));
    else
        json_put_null(j, "shows_only");
}

static int print_json(struct verb_call *call, const struct verify *v, const struct ask *a,
                      struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    const struct answer to = {.json = j};
    json_begin_object(j, NULL);
    json_put_int(j, "records", (int64_t)v->ledger.read);
    json_put_int(j, "actors", (int64_t)v->ledger.authors);
    json_put_bool(j, "signatures_ok", v->ledger.signatures_ok);
    rc = put_findings(j, "problems", &v->findings, e);
    if (rc == 0 && v->has_trailer && verb_flag(call, "board"))
        rc = put_board(&to, v, a, e);
    else
        json_put_null(j, "board");
    if (rc == 0 && v->has_trailer && verb_flag(call, "rank"))
        rc = put_rank(&to, v, a, e);
    else if (rc == 0)
        json_put_null(j, "rank");
    if (rc == 0)
        rc = put_findings(j, "warnings", &v->warnings, e);
    put_part(j, v);
    conflict_put_all(j, v);
    json_end(j);
    if (rc == 0)
        rc = json_print(j, &call->out, e);
    if (rc == 0)
        buf_put_u8(&call->out, '\n');
    json_free(j);
    return rc;
}

/* A file may be sound and yet show a part only: whoever reads boards from it has to know. */
static void say_part(struct verb_call *call, const struct verify *v) {
    const struct uid *unit = part_of(v);
    const char *code = unit ? fold_code(&v->fold, unit, DAY_LATEST) : NULL;
    if (!unit)
        return;
    if (v->exporter->by == BY_NODE)
        world_say(call->world, &call->words,
                  "made by the office of unit %s: it shows what that office stated and what came "
                  "down to it, not what others reported",
                  code);
    else
        world_say(call->world, &call->words,
                  "made for unit %s: it shows that unit and those below it, and nothing of others; "
                  "with --under %s boards and rankings leave these out",
                  code, code);
}

/* The first of `f` for people, a line each, after `what` (a msgid; NULL: nothing). */
static void say_findings(struct verb_call *call, const struct findings *f, const char *what) {
    for (uint32_t i = 0; i < f->n && i < FINDINGS_SAID; i++) {
        char id[HASH_TEXT];
        hash_text(&f->list[i].record, id);
        if (what)
            buf_printf(&call->words, "%s: ", world_tr(call->world, what));
        if (!hash_is_zero(&f->list[i].record))
            buf_printf(&call->words, "%s: ", id);
        word(&f->list[i], call->world->tr, &call->words);
        buf_put_u8(&call->words, '\n');
    }
}

/* Options that choose a board or ranking choose nothing where none is asked for. */
static void say_idle(struct verb_call *call) {
    static const char *const idle[] = {"campaign", "period", "kind",  "under",
                                       "state",    "at",     "group", "limit"};
    if (verb_flag(call, "board") || verb_flag(call, "rank"))
        return;
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        if (verb_text(call, idle[i]))
            world_say(call->world, &call->words,
                      "--%s chooses a board or a ranking: give --board or --rank too; the file was "
                      "verified whole",
                      idle[i]);
}

static void say(struct verb_call *call, const struct verify *v) {
    say_findings(call, &v->findings, NULL);
    say_findings(call, &v->warnings, N_("warning"));
    conflict_say(call, v, FINDINGS_SAID);
    if (v->findings.total == 0)
        world_say(call->world, &call->words,
                  "%llu records by %llu authors: every signature, chain, receipt and verdict holds",
                  (unsigned long long)v->ledger.read, (unsigned long long)v->ledger.authors);
}

static int verify_and_print(struct verb_call *call, struct slice file, const struct hash *root,
                            struct ask *a, char csv, struct err *e) {
    struct verify v;
    int rc = verify_bundle(file, root, call->world, &v, e);
    if (rc == 0) {
        say(call, &v);
        say_part(call, &v);
        say_idle(call);
        if (a->at == INSTANT_NONE)
            a->at = v.end.trailer.exported_at;
        rc = csv ? print_csv(call, &v, a, csv, e) : print_json(call, &v, a, e);
    }
    if (rc == 0 && v.findings.total == 1)
        rc = err_set(e, ERR_CORRUPT, "%s does not verify: one problem; do not rely on it",
                     verb_arg(call, 0));
    else if (rc == 0 && v.findings.total > 0)
        rc = err_set(e, ERR_CORRUPT, "%s does not verify: %llu problems; do not rely on it",
                     verb_arg(call, 0), (unsigned long long)v.findings.total);
    verify_done(&v);
    return rc;
}

/* Read the fingerprint `text`, as it is printed or as it is read aloud: in groups, with spaces,
 * dashes or colons between them. */
static bool read_fingerprint(const char *text, struct hash *ret_root) {
    char digits[2 * HASH_BYTES + 1];
    size_t n = 0;
    for (; *text; text++)
        if (!strchr(" -:", *text)) {
            if (n == 2 * HASH_BYTES)
                return false;
            digits[n++] = *text;
        }
    return hex_decode(digits, n, ret_root->b, HASH_BYTES);
}

static int run(struct verb_call *call, struct err *e) {
    const struct verify_cmd_host *host = call->host;
    const char *fingerprint = verb_text(call, "root");
    struct hash root;
    struct ask ask;
    if (!read_fingerprint(fingerprint, &root))
        return err_set(e, ERR_USAGE,
                       "--root is the fingerprint of the root, 64 hex digits; “%s” is not",
                       fingerprint);
    char csv = 0;
    int rc = read_ask(call, &ask, e);
    if (rc == 0)
        rc = read_csv(call, &csv, e);
    struct buf file;
    buf_init(&file);
    if (rc == 0)
        rc = crypto_start(e);
    if (rc == 0)
        rc = host->read_file(verb_arg(call, 0), &file, e);
    if (rc == 0)
        rc = verify_and_print(call, buf_slice(&file), &root, &ask, csv, e);
    buf_done(&file);
    return rc;
}

const struct verb verify_cmd = {
    .name = "verify",
    .args = "FILE.tdb",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_NO_DATA | VERB_JSON,
    .options = options,
    .help = N_("verify a bundle: every signature, chain, enrolment, receipt and verdict"),
    .run = run,
};
