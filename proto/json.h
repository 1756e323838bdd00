/*
 * JSON: a document put together member by member, and the shapes that several programs print alike.
 * Compact, UTF-8 unescaped, members in the order given. The only files that know jansson.
 *
 * One sticky error: after a failure every call is ignored and json_print tells it. Inside an object
 * each call names the member (`key`, plain words that need no escape); inside a list `key` is NULL.
 */
#ifndef PROTO_JSON_H
#define PROTO_JSON_H

#include "core/bytes.h"
#include "core/err.h"
#include "core/result.h"

#define JSON_DEPTH 8 /* objects and lists inside one another */

struct json; /* opaque */

int json_new(struct json **ret_json, struct err *e);
void json_free(struct json *j); /* NULL is accepted */

/* Open an object or a list; the first one opened is the document. Each is closed by json_end. */
void json_begin_object(struct json *j, const char *key);
void json_begin_list(struct json *j, const char *key);
void json_end(struct json *j);

void json_put_null(struct json *j, const char *key);
void json_put_bool(struct json *j, const char *key, bool v);
void json_put_int(struct json *j, const char *key, int64_t v);
/* UTF-8; NULL prints null. */
void json_put_text(struct json *j, const char *key, const char *v);
/* Hex digits; a zero hash or id prints null. */
void json_put_hash(struct json *j, const char *key, const struct hash *v);
void json_put_uid(struct json *j, const char *key, const struct uid *v);
/* ISO 8601 with +07:00; INSTANT_NONE and DAY_NONE print null. */
void json_put_instant(struct json *j, const char *key, instant v);
void json_put_day(struct json *j, const char *key, day v);
/* `"8.50"`; SCORE_NONE prints null. */
void json_put_score(struct json *j, const char *key, score v);
/* `v` hundredths of a percent as `"66.67"`. */
void json_put_percent(struct json *j, const char *key, int64_t v);

/* Append the document of `j`, all of it closed, to `out`, in one line without a line feed. */
int json_print(const struct json *j, struct buf *out, struct err *e);

/* What `rank --json` prints, as member `key` of what is open or as a document. */
void json_put_ranking(struct json *j, const char *key, const struct ranking *r);
/* What `board --json` prints of the `n` boards at `list`, likewise: the one itself if `single`,
 * else a list, which may be empty. */
void json_put_boards(struct json *j, const char *key, const struct board *list, size_t n,
                     bool single);

/* The same as documents of their own, appended to `out`. */
int json_boards(const struct board *list, size_t n, bool single, struct buf *out, struct err *e);
int json_ranking(const struct ranking *r, struct buf *out, struct err *e);

#endif
