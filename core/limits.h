/*
 * Bounds: everything that comes from outside is limited here and nowhere else. The values marked
 * (wire) are protocol constants, written in proto/PROTOCOL.md; changing one changes the protocol.
 */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include <assert.h>

#define LIMIT_PAYLOAD (1024u * 1024u)        /* (wire) bytes of one record's payload */
#define LIMIT_PROOF (1 + 4 + 16 * 32 + 64)   /* (wire) bytes of a suite 2 proof at depth 16 */
#define LIMIT_RECORD (LIMIT_PAYLOAD + 1024u) /* (wire) bytes of one record, header and proof in */
#define LIMIT_FRAME (LIMIT_RECORD + 1024u)   /* (wire) bytes of one sync frame */
#define LIMIT_GUEST_FRAME 4096u              /* (wire) bytes of a frame from an unknown key */
#define LIMIT_BATCH_BYTES (64u * 1024u)      /* (wire) a RECORDS frame stops growing past this */
#define LIMIT_BATCH_RECORDS 256u             /* (wire) records in one RECORDS frame */
#define LIMIT_CREDITS 1024u                  /* (wire) records in flight, unacknowledged */
#define LIMIT_RECEIPT_ENTRIES 512u           /* (wire) records named by one receipt */
#define LIMIT_HEADS 4096u                    /* (wire) lane heads named in one hello */
#define LIMIT_MERKLE_DEPTH 16u               /* (wire) */

#define LIMIT_UNITS 65536u        /* (wire) units in a deployment */
#define LIMIT_UNIT_FACTS 1048576u /* (wire) facts about units in a deployment */
/* What a hub below the root puts into the tree of units, and what a branch does: a direct child of
 * the root with all hubs below it. A hub that states each of its 4,096 units eight times is within;
 * the root has no bound but those of the deployment. */
#define LIMIT_HUB_UNITS 4096u     /* (wire) units that one hub is the first to state */
#define LIMIT_HUB_FACTS 32768u    /* (wire) facts that one hub states */
#define LIMIT_BRANCH_UNITS 8192u  /* (wire) units that hubs of one branch are the first to state */
#define LIMIT_BRANCH_FACTS 65536u /* (wire) facts that hubs of one branch state */
/* What hubs below the root state of campaigns: versions, scoring profiles, assignments and ends, in
 * bytes of their payloads and LIMIT_CAMPAIGN_RECORD for each. The longest campaign of ops/campaigns
 * makes a payload of 16 KiB: a thousand versions as long as that are within, ten years of a hundred
 * each; and as many assignments besides where they are of the usual 10 KiB. The root has no bound.
 */
#define LIMIT_HUB_CAMPAIGNS (16u * 1024u * 1024u)    /* (wire) by one hub */
#define LIMIT_BRANCH_CAMPAIGNS (32u * 1024u * 1024u) /* (wire) by hubs of one branch */
#define LIMIT_CAMPAIGN_RECORD 1024u                  /* (wire) what one weighs beside its payload */
#define LIMIT_FACTS_PER_UNIT                                                                       \
    256u                     /* (wire) facts about one unit, beyond which only the root's count */
#define LIMIT_UNIT_DEPTH 16u /* (wire) levels of the unit tree */
#define LIMIT_ENROLMENTS (LIMIT_UNIT_DEPTH + 2) /* (wire) that lead to an actor */
#define LIMIT_UNIT_WAYS 64u /* (wire) units above one, over time, of which a hub may speak */
#define LIMIT_UNITS_PER_RECORD 1024u /* (wire) unit events in one record; more go into several */
#define LIMIT_SUCCESSORS 64u         /* (wire) units that one unit became on one day */
#define LIMIT_CHILDREN 4096u         /* (wire) children in a contact or trailer */
#define LIMIT_SUBJECTS 4096u         /* (wire) subjects in one unit's list */
#define LIMIT_CRITERIA 512u          /* (wire) criteria nodes of a campaign, inherited ones in */
#define LIMIT_VALUES 262144u         /* (wire) cells of one report */
#define LIMIT_NOTES 4096u            /* (wire) notes in one report */
#define LIMIT_PERIODS 128u           /* (wire) periods of a campaign */
#define LIMIT_PARENTS 8u             /* (wire) parents of a campaign */
#define LIMIT_DUE (LIMIT_UNIT_DEPTH + 1) /* (wire) due dates of one report: a level each, all */
#define LIMIT_LIST 1024u                 /* (wire) any other list in a campaign or profile */
#define LIMIT_ANCESTRY 32u /* (wire) campaigns that one builds on, itself among them */

#define LIMIT_CODE 32u   /* (wire) bytes of a code or id typed by people */
#define LIMIT_NAME 256u  /* (wire) bytes of a name or label */
#define LIMIT_TEXT 4096u /* (wire) bytes of a note, reason or paragraph */

#define LIMIT_PENDING_RECORDS 1024u              /* pending records kept per child */
#define LIMIT_PENDING_BYTES (8u * 1024u * 1024u) /* pending bytes kept per child */
#define LIMIT_REVISIONS 1024u                    /* (wire) revisions of one report by one author */
#define LIMIT_FORKS 1024u                        /* second records of one place kept per author */
#define LIMIT_FORK_BYTES (8u * 1024u * 1024u)    /* … and their bytes */
/* What a hub keeps of what its children bring, in bytes, whatever it says (hub/share.h). Ten years
 * of an office that states a report of 1,700 values and two revisions of it every month, all of its
 * 4,096 subjects' names anew and ten lists of them every year, weigh a third of its share. */
#define LIMIT_SHARE_NODE (256ull * 1024 * 1024)          /* by one node, in its whole life */
#define LIMIT_SHARE_HUB (16ull * 1024 * 1024 * 1024)     /* by one hub: receipts, contacts … */
#define LIMIT_SHARE_BROUGHT (64ull * 1024 * 1024 * 1024) /* of others, through one child */
#define LIMIT_SHARE_RECORD                                                                         \
    1024u                       /* what a record weighs beside its bytes: its places, its receipt */
#define LIMIT_SHARE_ANSWER 128u /* what a copy weighs that is answered */
#define LIMIT_RESERVE_BYTES                                                                        \
    (64u * 1024u * 1024u)                     /* free disk that a hub keeps for its own acts … */
#define LIMIT_RESERVE_SHARE 16u               /* … but no more than this part of a small disk */
#define LIMIT_CURSORS 16u                     /* streams of one child that are remembered */
#define LIMIT_GUESTS 64u                      /* unknown keys connected at once */
#define LIMIT_CSV_BYTES (64u * 1024u * 1024u) /* a CSV file */
#define LIMIT_CSV_ROWS LIMIT_VALUES           /* rows of a CSV file */
#define LIMIT_CSV_COLUMNS 1024u               /* columns of a CSV file */
#define LIMIT_YAML_BYTES (1024u * 1024u)      /* a campaign file */

#define LIMIT_CLOCK_SHIFT_MS 3155760000000ll /* (wire) a clock is mended by so much: 100 years */

#define LIMIT_SCORE 0xffffff /* |total| and maximum, in hundredths, stay below 2^24 */

static_assert(LIMIT_RECORD >= 180 + LIMIT_PROOF + LIMIT_PAYLOAD, "a full record fits");
static_assert(LIMIT_FRAME > LIMIT_RECORD, "a frame carries at least one record");

#endif
