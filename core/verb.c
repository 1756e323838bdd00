#include "core/verb.h"

#include <assert.h>
#include <string.h>

const char *verb_peek(int argc, char *const *argv, const char *option) {
    size_t n = strlen(option);
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], option, n) == 0 && argv[i][n] == '=')
            return argv[i] + n + 1;
        if (strcmp(argv[i], option) == 0 && i + 1 < argc)
            return argv[i + 1];
    }
    return NULL;
}

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
