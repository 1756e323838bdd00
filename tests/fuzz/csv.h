/*
 * The four readers of CSV files, over an office or a hub that has units, a campaign and people.
 * What a file says is dropped again.
 */
#ifndef TESTS_FUZZ_CSV_H
#define TESTS_FUZZ_CSV_H

#include "core/bytes.h"
#include "core/problems.h"

int csv_units(struct slice file, struct problems *p, struct err *e);
int csv_events(struct slice file, struct problems *p, struct err *e);
int csv_subjects(struct slice file, struct problems *p, struct err *e);
int csv_sheet(struct slice file, struct problems *p, struct err *e);

#endif
