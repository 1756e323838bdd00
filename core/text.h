/*
 * Text as people here write it: NFC everywhere, Vietnamese order, Vietnamese folding.
 *
 * Text comes in as anything and is kept as NFC. What is kept never holds a control character, so a
 * name cannot move a cursor, split a line or forge a column.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include "core/bytes.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * `in` in NFC, as a C string of one line: what a name, a code or a cell may be. The caller frees it
 * with mem_free. ERR_REFUSED names the byte (from 1) where `in` stops being UTF-8 or holds a
 * control character.
 */
int text_nfc(struct slice in, char **ret_out, struct err *e);
/* The same, with line feeds allowed: what a paragraph may be. */
int text_nfc_lines(struct slice in, char **ret_out, struct err *e);
/*
 * A passphrase as one is typed on any machine: `in` in NFC and without a byte order mark before it,
 * into `out`, of `cap` bytes; nothing of it stays anywhere else. False where it is no UTF-8, or
 * longer than TEXT_SECRET_BYTES or `cap`.
 */
#define TEXT_SECRET_BYTES 1024u
bool text_nfc_secret(const char *in, char *out, size_t cap);

/* `text` without spaces and no-break spaces on either side: a place inside it; it is cut in place.
 */
char *text_trim(char *text);

/* Bytes at the start of `in` that are valid UTF-8; `in.len` when all of it is. */
size_t text_utf8_prefix(struct slice in);

/*
 * `in` for comparing and searching: lower case, without marks, `đ` as `d`. Equal folds mean that a
 * person would say it is the same word typed in another way. The caller frees it with mem_free.
 * `in` is valid UTF-8, else ERR_REFUSED.
 */
int text_fold(struct slice in, char **ret_out, struct err *e);

/* Columns that `text` takes in a terminal; bytes that are not UTF-8 count as one each. */
size_t text_width(const char *text);

/*
 * Whether `code` may be a code or id typed by people: 1 to LIMIT_CODE bytes of NFC; Latin letters
 * (Vietnamese ones too), digits, and `-`, `_`, `.` after the first. No space, and no `/`, which
 * joins a unit and a code in UNIT/CODE.
 */
bool text_code_valid(const char *code);
/* The same as an error that says what a code is. */
int text_code_check(const char *code, struct err *e);

#endif
