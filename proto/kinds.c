#include "proto/kinds.h"

#include <stddef.h>
#include <stdio.h>

static const struct kind_rule rules[] = {
    {KIND_GENESIS, "genesis", BY_ROOT_KEY, LANE_ZERO, false, false},
    {KIND_GRANT, "grant", BY_ROOT_KEY, LANE_ZERO, false, false},
    {KIND_ROTATE, "rotate", BY_HUB | BY_NODE, LANE_OWN, false, false},
    {KIND_REVOKE, "revoke", BY_ROOT_KEY | BY_HUB, LANE_ZERO, false, false},
    {KIND_SUCCESSION, "succession", BY_ROOT_KEY, LANE_ZERO, false, false},
    {KIND_ENROL, "enrol", BY_HUB, LANE_ZERO, false, false},
    {KIND_UNITS, "units", BY_HUB, LANE_ZERO, false, false},
    {KIND_CAMPAIGN, "campaign", BY_HUB, LANE_ZERO, false, false},
    {KIND_PROFILE, "profile", BY_HUB, LANE_ZERO, false, false},
    {KIND_CAMPAIGN_WITHDRAW, "campaign-withdraw", BY_HUB, LANE_ZERO, false, false},
    {KIND_CAMPAIGN_ASSIGN, "campaign-assign", BY_HUB, LANE_ZERO, false, false},
    {KIND_HOLIDAYS, "holidays", BY_HUB, LANE_ZERO, false, false},
    {KIND_ROLE, "role", BY_HUB, LANE_ZERO, false, false},
    {KIND_JOIN, "join", BY_NODE | BY_HUB, LANE_OWN, false, false},
    {KIND_SUBJECTS, "subjects", BY_NODE, LANE_OWN, false, false},
    {KIND_SUBJECT_NAME, "subject-name", BY_NODE, LANE_OWN, true, false},
    {KIND_REPORT, "report", BY_NODE, LANE_OWN, false, true},
    {KIND_WITHDRAWAL, "withdrawal", BY_NODE, LANE_OWN, false, true},
    {KIND_REGISTRATION, "registration", BY_NODE, LANE_OWN, false, true},
    {KIND_DOSSIER, "dossier", BY_NODE, LANE_OWN, true, true},
    {KIND_EVIDENCE, "evidence", BY_NODE, LANE_OWN, true, true},
    {KIND_RECEIPT, "receipt", BY_HUB, LANE_CHILD, false, false},
    {KIND_RETURN, "return", BY_HUB, LANE_CHILD, false, false},
    {KIND_REVIEW, "review", BY_HUB, LANE_CHILD, false, false},
    {KIND_EXTENSION, "extension", BY_HUB, LANE_CHILD, false, false},
    {KIND_APPRAISAL, "appraisal", BY_HUB, LANE_CHILD, false, false},
    {KIND_COUNCIL, "council", BY_HUB, LANE_CHILD, false, false},
    {KIND_DECISION, "decision", BY_HUB, LANE_CHILD, false, false},
    {KIND_CONTACT, "contact", BY_HUB, LANE_OWN, false, false},
    {KIND_RANKING, "ranking", BY_HUB, LANE_OWN, false, false},
    {KIND_CLOCK_MEND, "clock-mend", BY_ROOT_KEY | BY_HUB, LANE_ZERO, false, false},
    {KIND_ADDRESS, "address", BY_HUB, LANE_ZERO, false, false},
    {KIND_VOTE, "vote", BY_HUB, LANE_OWN, true, false},
    {KIND_ERASURE, "erasure", BY_NODE | BY_HUB, LANE_CHILD, false, true},
};

const struct kind_rule *kind_rule(uint16_t kind) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].kind == kind)
            return &rules[i];
    return NULL;
}

const char *kind_name(uint16_t kind, char out[16]) {
    const struct kind_rule *r = kind_rule(kind);
    if (r)
        return r->name;
    (void)snprintf(out, 16, "kind %u", (unsigned)kind);
    return out;
}
