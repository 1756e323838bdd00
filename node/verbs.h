/* The verbs of thidua-node, one a file: verb_*.c; `join` and `sync` are the program itself:
 * node/noded.c. */
#ifndef NODE_VERBS_H
#define NODE_VERBS_H

#include "core/verb.h"

extern const struct verb node_verb_subject_import;
extern const struct verb node_verb_subject_list;
extern const struct verb node_verb_subject_show;
extern const struct verb node_verb_campaign_list;
extern const struct verb node_verb_campaign_show;
extern const struct verb node_verb_template;
extern const struct verb node_verb_record;
extern const struct verb node_verb_import;
extern const struct verb node_verb_score;
extern const struct verb node_verb_submit;
extern const struct verb node_verb_withdraw;
extern const struct verb node_verb_status;
extern const struct verb node_verb_report_list;
extern const struct verb node_verb_report_show;
extern const struct verb node_verb_rank;
extern const struct verb node_verb_rotate;
extern const struct verb node_verb_bundle_export;
extern const struct verb node_verb_check;
extern const struct verb node_verb_backup;

#endif
