#include "node/catalog.h"

#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"
#include "node/roster.h"
#include "proto/payload_campaign.h"
#include "proto/payload_profile.h"
#include "store/log.h"

#include <stdio.h>
#include <string.h>

static void campaign_free(struct catalog_campaign *k) {
    if (!k)
        return;
    criteria_done(&k->criteria);
    campaign_done(&k->c);
    mem_free(k);
}

static void profile_free(struct catalog_profile *k) {
    if (!k)
        return;
    profile_done(&k->p);
    mem_free(k);
}

int catalog_init(struct catalog *c, struct err *e) {
    *c = (struct catalog){0};
    int rc = catalog_units_init(&c->units_read, e);
    c->units = c->units_read.units;
    return rc;
}

/* Free what `c` read, but not what it retired. */
static void forget(struct catalog *c) {
    for (uint32_t i = 0; i < c->n_campaigns; i++)
        campaign_free(c->campaigns[i]);
    for (uint32_t i = 0; i < c->n_profiles; i++)
        profile_free(c->profiles[i]);
    mem_free(c->campaigns);
    mem_free(c->profiles);
    mem_free(c->tainted);
    due_days_done(&c->due);
    lineage_index_free(c->lineages);
    changes_done(&c->changes);
    campaign_shares_done(&c->shares);
    catalog_units_done(&c->units_read);
}

void catalog_release(struct catalog *c) {
    while (c->retired) {
        struct catalog *old = c->retired;
        c->retired = old->retired;
        forget(old);
        mem_free(old);
    }
}

void catalog_done(struct catalog *c) {
    catalog_release(c);
    forget(c);
    *c = (struct catalog){0};
}

/* Put aside what was read, which callers may still look at, and begin anew. */
static int retire(struct catalog *c, struct err *e) {
    struct catalog *old = mem_alloc(sizeof *old);
    if (!old)
        return err_nomem(e);
    *old = *c;
    int rc = catalog_init(c, e);
    if (rc == 0) {
        c->retired = old;
    } else {
        *c = *old;
        mem_free(old);
    }
    return rc;
}

int catalog_reset(struct catalog *c, struct err *e) {
    catalog_done(c);
    return catalog_init(c, e);
}

/* Pass over what cannot be read, but not over our own lack of memory. */
static int tolerate(int rc, struct err *why, struct err *e) {
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    err_clear(why);
    return 0;
}

static int read_campaign(struct catalog *c, const struct record *r, const struct member *author,
                         uint64_t number, struct err *e) {
    if (list_grow(&c->campaigns, c->n_campaigns, sizeof *c->campaigns, e) != 0)
        return ERR_NOMEM;
    struct catalog_campaign *k = mem_zalloc(1, sizeof *k);
    if (!k)
        return err_nomem(e);
    struct err why;
    err_init(&why);
    int rc = campaign_decode(r->payload, &k->c, &why);
    if (rc != 0) {
        mem_free(k);
        return tolerate(rc, &why, e);
    }
    k->record = r->id;
    k->author = r->h.actor;
    k->issuer = author->unit;
    k->number = number;
    k->epoch = r->h.epoch;
    k->seq = r->h.seq;
    c->campaigns[c->n_campaigns++] = k;
    rc = due_days_add(&c->due, &k->c, e);
    return rc == 0 ? lineage_index_add(&c->lineages, k, e) : rc;
}

static int read_profile(struct catalog *c, const struct record *r, const struct member *author,
                        uint64_t number, struct err *e) {
    if (list_grow(&c->profiles, c->n_profiles, sizeof *c->profiles, e) != 0)
        return ERR_NOMEM;
    struct catalog_profile *k = mem_zalloc(1, sizeof *k);
    if (!k)
        return err_nomem(e);
    struct err why;
    err_init(&why);
    int rc = profile_decode(r->payload, &k->p, &why);
    if (rc != 0) {
        mem_free(k);
        return tolerate(rc, &why, e);
    }
    k->record = r->id;
    k->issuer = author->unit;
    k->number = number;
    c->profiles[c->n_profiles++] = k;
    return 0;
}

/* Note the lineage that `r`, which does not stand, would have belonged to. */
static int read_tainted(struct catalog *c, const struct record *r, const struct member *author,
                        struct err *e) {
    struct campaign k;
    struct profile p;
    struct err why;
    bool profile = r->h.kind == KIND_PROFILE;
    err_init(&why);
    if (!profile && r->h.kind != KIND_CAMPAIGN)
        return 0;
    if (list_grow(&c->tainted, c->n_tainted, sizeof *c->tainted, e) != 0)
        return ERR_NOMEM;
    int rc = profile ? profile_decode(r->payload, &p, &why) : campaign_decode(r->payload, &k, &why);
    if (rc != 0)
        return tolerate(rc, &why, e);
    struct catalog_tainted_lineage *x = &c->tainted[c->n_tainted++];
    x->issuer = author->unit;
    (void)snprintf(x->campaign, sizeof x->campaign, "%s", profile ? p.campaign : k.id);
    if (profile)
        profile_done(&p);
    else
        campaign_done(&k);
    return 0;
}

static int read_record(struct catalog *c, struct txn *t, const struct hash *id, uint64_t number,
                       struct err *e) {
    struct record r;
    struct member author;
    int rc = log_get(t, id, &r, e);
    if (rc != 0 || r.h.payload_version != PAYLOAD_VERSION ||
        !roster_find(t, &r.h.actor, r.h.epoch, &author))
        return rc;
    if (!roster_stands(t, &r.h))
        return read_tainted(c, &r, &author, e);
    if (!c->shares_known)
        rc = campaign_shares_take(&c->shares, t, &r, &author, &c->anew, e);
    if (rc != 0 || c->anew || !campaign_shares_count(&c->shares, t, &r.h))
        return rc;
    if (r.h.kind == KIND_CAMPAIGN)
        return read_campaign(c, &r, &author, number, e);
    if (r.h.kind == KIND_PROFILE)
        return read_profile(c, &r, &author, number, e);
    return changes_read(&c->changes, t, &r, &author, e);
}

static int read_kind(struct catalog *c, struct txn *t, uint16_t kind, struct err *e) {
    struct log_walk w;
    struct hash id;
    uint64_t number;
    int rc = 0;
    log_walk_init(&w, t, kind, c->seen);
    while (rc == 0 && !c->anew && log_walk_next(&w, &number, &id))
        rc = read_record(c, t, &id, number, e);
    log_walk_done(&w);
    return rc;
}

/* Units are read apart. */
static const uint16_t kinds[] = {KIND_UNITS, KIND_CAMPAIGN, KIND_PROFILE, KIND_CAMPAIGN_ASSIGN,
                                 KIND_CAMPAIGN_WITHDRAW};
#define KINDS (sizeof kinds / sizeof *kinds)

/* Read what stands behind `c->seen`. */
static int read_on(struct catalog *c, struct txn *t, struct err *e) {
    if (!log_grew_by(t, c->seen, kinds, KINDS))
        return 0;
    int rc = catalog_units_read(&c->units_read, t, c->seen, e);
    c->units = c->units_read.units;
    for (size_t i = 1; rc == 0 && i < KINDS; i++)
        rc = read_kind(c, t, kinds[i], e);
    return rc;
}

/* Find out what counts of what is stated of campaigns, and read all once more. */
static int read_anew(struct catalog *c, struct txn *t, struct err *e) {
    int rc = retire(c, e);
    if (rc == 0)
        rc = campaign_shares_make(&c->shares, t, e);
    c->shares_known = true;
    if (rc == 0)
        rc = read_on(c, t, e);
    c->shares_known = false;
    return rc;
}

int catalog_refresh(struct catalog *c, struct txn *t, struct err *e) {
    uint64_t last = log_last(t), endings = roster_endings(t);
    int rc = c->units ? 0 : catalog_units_init(&c->units_read, e); /* a reset may have failed */
    c->units = c->units_read.units;
    if (rc != 0 || (last == c->seen && endings == c->endings))
        return rc;
    if (c->seen != 0 && c->endings != endings)
        rc = retire(c, e);
    if (rc == 0)
        rc = read_on(c, t, e);
    if (rc == 0 && c->anew)
        rc = read_anew(c, t, e);
    c->endings = endings;
    if (rc == 0)
        rc = txn_failed(t, e);
    if (rc == 0)
        c->seen = last;
    else
        (void)catalog_reset(c, NULL); /* half of it was read */
    return rc;
}

bool catalog_reads(uint16_t kind) {
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

struct catalog_campaign *catalog_campaign(const struct catalog *c, const struct hash *record) {
    for (uint32_t i = 0; i < c->n_campaigns; i++)
        if (hash_equal(&c->campaigns[i]->record, record))
            return c->campaigns[i];
    return NULL;
}

struct catalog_profile *catalog_profile(const struct catalog *c, const struct hash *record) {
    for (uint32_t i = 0; i < c->n_profiles; i++)
        if (hash_equal(&c->profiles[i]->record, record))
            return c->profiles[i];
    return NULL;
}

struct catalog_campaign *catalog_latest(const struct catalog *c, const struct uid *issuer,
                                        const char *id) {
    return lineage_index_latest(c->lineages, issuer, id);
}

const struct unit_fact *catalog_unit(const struct catalog *c, const struct uid *id) {
    return units_at(c->units, id, DAY_LATEST);
}

const char *catalog_code(const struct catalog *c, const struct uid *id) {
    const struct unit_fact *f = catalog_unit(c, id);
    return f ? f->code : "?";
}

bool catalog_ever_under(const struct catalog *c, const struct uid *id, const struct uid *top) {
    return units_ever_under(c->units, id, top);
}

bool catalog_under(const struct catalog *c, const struct uid *id, const struct uid *top) {
    return units_under(c->units, id, top, DAY_LATEST);
}

/* Whether `k` is the latest of its lineage and is called `id` (NULL: no template, any id). */
static bool is_meant(const struct catalog *c, const struct catalog_campaign *k, const char *id,
                     const struct uid *issuer) {
    if (catalog_latest(c, &k->issuer, k->c.id) != k)
        return false;
    if (issuer && !uid_equal(issuer, &k->issuer))
        return false;
    return id ? strcmp(id, k->c.id) == 0 : !campaign_is_template(&k->c);
}

/* Whether only templates are held, which nobody reports to. */
static bool only_templates(const struct catalog *c) {
    for (uint32_t i = 0; i < c->n_campaigns; i++)
        if (!campaign_is_template(&c->campaigns[i]->c))
            return false;
    return true;
}

void catalog_names(const struct catalog *c, bool to_report, char *out, size_t cap) {
    bool all = !to_report || only_templates(c);
    struct buf b;
    buf_init(&b);
    for (uint32_t i = 0; i < c->n_campaigns; i++) {
        const struct catalog_campaign *k = c->campaigns[i];
        if (catalog_latest(c, &k->issuer, k->c.id) == k && (all || !campaign_is_template(&k->c)))
            buf_printf(&b, "%s%s/%s", b.len ? " " : "", catalog_code(c, &k->issuer), k->c.id);
    }
    static const char more[] = " …";
    bool whole = b.len < cap;
    size_t n = whole ? b.len : cap - sizeof more;
    while (!whole && n > 0 && b.data[n] != ' ') /* names are told whole */
        n--;
    if (n > 0)
        memcpy(out, b.data, n);
    memcpy(out + n, whole ? "" : more, whole ? 1 : sizeof more);
    buf_done(&b);
}

int catalog_find(const struct catalog *c, const char *name, day today,
                 struct catalog_campaign **ret_campaign, struct err *e) {
    const char *slash = name ? strchr(name, '/') : NULL, *id = slash ? slash + 1 : name;
    const struct uid *issuer = NULL;
    char names[ERR_ARG_BYTES];
    if (slash) {
        char code[LIMIT_CODE + 1] = {0};
        size_t n = (size_t)(slash - name);
        memcpy(code, name, n < LIMIT_CODE ? n : LIMIT_CODE);
        const struct unit_fact *f = NULL;
        int rc = units_named(c->units, code, today, &f, e);
        if (rc != 0)
            return rc;
        if (!f)
            return err_set(e, ERR_REFUSED, "unknown unit %s", code);
        issuer = &f->id;
    }
    struct catalog_campaign *found = NULL;
    unsigned n = 0;
    for (uint32_t i = 0; i < c->n_campaigns; i++)
        if (is_meant(c, c->campaigns[i], id, issuer)) {
            found = c->campaigns[i];
            n++;
        }
    if (n == 1) {
        *ret_campaign = found;
        return 0;
    }
    catalog_names(c, !name, names, sizeof names);
    if (n > 1)
        return err_set(e, ERR_REFUSED, "which campaign? Give --campaign; there are: %s", names);
    if (c->n_campaigns == 0)
        return err_set(e, ERR_REFUSED,
                       "no campaign is here yet: `sync` with the hub, or issue one");
    return err_set(e, ERR_REFUSED, "unknown campaign %s; there are: %s", name ? name : "-", names);
}

/* For criteria_resolve: which parent was asked for and is not held. */
struct parents {
    const struct catalog *c;
    struct hash missing;
};

static const struct campaign *parent_of(void *arg, const struct hash *record) {
    struct parents *p = arg;
    struct catalog_campaign *k = catalog_campaign(p->c, record);
    if (!k)
        p->missing = *record;
    return k ? &k->c : NULL;
}

int catalog_criteria(struct catalog *c, struct catalog_campaign *k, struct hash *ret_missing,
                     struct err *e) {
    if (k->resolved)
        return 0;
    struct parents parents = {.c = c};
    int rc = criteria_resolve(&k->c, parent_of, &parents, &k->criteria, e);
    if (rc == 0)
        k->resolved = true;
    else if (rc == ERR_ABSENT && ret_missing)
        *ret_missing = parents.missing;
    return rc;
}

bool catalog_any_void(const struct catalog *c) {
    return c->n_tainted > 0 || c->units_read.past_end || c->shares.any_over;
}

bool catalog_tainted(struct catalog *c, const struct uid *issuer, const char *id) {
    bool any = c->units_read.past_end || campaign_shares_over(&c->shares, issuer);
    for (uint32_t i = 0; !any && i < c->n_tainted; i++)
        any = uid_equal(&c->tainted[i].issuer, issuer) && strcmp(c->tainted[i].campaign, id) == 0;
    bool void_parents = c->n_tainted > 0 || c->shares.any_over;
    for (uint32_t i = 0; !any && void_parents && i < c->n_campaigns; i++) {
        struct catalog_campaign *k = c->campaigns[i];
        struct err why;
        err_init(&why);
        any = uid_equal(&k->issuer, issuer) && strcmp(k->c.id, id) == 0 &&
              catalog_criteria(c, k, NULL, &why) != 0;
    }
    return any;
}

int catalog_profile_in_force(const struct catalog *c, const struct catalog_campaign *k,
                             const struct profile **ret_profile, struct hash *ret_record,
                             struct err *e) {
    const struct catalog_profile *best = NULL;
    if (k->c.profile[0] == '\0') {
        *ret_profile = &profile_met;
        *ret_record = (struct hash){0};
        return 0;
    }
    for (uint32_t i = 0; i < c->n_profiles; i++) {
        const struct catalog_profile *p = c->profiles[i];
        if (uid_equal(&p->issuer, &k->issuer) && strcmp(p->p.id, k->c.profile) == 0 &&
            strcmp(p->p.campaign, k->c.id) == 0 && (!best || p->p.version >= best->p.version))
            best = p;
    }
    if (!best)
        return err_set(e, ERR_ABSENT,
                       "campaign %s names the scoring profile %s, which is not here "
                       "yet: issue it, or sync again",
                       k->c.id, k->c.profile);
    *ret_profile = &best->p;
    *ret_record = best->record;
    return 0;
}
