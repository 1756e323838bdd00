#include "node/show_label.h"

#include <string.h>

/* Whether the reader of `w` reads Vietnamese. */
static bool reads_vietnamese(const struct world *w) {
    /* The catalogue answers this one with the language that it is in. */
    return strcmp(world_tr(w, N_("language of labels: en")), "language of labels: en") != 0;
}

const char *show_label(const struct world *w, const struct label *l) {
    const char *vi = l->vi ? l->vi : "", *en = l->en ? l->en : "";
    if (reads_vietnamese(w))
        return *vi ? vi : en;
    return *en ? en : vi;
}
