/* The verbs of thidua-hub, one a file: verb_*.c; `serve` is the program itself: hub/hubd.c. */
#ifndef HUB_VERBS_H
#define HUB_VERBS_H

#include "core/verb.h"

extern const struct verb hub_verb_init;
extern const struct verb hub_verb_enrol;
extern const struct verb hub_verb_unit_import;
extern const struct verb hub_verb_unit_apply;
extern const struct verb hub_verb_unit_list;
extern const struct verb hub_verb_campaign_issue;
extern const struct verb hub_verb_campaign_list;
extern const struct verb hub_verb_campaign_show;
extern const struct verb hub_verb_campaign_assign;
extern const struct verb hub_verb_campaign_withdraw;
extern const struct verb hub_verb_board;
extern const struct verb hub_verb_rank;
extern const struct verb hub_verb_report_list;
extern const struct verb hub_verb_report_show;
extern const struct verb hub_verb_extend;
extern const struct verb hub_verb_renew;
extern const struct verb hub_verb_rotate;
extern const struct verb hub_verb_revoke;
extern const struct verb hub_verb_clock_list;
extern const struct verb hub_verb_clock_mend;
extern const struct verb hub_verb_bundle_export;
extern const struct verb hub_verb_check;
extern const struct verb hub_verb_backup;
extern const struct verb hub_verb_conflict_list;
extern const struct verb hub_verb_waiting_list;

#endif
