#include "hub/issue.h"

#include "hub/amended.h"
#include "hub/selected.h"
#include "node/expected.h"
#include "node/words.h"

#include <string.h>

/* One file on its way. */
struct issuing {
    struct actor *a;
    const struct world *w;
    struct buf *words;
    struct err *e;
};

static struct catalog *catalog_of(const struct issuing *i) {
    return &i->a->catalog;
}

/* Whether what `issuer` issued reaches this hub's unit. */
static bool is_above(const struct issuing *i, const struct uid *issuer) {
    return catalog_ever_under(catalog_of(i), &i->a->unit, issuer);
}

/* The latest version of the parent that `p` names, into `ret_found` (NULL: not held). */
static int find_parent(const struct issuing *i, const struct campaign_parent *p,
                       const struct catalog_campaign **ret_found) {
    const struct catalog *c = catalog_of(i);
    const struct catalog_campaign *found = NULL;
    for (uint32_t n = 0; n < c->n_campaigns; n++) {
        const struct catalog_campaign *k = c->campaigns[n];
        if (strcmp(k->c.id, p->id) != 0 || catalog_latest(c, &k->issuer, k->c.id) != k ||
            !is_above(i, &k->issuer))
            continue;
        if (p->issuer && p->issuer[0] && strcmp(catalog_code(c, &k->issuer), p->issuer) != 0)
            continue;
        if (found)
            return err_set(i->e, ERR_REFUSED,
                           "parents: several issuers have a campaign %s: name one with `issuer`",
                           p->id);
        found = k;
    }
    *ret_found = found;
    return 0;
}

/* Whether `from`, or a campaign above it, is of the lineage (`issuer`, `id`). */
static bool descends(const struct catalog *c, const struct catalog_campaign *from,
                     const struct uid *issuer, const char *id, unsigned depth) {
    if (uid_equal(&from->issuer, issuer) && strcmp(from->c.id, id) == 0)
        return true;
    for (uint32_t n = 0; depth > 0 && n < from->c.n_parents; n++) {
        const struct catalog_campaign *up = catalog_campaign(c, &from->c.parents[n].record);
        if (up && descends(c, up, issuer, id, depth - 1))
            return true;
    }
    return false;
}

static int resolve_parents(const struct issuing *i, struct campaign *k) {
    for (uint32_t n = 0; n < k->n_parents; n++) {
        struct campaign_parent *p = &k->parents[n];
        const struct catalog_campaign *found = NULL;
        int rc = find_parent(i, p, &found);
        if (rc != 0)
            return rc;
        if (!found && p->inherit != INHERIT_NONE)
            return err_set(
                i->e, ERR_REFUSED,
                "parents[%u]: the criteria come from campaign %s, which is not held here: "
                "issue it first, or wait for the hub above",
                n + 1, p->id);
        if (!found) {
            world_say(i->w, i->words, "parent campaign %s is only named: it is not held here",
                      p->id);
            continue;
        }
        if (descends(catalog_of(i), found, &i->a->unit, k->id, LIMIT_ANCESTRY))
            return err_set(
                i->e, ERR_REFUSED,
                "parents[%u]: campaign %s descends from %s itself: leave that parent out", n + 1,
                p->id, k->id);
        p->record = found->record;
    }
    return 0;
}

static const struct campaign *parent_of(void *arg, const struct hash *record) {
    const struct catalog_campaign *k = catalog_campaign(arg, record);
    return k ? &k->c : NULL;
}

static int check_version(const struct issuing *i, const char *id, uint32_t version, uint32_t held) {
    if (version > held)
        return 0;
    return err_set(i->e, ERR_REFUSED,
                   "%s is held here in version %u already: a change needs a higher version, this "
                   "file says %u",
                   id, held, version);
}

/* What profile the campaign `k` with `criteria` will be scored by, and whether it fits. */
static int check_its_profile(const struct issuing *i, const struct campaign *k,
                             const struct criteria *criteria) {
    struct catalog_campaign asked = {.issuer = i->a->unit, .c = *k};
    const struct profile *profile;
    struct hash record;
    struct err why = {0};
    int rc = catalog_profile_in_force(catalog_of(i), &asked, &profile, &record, &why);
    if (rc == ERR_ABSENT) {
        world_say(i->w, i->words,
                  "issue the scoring profile %s next: units can score only once it is here",
                  k->profile);
        return 0;
    }
    if (rc == 0 && !hash_is_zero(&record))
        rc = profile_check_criteria(profile, criteria, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(i->e);
    if (rc != 0) {
        char text[ERR_ARGS * ERR_ARG_BYTES];
        world_say(i->w, i->words,
                  "the scoring profile %s does not fit this version, issue a higher version of it: "
                  "%s",
                  k->profile, err_text(&why, i->w->tr, text, sizeof text));
    }
    return 0;
}

/* What the law does not bear out is said, never refused. */
static void warn_of_awards(const struct issuing *i, const struct campaign *k) {
    for (uint32_t n = 0; n < k->n_awards; n++)
        if (k->awards[n].note[0])
            buf_printf(i->words, "%s %s: %s\n", world_tr(i->w, N_("award")), k->awards[n].id,
                       k->awards[n].note);
}

/* Whether `rule` of `k` asks any unit, in any of its periods, by the tree as it is now. */
static bool asks_anybody(const struct issuing *i, const struct catalog_campaign *k,
                         const struct report_rule *rule) {
    const struct units *units = catalog_of(i)->units;
    for (uint32_t n = 0; n < k->c.n_periods; n++)
        for (size_t u = 0; u < units_count(units); u++) {
            const struct uid *unit = units_id(units, u);
            instant due;
            if (expected_of(catalog_of(i), k, rule, &k->c.periods[n], unit, k->c.periods[n].end,
                            &due))
                return true;
        }
    return false;
}

/* The kinds of report of `c` that ask nobody, into `out`; false: some other one asks somebody. */
static bool list_unasked(const struct issuing *i, const struct campaign *c, struct buf *out) {
    const struct catalog_campaign k = {.issuer = i->a->unit, .c = *c};
    bool none = true;
    for (uint32_t n = 0; n < c->n_reports; n++) {
        if (asks_anybody(i, &k, &c->reports[n]))
            none = false;
        else
            buf_printf(out, "%s%s", out->len ? ", " : "", words_kind(i->w, c->reports[n].kind));
    }
    return none;
}

/* A campaign may come before its units, or be there for its criteria, so this is never refused;
 * where some are asked and some are not it is hardly meant. */
static void tell_nobody_asked(const struct issuing *i, const struct campaign *c) {
    struct buf levels, kinds;
    buf_init(&levels);
    buf_init(&kinds);
    selected_levels(catalog_of(i)->units, &levels);
    bool none = list_unasked(i, c, &kinds);
    bool some = c->n_periods > 0 && kinds.len > 0;
    const char *there = buf_cstr(&levels), *what = buf_cstr(&kinds);
    if (some && there && what && none)
        world_say(i->w, i->words,
                  "of the units here nobody is asked for a report (%s), and nothing will be due: "
                  "this campaign hands down its criteria; levels here: %s",
                  what, there);
    else if (some && there && what)
        world_say(i->w, i->words,
                  "NOBODY IS ASKED: no unit here is selected for the %s, so that nothing will "
                  "ever be due; levels here: %s",
                  what, there);
    i->words->failed |= levels.failed || kinds.failed;
    buf_done(&kinds);
    buf_done(&levels);
}

static void tell_amended(const struct issuing *i, struct catalog_campaign *held,
                         const struct campaign *k, const struct criteria *criteria) {
    const struct catalog_campaign next = {.issuer = i->a->unit, .c = *k};
    amended_tell(catalog_of(i), held, &next, criteria, i->w->now(i->w->arg), i->w, i->words);
}

static int prepare_campaign(const struct issuing *i, struct campaign *k) {
    struct catalog_campaign *held = catalog_latest(catalog_of(i), &i->a->unit, k->id);
    struct criteria criteria;
    if (changes_end(&catalog_of(i)->changes, &i->a->unit, k->id))
        return err_set(i->e, ERR_REFUSED,
                       "campaign %s was withdrawn, which stands: issue this one under another id",
                       k->id);
    int rc = check_version(i, k->id, k->version, held ? held->c.version : 0);
    if (rc == 0 && held && (!k->amended_on[0] || !k->amended_why[0]))
        return err_set(i->e, ERR_REFUSED,
                       "campaign %s amends version %u: say when and why, in amended_on and "
                       "amended_why",
                       k->id, held->c.version);
    if (rc == 0)
        rc = resolve_parents(i, k);
    if (rc == 0)
        rc = criteria_resolve(k, parent_of, catalog_of(i), &criteria, i->e);
    if (rc != 0)
        return rc;
    if (k->reconstructed || criteria.reconstructed)
        world_say(i->w, i->words,
                  "some criteria are reconstructed from what other documents cite: every board and "
                  "ranking will say so");
    warn_of_awards(i, k);
    selected_tell(catalog_of(i)->units, k, i->w, i->words);
    tell_nobody_asked(i, k);
    rc = check_its_profile(i, k, &criteria);
    if (rc == 0 && held)
        tell_amended(i, held, k, &criteria);
    criteria_done(&criteria);
    return rc;
}

static uint32_t held_profile(const struct issuing *i, const struct profile *p) {
    const struct catalog *c = catalog_of(i);
    uint32_t version = 0;
    for (uint32_t n = 0; n < c->n_profiles; n++) {
        const struct catalog_profile *k = c->profiles[n];
        if (uid_equal(&k->issuer, &i->a->unit) && strcmp(k->p.id, p->id) == 0 &&
            strcmp(k->p.campaign, p->campaign) == 0 && k->p.version > version)
            version = k->p.version;
    }
    return version;
}

/* Whether two ids may be meant for each other: one begins with the other, or up to two letters in
 * the middle are the whole difference. */
static bool is_similar(const char *a, const char *b) {
    size_t na = strlen(a), nb = strlen(b), least = na < nb ? na : nb, most = na < nb ? nb : na;
    size_t head = 0, tail = 0;
    while (head < least && a[head] == b[head])
        head++;
    while (head + tail < least && a[na - 1 - tail] == b[nb - 1 - tail])
        tail++;
    return head > 0 && (head == least || head + tail + 2 >= most);
}

/* The profile's campaign is not here, which may be right: it comes next. Say so, and what it may
 * have been meant for. */
static void tell_no_campaign(const struct issuing *i, const char *id) {
    const struct catalog *c = catalog_of(i);
    struct buf names;
    buf_init(&names);
    for (uint32_t n = 0; n < c->n_campaigns; n++) {
        const struct catalog_campaign *k = c->campaigns[n];
        if (catalog_latest(c, &k->issuer, k->c.id) == k && is_similar(k->c.id, id))
            buf_printf(&names, "%s%s", names.len ? ", " : "", k->c.id);
    }
    const char *similar = names.len ? buf_cstr(&names) : NULL;
    if (similar)
        world_say(i->w, i->words,
                  "this hub has issued no campaign %s: the profile scores nothing until it does; "
                  "there is %s, is that meant?",
                  id, similar);
    else
        world_say(i->w, i->words,
                  "this hub has issued no campaign %s: the profile scores nothing until it does",
                  id);
    buf_done(&names);
}

static int prepare_profile(const struct issuing *i, const struct profile *p) {
    int rc = check_version(i, p->id, p->version, held_profile(i, p));
    if (rc != 0)
        return rc;
    struct catalog_campaign *k = catalog_latest(catalog_of(i), &i->a->unit, p->campaign);
    if (!k) {
        tell_no_campaign(i, p->campaign);
        return 0;
    }
    rc = catalog_criteria(catalog_of(i), k, NULL, i->e);
    if (rc == 0)
        rc = profile_check_criteria(p, &k->criteria, i->e);
    if (rc == 0 && strcmp(k->c.profile, p->id) != 0)
        world_say(i->w, i->words, "campaign %s does not name this profile: it is scored by %s",
                  p->campaign, k->c.profile[0] ? k->c.profile : "met");
    return rc;
}

int issue_prepare(struct actor *a, struct campaign_file *file, const struct world *w,
                  struct buf *words, struct err *e) {
    const struct issuing i = {a, w, words, e};
    return file->is_profile ? prepare_profile(&i, &file->profile)
                            : prepare_campaign(&i, &file->campaign);
}
