/*
 * From a plain struct of core/ to its generated message and back, by one table per struct, so that
 * both directions and every bound are said once. For codecs only.
 *
 * A table has one entry for each field of the message, found by name. What a message may carry is
 * bounded three times: LIMIT_PAYLOAD for its bytes, PB_MAP_MEMORY for what decoding them may take,
 * and the table for each text, list and number.
 */
#ifndef PROTO_PB_MAP_H
#define PROTO_PB_MAP_H

#include "core/bytes.h"
#include "core/err.h"

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

#define PB_MAP_MEMORY ((size_t)4 * 1024 * 1024)

enum pb_map_shape {
    PB_TEXT,   /* char *, at most `max` bytes */
    PB_TEXTS,  /* char **, at most `max` texts of LIMIT_NAME bytes */
    PB_BOOL,   /* bool */
    PB_NUMBER, /* int32_t, uint32_t or an enum, from `min` to `max` */
    PB_DAY,    /* day; DAY_NONE travels as 0 */
    PB_HASH,   /* struct hash; zero travels as nothing */
    PB_UIDS,   /* struct uid *, at most `max` */
    PB_PART,   /* a struct within the struct, described by `part` */
    PB_PARTS,  /* an array of structs, at most `max`, each described by `part` */
};

struct pb_map;
struct pb_map_field {
    const char *name; /* in the schema, and in key paths of messages */
    enum pb_map_shape shape;
    size_t at, count_at; /* offsets in the struct: of the member, and of its uint32_t count */
    int64_t min, max;
    const struct pb_map *part;
};
struct pb_map {
    const ProtobufCMessageDescriptor *type;
    size_t size; /* of the struct */
    unsigned n;
    const struct pb_map_field *fields;
};

#define PB_MAP(descriptor, type_, table)                                                           \
    { &(descriptor), sizeof(type_), sizeof(table) / sizeof *(table), table }

#define PB_FIELD(s, shape, m, min, max)                                                            \
    { #m, shape, offsetof(s, m), 0, min, max, NULL }
#define PB_LIST(s, shape, m, max, part)                                                            \
    { #m, shape, offsetof(s, m), offsetof(s, n_##m), 0, max, part }
#define PB_WITHIN(s, m, part)                                                                      \
    { #m, PB_PART, offsetof(s, m), 0, 0, 0, part }

/*
 * Append the message that `map` makes of the struct at `from` to `out`. A NULL text counts as
 * empty. ERR_REFUSED where a bound of the table or LIMIT_PAYLOAD is passed; `out` is then as it
 * was.
 */
int pb_map_pack(const struct pb_map *map, const void *from, struct buf *out, struct err *e);

/*
 * Fill the struct at `to`, zeroed by the caller, from `bytes` as `map` says. Texts are never NULL
 * afterwards. ERR_CORRUPT if the bytes are no message, ERR_REFUSED with the key path where a bound
 * is passed or a text is not UTF-8. On failure `to` is partly filled: the caller frees it like a
 * full one.
 */
int pb_map_unpack(const struct pb_map *map, struct slice bytes, void *to, struct err *e);

#endif
