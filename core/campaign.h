/*
 * Campaigns: what an issuer asks of its subtree, as data. One struct holds everything that a plan
 * says; a plan that nobody has shown us needs no change of code.
 *
 * Who reads what: criteria, periods and report kinds drive recording, due dates, judging and the
 * ranking; the rest (roles, recipients, routes, sources, errata, dossier, forms, awards) is
 * carried, shown and checked for shape.
 *
 * Every list is `n_x` items at `x`. Strings are NFC, never NULL once loaded (empty: not given).
 * Names of things inside one campaign (criteria, periods, awards …) are ids typed by people, unique
 * in their list. Units are named by id; a file names them by code and `campaign issue` resolves.
 */
#ifndef CORE_CAMPAIGN_H
#define CORE_CAMPAIGN_H

#include "core/err.h"
#include "core/id.h"
#include "core/instant.h"

#include <stdbool.h>
#include <stdint.h>

typedef int32_t score; /* hundredths of a point, or of whatever an indicator counts in */
#define SCORE_NONE INT32_MIN

enum subject_kind { SUBJECT_ANY = 0, SUBJECT_COLLECTIVE = 1, SUBJECT_INDIVIDUAL = 2 };

enum report_kind {
    REPORT_ANNUAL = 1,
    REPORT_INTERIM,
    REPORT_FINAL,
    REPORT_REGISTRATION,
    REPORT_NOMINATION,
    REPORT_RESULT,
    REPORT_SECTION,
};
#define REPORT_KINDS 7

/* Text in both languages; each may be empty, then the other is shown. */
struct label {
    char *vi, *en;
};

/* The date rule of one due date. See core/due.h for what instant it makes. */
enum due_recurrence { DUE_ONCE, DUE_YEARLY, DUE_PERIOD_END, DUE_UNDATED };
enum due_roll { ROLL_NONE, ROLL_NEXT, ROLL_PREVIOUS };
struct due_rule {
    char *level; /* for units of this level; empty: for all */
    enum due_recurrence recurrence;
    int32_t year, month, day; /* the date; year is 0 unless DUE_ONCE */
    int32_t days_after;       /* DUE_PERIOD_END: days after the period's last day */
    bool inclusive; /* "chậm nhất ngày": the day itself is in time; "trước ngày": not */
    enum due_roll roll; /* off a weekend or holiday, to a working day */
};

/* A selection of units: all that match every given list, plus `include`, minus `exclude`. */
struct selection {
    uint32_t n_levels, n_kinds, n_groups, n_include, n_exclude;
    char **levels, **kinds, **groups;
    struct uid *include, *exclude;
    char *condition; /* a unit attribute that must hold (see unit_attribute); empty: none */
    day from, until; /* the selection holds for due instants in [from, until); DAY_NONE: open */
};

enum receipt_basis { BASIS_FIRST_HUB, BASIS_ROOT };
enum late_rule { LATE_MARK, LATE_PENALTY, LATE_EXCLUDE };

/* One kind of report that is asked for. */
struct report_rule {
    enum report_kind kind;
    bool is_default;          /* the kind meant where nobody says one */
    enum receipt_basis basis; /* whose receipt counts: the first hub's, or the root's */
    bool allow_incomplete;
    enum late_rule late;
    score late_penalty;  /* LATE_PENALTY: taken off the total, per report */
    int32_t return_days; /* how long a return stays open by default */
    uint32_t n_due;      /* none: no date is asked, the slot is never due */
    struct due_rule *due;
    uint32_t n_expected; /* dated selections; none: every unit of the issuer's subtree */
    struct selection *expected;
    bool embedded; /* a section of a more general report */
    char *embedded_in;
    enum report_kind needs; /* counts only once one of this kind was there before; 0: by itself */
};

struct period {
    char *id;               /* 2023, 2023-H1, 2023-Q3, 2023-10, 2019-2025 */
    day begin, end, cutoff; /* end and cutoff are the last day that counts */
};

/* What a criterion asks of a subject before it applies. All given conditions must hold. */
struct applicability {
    uint32_t n_attributes, n_classes, n_unit_attributes;
    char **attributes;      /* of the subject: leader, uniformed */
    char **classes;         /* of the subject: any one of them */
    char **unit_attributes; /* of the unit: takes_part … */
};

enum indicator_test { TEST_NONE, TEST_GT, TEST_GE, TEST_LT, TEST_LE, TEST_EQ };

struct criterion {
    char *id;
    char *parent;                /* id of the node above; empty: top */
    bool leaf;                   /* only leaves take values */
    bool collective, individual; /* whom it is about; a general criterion is about both */
    struct label label;
    struct applicability applies;
    enum indicator_test test; /* an indicator has a threshold, in hundredths; else TEST_NONE */
    bool threshold_unknown;   /* the source left the number blank: prints as `chưa định` */
    score threshold;
    char *unit_of_measure; /* %, mô hình … */
    bool is_aim;           /* shown, no condition of an award and not part of a score */
    int32_t source_line;   /* where the plan says it; 0: not known */
    uint32_t n_references;
    char **references; /* what it rests on: ids of sources of its own campaign */
};

enum inherit { INHERIT_NONE, INHERIT_CRITERIA };
struct campaign_parent {
    char *id;        /* campaign id as its issuer names it; may be one that is not at hand */
    char *issuer;    /* unit code of its issuer, empty: any */
    char *reference; /* number and date of the document */
    enum inherit inherit;
    struct hash record; /* the exact version; zero: not at hand, only named */
};

enum milestone_precision { MILESTONE_DAY, MILESTONE_YEAR };
struct milestone {
    char *id;
    struct label label;
    enum milestone_precision precision;
    int32_t year, month, day; /* month and day 0 with MILESTONE_YEAR: due at that year's end */
    bool missing_after;       /* counts as missing once past; only if the campaign says so */
};

/* Of a model that is to be awarded: what it has to have been kept up from, until the review. */
enum upkeep { UPKEEP_NONE, UPKEEP_FROM_LAUNCH, UPKEEP_FROM_REGISTRATION };
struct award {
    char *id;
    struct label label;
    char *occasion; /* yearly, interim, final … */
    char *
        authority; /* who grants it: commune_chair, district_chair, province_chair, pm, president */
    day from, until; /* the rule of authority holds on these days; DAY_NONE: open */
    char *note;      /* e.g. a line of the source that the law does not bear out: warn */
    char *condition; /* for what it is given, and who goes first */
    enum upkeep upkeep;
};

enum quota_scope { QUOTA_ISSUER, QUOTA_GROUP, QUOTA_UNIT };
enum quota_rounding { ROUND_DOWN, ROUND_UP, ROUND_HALF_UP };
enum quota_mode { QUOTA_WARN, QUOTA_BLOCK };
struct quota {
    char *id;
    char *award; /* id of the award; empty: of the ranking as such */
    enum subject_kind subjects;
    enum quota_scope scope;
    enum quota_mode mode;
    bool is_percentage;
    int32_t amount; /* a count, or hundredths of a percent */
    char *base;     /* a percentage of what: subjects, or another award's id */
    enum quota_rounding rounding;
};

/* A named thing with a text: dossier parts, recipients, routes, roles, sources, errata. */
struct item {
    char *id;   /* may be empty */
    char *role; /* for roles: follower, oversight, …; for routes: from>via>to; else empty */
    char *whom; /* unit kind, body or code that it names; may be empty */
    struct label label;
    char *text; /* verbatim or explaining text, NFC, LIMIT_TEXT */
};

struct form_field {
    char *id;
    struct label label;
    bool required;
};
struct form {
    char *id;
    enum report_kind kind; /* the report that carries it */
    struct label label;
    uint32_t n_fields;
    struct form_field *fields;
};

/* Peer group (cụm, khối): ranking happens inside one. Units or subject classes, never both. */
struct peer_group {
    char *id;
    struct label label;
    enum subject_kind subjects; /* of which kind; SUBJECT_ANY: both */
    uint32_t n_units, n_classes;
    struct uid *units;
    char **classes;
};

/* A unit attribute that criteria and selections may ask for, and who has it. */
struct unit_attribute {
    char *id;
    struct label label;
    uint32_t n_units, n_kinds;
    struct uid *units; /* has it: these, … */
    char **kinds;      /* … and every unit of these kinds */
};

/* The next key after score ÷ maximum. */
enum comparator_field {
    BY_CRITERION, /* the value of one criterion */
    BY_BASE,
    BY_BONUS,
    BY_PENALTY, /* fewer first */
    BY_TOTAL,
    BY_MET, /* how many criteria are met */
};
const char *comparator_field_text(enum comparator_field field); /* `criterion`, `base` … */
struct comparator {
    enum comparator_field field;
    char *criterion; /* BY_CRITERION */
    bool ascending;  /* smallest first */
};

enum confidence { CONFIDENCE_HIGH, CONFIDENCE_LOW };

struct campaign {
    char *id;
    uint32_t version;               /* 1 …; a higher one amends */
    char *amended_on, *amended_why; /* of this version; empty in version 1 */
    struct label title;
    char *issuer_name; /* as the document names it */
    char *document;    /* number and date */
    bool issuer_is_council;
    bool reconstructed;         /* rebuilt from what others cite: marked in every output */
    enum confidence confidence; /* low: the source text is a poor scan */
    char *profile;              /* id of the scoring profile in force; empty: met / not met */
    char *funding;

    uint32_t n_parents, n_periods, n_reports, n_criteria, n_milestones, n_awards, n_quotas;
    uint32_t n_dossier, n_recipients, n_routes, n_roles, n_sources, n_errata, n_forms;
    uint32_t n_groups, n_unit_attributes, n_comparators;
    uint32_t n_collectives, n_individuals; /* classes of subjects, as ids with labels */
    struct campaign_parent *parents;
    struct period *periods;
    struct report_rule *reports; /* none: a template, nobody reports to it */
    struct criterion *criteria;  /* own ones, in the plan's order */
    struct milestone *milestones;
    struct award *awards;
    struct quota *quotas;
    struct item *dossier, *recipients, *routes, *roles, *sources, *errata;
    struct form *forms;
    struct peer_group *groups;
    struct unit_attribute *unit_attributes;
    struct comparator *comparators;
    struct item *collectives, *individuals;
};

/* Free everything that `c` points to, and zero it. NULL is accepted. */
void campaign_done(struct campaign *c);

/*
 * Check `c` as one whole, whoever made it: bounds, NFC, unique ids, dates that exist, parents of
 * criteria that are there and acyclic, leaves that are leaves, references that resolve (award of a
 * quota, criterion of a comparator, profile id shape). ERR_REFUSED names the key path, lists
 * counted from 1 (`criteria[3].parent: …`), and the id.
 */
int campaign_check(const struct campaign *c, struct err *e);

/* Whether nobody reports to it: it only hands down criteria. */
bool campaign_is_template(const struct campaign *c);

const struct period *campaign_period(const struct campaign *c, const char *id);
const struct report_rule *campaign_report(const struct campaign *c, enum report_kind kind);
/* The rule meant where nobody says a kind: the default, else the only one, else the first. */
const struct report_rule *campaign_default_report(const struct campaign *c);

/*
 * The criteria in force: those of parents that are inherited, in the order parents are listed, then
 * the campaign's own; one with the same id as an inherited one takes its place. Pointers stay valid
 * as long as the campaigns do.
 */
struct criteria {
    uint32_t n;
    const struct criterion **all;
    uint32_t n_leaves;
    const struct criterion **leaves;
    bool reconstructed; /* one of the parents is */
};
/*
 * `parent_of(arg, hash)` gives the parent campaign by record, or NULL where it is not at hand: then
 * ERR_ABSENT names it. Of two parents that hand down one id the later listed one holds, in the
 * place of the first; a campaign that comes by two ways comes once. ERR_REFUSED for a cycle of
 * parents, for criteria that make no tree together, for a comparator or a unit attribute that is
 * not there.
 */
int criteria_resolve(const struct campaign *c,
                     const struct campaign *(*parent_of)(void *arg, const struct hash *record),
                     void *arg, struct criteria *ret_criteria, struct err *e);
void criteria_done(struct criteria *c);
/*
 * Check that the own criteria of `c` make a tree whose leaves are leaves; with `parents_elsewhere`
 * a parent that is not among them may be an inherited one and is left to criteria_resolve.
 */
int criteria_check_tree(const struct campaign *c, bool parents_elsewhere, struct err *e);
/* Position of the leaf called `id` among the leaves; -1 if there is none. */
int criteria_leaf(const struct criteria *c, const char *id);

/* `annual` … both ways; 0 / NULL if unknown. Vietnamese names are accepted by report_kind_parse. */
const char *report_kind_text(enum report_kind kind);
enum report_kind report_kind_parse(const char *text);
const char *subject_kind_text(enum subject_kind kind);
enum subject_kind subject_kind_parse(const char *text);

#endif
