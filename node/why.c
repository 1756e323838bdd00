#include "node/why.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"

#include <string.h>

int why_read(const struct verb_call *call, struct why *ret_why, struct act_reason *ret_reason,
             struct err *e) {
    char *text;
    int rc = text_nfc_lines(slice_str(verb_text(call, "reason")), &text, e);
    if (rc != 0)
        return rc;
    if (*text_trim(text) == '\0')
        rc = err_set(e, ERR_REFUSED, "--reason is empty: say why, everyone concerned reads it");
    else if (strlen(text) > LIMIT_TEXT)
        rc = err_set(e, ERR_REFUSED, "--reason is longer than %u bytes: shorten it", LIMIT_TEXT);
    if (rc != 0) {
        mem_free(text);
        return rc;
    }
    *ret_why = (struct why){.text = text};
    ret_why->args[0] = text;
    *ret_reason = (struct act_reason){ACT_REASON_WORDS, 1, ret_why->args};
    return 0;
}

void why_done(struct why *w) {
    mem_free(w->text);
    *w = (struct why){0};
}
