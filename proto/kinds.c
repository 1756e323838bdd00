#include "proto/kinds.h"

#include "core/world.h"

#include <stddef.h>

static const struct kind_rule rules[] = {
    [KIND_GENESIS] = {KIND_GENESIS, N_("genesis"), BY_ROOT_KEY, LANE_ZERO, false, false},
    [KIND_GRANT] = {KIND_GRANT, N_("grant"), BY_ROOT_KEY, LANE_ZERO, false, false},
    [KIND_ROTATE] = {KIND_ROTATE, N_("rotate"), BY_HUB | BY_NODE, LANE_OWN, false, false},
    [KIND_REVOKE] = {KIND_REVOKE, N_("revoke"), BY_ROOT_KEY | BY_HUB, LANE_ZERO, false, false},
    [KIND_SUCCESSION] = {KIND_SUCCESSION, N_("succession"), BY_ROOT_KEY, LANE_ZERO, false, false},
    [KIND_ENROL] = {KIND_ENROL, N_("enrol"), BY_HUB, LANE_ZERO, false, false},
    [KIND_UNITS] = {KIND_UNITS, N_("units"), BY_HUB, LANE_ZERO, false, false},
    [KIND_CAMPAIGN] = {KIND_CAMPAIGN, N_("campaign"), BY_HUB, LANE_ZERO, false, false},
    [KIND_PROFILE] = {KIND_PROFILE, N_("profile"), BY_HUB, LANE_ZERO, false, false},
    [KIND_CAMPAIGN_WITHDRAW] = {KIND_CAMPAIGN_WITHDRAW, N_("campaign-withdraw"), BY_HUB, LANE_ZERO,
                                false, false},
    [KIND_CAMPAIGN_ASSIGN] = {KIND_CAMPAIGN_ASSIGN, N_("campaign-assign"), BY_HUB, LANE_ZERO, false,
                              false},
    [KIND_HOLIDAYS] = {KIND_HOLIDAYS, N_("holidays"), BY_HUB, LANE_ZERO, false, false},
    [KIND_ROLE] = {KIND_ROLE, N_("role"), BY_HUB, LANE_ZERO, false, false},
    [KIND_JOIN] = {KIND_JOIN, N_("join"), BY_NODE | BY_HUB, LANE_OWN, false, false},
    [KIND_SUBJECTS] = {KIND_SUBJECTS, N_("subjects"), BY_NODE, LANE_OWN, false, false},
    [KIND_SUBJECT_NAME] = {KIND_SUBJECT_NAME, N_("subject-name"), BY_NODE, LANE_OWN, true, false},
    [KIND_REPORT] = {KIND_REPORT, N_("report"), BY_NODE, LANE_OWN, false, true},
    [KIND_WITHDRAWAL] = {KIND_WITHDRAWAL, N_("withdrawal"), BY_NODE, LANE_OWN, false, true},
    [KIND_REGISTRATION] = {KIND_REGISTRATION, N_("registration"), BY_NODE, LANE_OWN, false, true},
    [KIND_DOSSIER] = {KIND_DOSSIER, N_("dossier"), BY_NODE, LANE_OWN, true, true},
    [KIND_EVIDENCE] = {KIND_EVIDENCE, N_("evidence"), BY_NODE, LANE_OWN, true, true},
    [KIND_RECEIPT] = {KIND_RECEIPT, N_("receipt"), BY_HUB, LANE_CHILD, false, false},
    [KIND_RETURN] = {KIND_RETURN, N_("return"), BY_HUB, LANE_CHILD, false, false},
    [KIND_REVIEW] = {KIND_REVIEW, N_("review"), BY_HUB, LANE_CHILD, false, false},
    [KIND_EXTENSION] = {KIND_EXTENSION, N_("extension"), BY_HUB, LANE_CHILD, false, false},
    [KIND_APPRAISAL] = {KIND_APPRAISAL, N_("appraisal"), BY_HUB, LANE_CHILD, false, false},
    [KIND_COUNCIL] = {KIND_COUNCIL, N_("council"), BY_HUB, LANE_CHILD, false, false},
    [KIND_DECISION] = {KIND_DECISION, N_("decision"), BY_HUB, LANE_CHILD, false, false},
    [KIND_CONTACT] = {KIND_CONTACT, N_("contact"), BY_HUB, LANE_OWN, false, false},
    [KIND_RANKING] = {KIND_RANKING, N_("ranking"), BY_HUB, LANE_OWN, false, false},
    [KIND_CLOCK_MEND] = {KIND_CLOCK_MEND, N_("clock-mend"), BY_ROOT_KEY | BY_HUB, LANE_ZERO, false,
                         false},
    [KIND_ADDRESS] = {KIND_ADDRESS, N_("address"), BY_HUB, LANE_ZERO, false, false},
    [KIND_VOTE] = {KIND_VOTE, N_("vote"), BY_HUB, LANE_OWN, true, false},
    [KIND_ERASURE] = {KIND_ERASURE, N_("erasure"), BY_NODE | BY_HUB, LANE_CHILD, false, true},
};

const struct kind_rule *kind_rule(uint16_t kind) {
    bool known = kind < sizeof rules / sizeof *rules && rules[kind].kind == kind;
    return known && kind != 0 ? &rules[kind] : NULL;
}
