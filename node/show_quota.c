#include "node/show_quota.h"

#include "core/sheet.h"
#include "node/words.h"

#define TIES_SAID 20u

/* The start of a line about `q`: `Quota ID, AWARD, unit 31741, block: `. */
static void begin_quota(const struct world *w, const struct rank_quota *q, struct buf *out) {
    static const char *const within[] = {"", N_("group"), N_("unit")};
    buf_printf(out, "%s %s", world_tr(w, N_("Quota")), q->rule->id);
    if (*q->rule->award)
        buf_printf(out, ", %s", q->rule->award);
    if (q->within)
        buf_printf(out, ", %s %s", world_tr(w, within[q->rule->scope]), q->within);
    if (q->rule->is_percentage) {
        char share[16];
        score_text_people(q->rule->amount, share);
        buf_printf(out, ", %s %%", share);
        if (q->base >= 0)
            buf_printf(out, " / %lld", (long long)q->base);
    }
    bool block = q->rule->mode == QUOTA_BLOCK;
    buf_printf(out, ", %s: ", block ? world_tr(w, N_("block")) : world_tr(w, N_("warn")));
}

/* `A/1, A/2, …`: a long tie is cut, the JSON has all. */
static void put_ties(const struct rank_quota *q, struct buf *out) {
    for (uint32_t i = 0; i < q->n_ties && i < TIES_SAID; i++)
        buf_printf(out, "%s%s/%s", i ? ", " : "", q->ties[i].unit, q->ties[i].subject);
    buf_put_str(out, q->n_ties > TIES_SAID ? ", …\n" : "\n");
}

static void show_one(const struct world *w, const struct rank_quota *q, struct buf *out) {
    long long places = (long long)q->places;
    begin_quota(w, q, out);
    if (q->why && places >= 0)
        world_say(w, out, "places: %lld; no edge here: %s", places, words_why(w, q->why));
    else if (q->why)
        world_say(w, out, "places: not known; no edge here: %s", words_why(w, q->why));
    else if (q->n_ties > 0)
        world_say(w, out,
                  "places: %lld; edge at rank %u, where %u tie for the last %u: the council votes",
                  places, q->edge, q->n_ties, q->left);
    else if (q->edge > 0)
        world_say(w, out, "places: %lld; edge after rank %u, taken: %u", places, q->edge,
                  q->inside);
    else
        world_say(w, out, "places: %lld; nobody has one", places);
    if (q->n_ties > 0) {
        buf_put_str(out, "  ");
        put_ties(q, out);
    }
}

void show_quotas(const struct world *w, const struct ranking *r, struct buf *out) {
    for (uint32_t i = 0; i < r->n_quotas; i++)
        show_one(w, &r->quotas[i], out);
}
