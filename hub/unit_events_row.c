#include "hub/unit_events_row.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"

#include <string.h>

const struct csv_column unit_events_columns[EVENT_COLUMNS] = {
    [EVENT_DATE] = {"date", {"ngày", "ngày hiệu lực", "từ ngày"}, true},
    [EVENT_OP] = {"op", {"việc", "sự kiện", "nội dung"}, true},
    [EVENT_FROM] = {"from", {"đơn vị cũ", "mã cũ", "từ", "từ đơn vị"}, true},
    [EVENT_TO] = {"to", {"đơn vị mới", "mã mới", "thành", "sang", "đến"}, true},
    [EVENT_EXTENT] = {"extent", {"phạm vi", "mức độ"}, false},
    [EVENT_BASIS] = {"basis", {"căn cứ", "văn bản", "số văn bản"}, false},
    [EVENT_PARENT] = {"parent", {"đơn vị cấp trên", "mã cấp trên", "cấp trên", "mã cha"}, false},
    [EVENT_LEVEL] = {"level", {"cấp", "cấp hành chính"}, false},
    [EVENT_KIND] = {"kind", {"loại", "loại hình", "khối cơ quan"}, false},
    [EVENT_NAME] = {"name", {"tên", "tên đơn vị"}, false},
    [EVENT_GROUP] = {"group", {"cụm", "khối", "cụm thi đua", "khối thi đua", "nhóm"}, false},
};

#define WORDS 3

static const char *const ops[][WORDS] = {
    [OP_NONE] = {""},
    [OP_RENAME] = {"rename", "đổi tên"},
    [OP_RECODE] = {"recode", "đổi mã"},
    [OP_MOVE] = {"move", "chuyển", "chuyển cấp trên"},
    [OP_REGROUP] = {"regroup", "đổi cụm", "đổi khối"},
    [OP_MERGE] = {"merge", "sáp nhập", "nhập"},
    [OP_SPLIT] = {"split", "chia tách", "tách"},
    [OP_DISSOLVE] = {"dissolve", "giải thể"},
    [OP_CREATE] = {"create", "thành lập", "lập mới"},
};
static const char *const extents[][WORDS] = {{"full", "toàn bộ"}, {"partial", "một phần"}};

/* Which of `n` lists of words has `text`, whatever its case; `n`: none. */
static int find_word(const char *text, const char *const (*lists)[WORDS], size_t n, size_t *ret_at,
                     struct err *e) {
    char *mine;
    int rc = text_fold(slice_str(text), &mine, e);
    size_t at = rc == 0 ? 0 : n;
    for (; at < n; at++) {
        bool same = false;
        for (size_t k = 0; rc == 0 && !same && k < WORDS && lists[at][k]; k++) {
            char *word;
            rc = text_fold(slice_str(lists[at][k]), &word, e);
            same = rc == 0 && strcmp(mine, word) == 0;
            if (rc == 0)
                mem_free(word);
        }
        if (same || rc != 0)
            break;
    }
    if (rc == 0 || at < n)
        mem_free(mine);
    *ret_at = at;
    return rc;
}

struct reading {
    const struct csv *csv;
    struct problems *p;
    struct event_row *out;
    struct err *e;
};

static const char *cell(const struct reading *r, enum event_column k) {
    return csv_get(r->csv, r->out->row, k);
}

static struct err *problem(struct reading *r, enum event_column k) {
    r->out->wrong = true;
    return csv_problem(r->csv, r->p, r->out->row, k);
}

static void read_date(struct reading *r) {
    const char *text = cell(r, EVENT_DATE);
    if (!*text)
        err_set(problem(r, EVENT_DATE), ERR_REFUSED,
                "the date is missing: the first day on which this holds, as 01/07/2025");
    else if (!day_parse(text, &r->out->on))
        err_set(problem(r, EVENT_DATE), ERR_REFUSED,
                "“%s” is no date: write it as 31/12/2023 or 2023-12-31", text);
}

static int read_op(struct reading *r) {
    size_t n = sizeof ops / sizeof *ops, at;
    int rc = find_word(cell(r, EVENT_OP), ops, n, &at, r->e);
    if (rc != 0)
        return rc;
    if (at == n || at == OP_NONE)
        err_set(problem(r, EVENT_OP), ERR_REFUSED,
                "“%s” is no event: write rename, recode, move, regroup, merge, split, dissolve or "
                "create",
                cell(r, EVENT_OP));
    else
        r->out->op = (enum event_op)at;
    return 0;
}

static int read_extent(struct reading *r) {
    size_t at;
    const char *text = cell(r, EVENT_EXTENT);
    if (!*text)
        return 0;
    int rc = find_word(text, extents, 2, &at, r->e);
    if (rc != 0)
        return rc;
    bool has_extent = r->out->op == OP_MERGE || r->out->op == OP_SPLIT;
    if (at == 2)
        err_set(problem(r, EVENT_EXTENT), ERR_REFUSED,
                "“%s” is no extent: write full or partial, or leave it empty for full", text);
    else if (!has_extent && at != 0)
        err_set(problem(r, EVENT_EXTENT), ERR_REFUSED,
                "only a merge or a split can be partial: leave the extent empty");
    r->out->partial = at == 1;
    return 0;
}

/* Which cells an event needs, and which it has no use for. */
static void check_cells(struct reading *r) {
    enum event_op op = r->out->op;
    bool creates = op == OP_CREATE, empty = op == OP_DISSOLVE;
    if (creates && *cell(r, EVENT_FROM))
        err_set(problem(r, EVENT_FROM), ERR_REFUSED,
                "a unit that is created comes from none: leave this empty, and say merge or split "
                "of the old one in a row of its own");
    if (!creates && !*cell(r, EVENT_FROM))
        err_set(problem(r, EVENT_FROM), ERR_REFUSED,
                "the code of the unit to which this happens is missing");
    if (empty && *cell(r, EVENT_TO))
        err_set(problem(r, EVENT_TO), ERR_REFUSED,
                "a unit that is dissolved becomes none: leave this empty, or say merge");
    if (!empty && op != OP_REGROUP && !*cell(r, EVENT_TO))
        err_set(problem(r, EVENT_TO), ERR_REFUSED,
                "this is missing: the new name, code or unit above, or the unit it goes into");
    static const enum event_column needed[] = {EVENT_PARENT, EVENT_LEVEL, EVENT_NAME};
    for (size_t i = 0; creates && i < sizeof needed / sizeof *needed; i++)
        if (!*cell(r, needed[i]))
            err_set(problem(r, csv_where(r->csv, needed[i]) == CSV_ABSENT ? EVENT_OP : needed[i]),
                    ERR_REFUSED, "a unit that is created needs its %s, in the column of that name",
                    unit_events_columns[needed[i]].name);
    if (strlen(cell(r, EVENT_BASIS)) > LIMIT_NAME)
        err_set(problem(r, EVENT_BASIS), ERR_REFUSED, "longer than %u bytes: shorten it",
                LIMIT_NAME);
}

int unit_events_row(const struct csv *csv, uint32_t row, struct problems *p,
                    struct event_row *ret_row, struct err *e) {
    struct event_row out = {.row = row};
    struct reading r = {csv, p, &out, e};
    read_date(&r);
    int rc = read_op(&r);
    if (rc == 0)
        rc = read_extent(&r);
    if (rc == 0 && out.op != OP_NONE)
        check_cells(&r);
    if (rc == 0)
        *ret_row = out;
    return rc;
}
