#include "node/words.h"

#include <string.h>

const char *words_kind(const struct world *w, enum report_kind kind) {
    switch (kind) {
    case REPORT_ANNUAL:
        return world_tr(w, N_("annual report"));
    case REPORT_INTERIM:
        return world_tr(w, N_("interim report"));
    case REPORT_FINAL:
        return world_tr(w, N_("final report"));
    case REPORT_REGISTRATION:
        return world_tr(w, N_("registration"));
    case REPORT_NOMINATION:
        return world_tr(w, N_("nomination"));
    case REPORT_RESULT:
        return world_tr(w, N_("result"));
    case REPORT_SECTION:
        return world_tr(w, N_("section"));
    }
    return "?";
}

int words_kind_read(const char *typed, enum report_kind *ret_kind, struct err *e) {
    enum report_kind kind = report_kind_parse(typed);
    if (kind == 0)
        return err_set(e, ERR_USAGE,
                       "--kind: there is no kind of report %s; there are annual (hằng năm), "
                       "interim (sơ kết), final (tổng kết), registration (đăng ký), nomination "
                       "(đề nghị), result (kết quả), section (phần báo cáo)",
                       typed);
    *ret_kind = kind;
    return 0;
}

const char *words_state(const struct world *w, enum slot_state state) {
    switch (state) {
    case SLOT_ON_TIME:
        return world_tr(w, N_("on time"));
    case SLOT_LATE:
        return world_tr(w, N_("late"));
    case SLOT_EXCUSED:
        return world_tr(w, N_("excused"));
    case SLOT_MISSING:
        return world_tr(w, N_("missing"));
    case SLOT_UNKNOWN:
        return world_tr(w, N_("unknown"));
    case SLOT_NOT_DUE:
        return world_tr(w, N_("not due yet"));
    case SLOT_EXEMPT:
        return world_tr(w, N_("exempt"));
    }
    return "?";
}

const char *words_subject_kind(const struct world *w, enum subject_kind kind) {
    switch (kind) {
    case SUBJECT_ANY:
        return world_tr(w, N_("collectives and individuals"));
    case SUBJECT_COLLECTIVE:
        return world_tr(w, N_("collectives"));
    case SUBJECT_INDIVIDUAL:
        return world_tr(w, N_("individuals"));
    }
    return "?";
}

const char *words_level(const struct world *w, const char *level) {
    static const char *const usual[] = {N_("province"), N_("district"), N_("commune"),
                                        N_("department"), N_("hamlet")};
    for (size_t i = 0; level && i < sizeof usual / sizeof *usual; i++)
        if (strcmp(level, usual[i]) == 0)
            return world_tr(w, usual[i]);
    return level;
}

const char *words_why(const struct world *w, const char *code) {
    static const char *const words[][2] = {
        {"late", N_("came late")},
        {"other_profile", N_("scored by another profile")},
        {QUOTA_BOTH_KINDS, N_("collectives and individuals share the places")},
        {QUOTA_OTHER_GROUPS, N_("it is counted over all peer groups together")},
        {QUOTA_PART_ONLY, N_("only a part of the units that it counts is seen here")},
        {QUOTA_NOT_DECIDED, N_("who has the award that it is a share of is not decided yet")},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(code, words[i][0]) == 0)
            return world_tr(w, words[i][1]);
    return code;
}

const char *words_instant(instant t, char out[INSTANT_TEXT]) {
    out[0] = '\0';
    if (t != INSTANT_NONE)
        instant_text_people(t, out);
    return out;
}

const char *words_instant_iso(instant t, char out[INSTANT_TEXT]) {
    out[0] = '\0';
    if (t != INSTANT_NONE)
        instant_text(t, out);
    return out;
}

const char *words_short(const struct hash *h, char out[9]) {
    out[0] = '\0';
    if (!hash_is_zero(h))
        hex_encode(h->b, 4, out);
    return out;
}

const char *words_until(instant until, char out[INSTANT_TEXT]) {
    if (until == instant_of_day(instant_day(until)))
        return words_due(until, out);
    return words_instant(until, out);
}

const char *words_due(instant due, char out[INSTANT_TEXT]) {
    out[0] = '\0';
    if (due != INSTANT_NONE)
        day_text_people(instant_day(due - 1), out);
    return out;
}

const char *words_cell(const struct world *w, const struct cell *cell, char out[16]) {
    switch ((enum cell_state)cell->state) {
    case CELL_EMPTY:
        return "";
    case CELL_NA:
        return world_tr(w, N_("not applicable"));
    case CELL_NOT_MET:
        return world_tr(w, N_("not met"));
    case CELL_MET:
        return world_tr(w, N_("met"));
    case CELL_SCORE:
    case CELL_VALUE:
        score_text_people(cell->value, out);
        return out;
    }
    return "";
}
