#include "core/unit_fact.h"

#include "core/limits.h"
#include "core/text.h"

#include <string.h>

static size_t length(const char *s) {
    return s ? strlen(s) : 0;
}

int unit_fact_check(const struct unit_fact *f, struct err *e) {
    const char *code = f->code ? f->code : "";
    if (uid_is_zero(&f->id))
        return err_set(e, ERR_REFUSED, "unit %s has no id; state it again with one", code);
    if (!text_code_valid(code))
        return err_set(
            e, ERR_REFUSED,
            "“%s” is no unit code; use 1 to %u bytes of letters and digits, and “-”, “_”, "
            "“.” inside",
            code, LIMIT_CODE);
    if (length(f->name) == 0 || length(f->name) > LIMIT_NAME)
        return err_set(e, ERR_REFUSED, "the name of unit %s must have 1 to %u bytes; correct it",
                       code, LIMIT_NAME);
    if (length(f->level) == 0 || length(f->level) > LIMIT_CODE)
        return err_set(e, ERR_REFUSED, "the level of unit %s must have 1 to %u bytes; correct it",
                       code, LIMIT_CODE);
    if (length(f->kind) > LIMIT_CODE || length(f->group) > LIMIT_CODE)
        return err_set(e, ERR_REFUSED,
                       "the kind or group of unit %s is longer than %u bytes; shorten it", code,
                       LIMIT_CODE);
    if (length(f->contact) > LIMIT_NAME || length(f->phone) > LIMIT_NAME)
        return err_set(e, ERR_REFUSED,
                       "the contact or phone of unit %s is longer than %u bytes; shorten it", code,
                       LIMIT_NAME);
    if (length(f->basis) > LIMIT_NAME)
        return err_set(e, ERR_REFUSED, "the basis of unit %s is longer than %u bytes; shorten it",
                       code, LIMIT_NAME);
    if (f->n_successors > LIMIT_SUCCESSORS)
        return err_set(e, ERR_REFUSED, "unit %s has more than %u successors; name fewer", code,
                       LIMIT_SUCCESSORS);
    if (f->until != DAY_NONE && f->from >= f->until)
        return err_set(e, ERR_REFUSED,
                       "unit %s would end before it begins; correct its from and until dates",
                       code);
    return 0;
}
