/*
 * Words: what codes and states are called when people read them, as msgids to translate.
 */
#ifndef NODE_WORDS_H
#define NODE_WORDS_H

#include "core/bytes.h"
#include "core/result.h"
#include "core/sheet.h"
#include "core/world.h"

const char *words_kind(const struct world *w, enum report_kind kind);
/* The kind that somebody typed after --kind, in either language, into `ret_kind`; ERR_USAGE lists
 * what there is. */
int words_kind_read(const char *typed, enum report_kind *ret_kind, struct err *e);
const char *words_state(const struct world *w, enum slot_state state);
const char *words_subject_kind(const struct world *w, enum subject_kind kind);
/* The level of a unit: the word for a usual one, `level` itself where there is none. */
const char *words_level(const struct world *w, const char *level);
/* Why a row is left out of a ranking, or a quota has no edge in it: the word for a code, the code
 * itself where there is none. */
const char *words_why(const struct world *w, const char *code);

/* `t` for people, empty for INSTANT_NONE, into `out`; returns `out`. */
const char *words_instant(instant t, char out[INSTANT_TEXT]);
/* The same as ISO 8601. */
const char *words_instant_iso(instant t, char out[INSTANT_TEXT]);
/* What `cell` holds, as it may be typed; empty for none. A number is written into `out`. */
const char *words_cell(const struct world *w, const struct cell *cell, char out[16]);
/* The first eight digits of `h`, empty for zero, into `out`; returns `out`. */
const char *words_short(const struct hash *h, char out[9]);
/* The first instant that is too late, `until`, as people say it: the day before where it is a
 * midnight, for that whole day counts; else day and time. */
const char *words_until(instant until, char out[INSTANT_TEXT]);
/* The last day that counts under the due instant `due`, for people; empty for INSTANT_NONE. */
const char *words_due(instant due, char out[INSTANT_TEXT]);

#endif
