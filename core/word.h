/*
 * Words that people type where a program expects one of a few: the same word in any letter case,
 * its Vietnamese letters composed (NFC) or taken apart (NFD).
 */
#ifndef CORE_WORD_H
#define CORE_WORD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether `text`, without spaces on either side, is `word`. `word` is lower case in NFC and uses
 * only letters that the table in word.c holds.
 */
bool word_equal(const char *text, const char *word);

/* Whether `text` is a word for yes, and whether it is one for no; an empty one is neither. */
bool word_yes(const char *text);
bool word_no(const char *text);

/* The level of units that `text` names: the code of a usual one for the Vietnamese word that people
 * read for it (`commune` for “xã”), else `text` itself. */
const char *word_level(const char *text);
/* The Vietnamese word for the `i`th usual level, from 0, and its code; NULL: there are no more. */
const char *word_of_level(size_t i, const char **ret_code);
/* Whether `level` is the code of a usual one. */
bool word_level_usual(const char *level);

#endif
