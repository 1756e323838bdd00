#include "core/verb.h"

#include <assert.h>
#include <string.h>

void verb_call_init(struct verb_call *call, const struct world *world, void *host) {
    *call = (struct verb_call){.world = world, .host = host};
}

void verb_call_done(struct verb_call *call) {
    buf_done(&call->out);
    buf_done(&call->words);
}

/* Where `option` stands in the verb's table. */
static size_t position(const struct verb_call *call, const char *option) {
    const struct verb_option *o = call->verb->options;
    size_t i = 0;
    while (o && o[i].name && strcmp(o[i].name, option) != 0)
        i++;
    assert(o && o[i].name);
    return i;
}

const char *verb_text(const struct verb_call *call, const char *option) {
    return call->values[position(call, option)];
}

bool verb_flag(const struct verb_call *call, const char *option) {
    return verb_text(call, option) != NULL;
}

int32_t verb_number(const struct verb_call *call, const char *option, int32_t otherwise) {
    const char *text = verb_text(call, option);
    int32_t n = 0;
    for (const char *c = text; c && *c; c++)
        n = n * 10 + (*c - '0');
    return text ? n : otherwise;
}

const char *verb_arg(const struct verb_call *call, unsigned i) {
    return i < call->n_args ? call->args[i] : NULL;
}
