/*
 * Instants and days. An instant is milliseconds since 1970-01-01T00:00Z. A day is a calendar day
 * in Viet Nam, which keeps UTC+7 all year; the machine's own time zone is never asked.
 */
#ifndef CORE_INSTANT_H
#define CORE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t instant; /* ms, UTC */
typedef int32_t day;     /* days since 1970-01-01, as the calendar in UTC+7 shows them */

#define INSTANT_TEXT 32
#define INSTANT_MIN ((instant)-62135596800000 - 7 * 3600000) /* 0001-01-01T00:00+07:00 */
#define INSTANT_MAX ((instant)253402300799999 - 7 * 3600000) /* 9999-12-31T23:59:59.999+07:00 */
#define INSTANT_NONE INT64_MIN
#define DAY_NONE INT32_MIN
#define MS_PER_DAY 86400000

/* What a program's clocks show at once. Only wall time is evidence; the other measures waiting. */
struct moment {
    instant wall;    /* the machine's calendar clock */
    int64_t boot_ms; /* ms since the machine started, suspended time included */
};

/* The first instant of `d`. */
instant instant_of_day(day d);
/* The day that `t` falls on. */
day instant_day(instant t);

/* `y`-`m`-`d` as a day; false if the calendar has no such date (years 1 to 9999). */
bool day_from_ymd(int y, int m, int d, day *ret_day);
void day_to_ymd(day d, int *ret_y, int *ret_m, int *ret_d);
/* 0 Monday … 6 Sunday. */
int day_of_week(day d);

/* ISO 8601 with offset: `2023-12-15T23:59:59.999+07:00`; milliseconds only where not zero. What is
 * no instant is printed as the nearest. */
void instant_text(instant t, char out[INSTANT_TEXT]);
/* For people: `15/12/2023 23:59`. */
void instant_text_people(instant t, char out[INSTANT_TEXT]);
/* `2023-12-15`; and for people `15/12/2023`. */
void day_text(day d, char out[INSTANT_TEXT]);
void day_text_people(day d, char out[INSTANT_TEXT]);

/*
 * Parse what instant_text prints, with Z or any offset, seconds and milliseconds optional, and for
 * people `dd/mm/yyyy HH:MM`; a date alone is its first instant. False if it is anything else.
 */
bool instant_parse(const char *text, instant *ret_instant);
/*
 * The same where an end is meant: who writes a date alone means that the whole of that day counts,
 * so it is the first instant after it.
 */
bool instant_parse_end(const char *text, instant *ret_instant);
/* `yyyy-mm-dd` or `d/m/yyyy`. */
bool day_parse(const char *text, day *ret_day);

#endif
