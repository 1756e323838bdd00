#include "hub/counts.h"

void counts_say(const struct hub_events *v, const struct world *w, struct buf *words) {
    const struct {
        const char *word;
        uint32_t n;
    } counts[] = {
        {N_("valid"), v->valid},   {N_("rejected"), v->rejected}, {N_("held"), v->held},
        {N_("again"), v->again},   {N_("pending"), v->pending},   {N_("refused"), v->refused},
        {N_("voided"), v->voided}, {N_("forks"), v->forks},       {N_("joined"), v->joined}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        buf_printf(words, "%s%s=%u", i > 0 ? " " : "", world_tr(w, counts[i].word), counts[i].n);
    buf_put_u8(words, '\n');
}
