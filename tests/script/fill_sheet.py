#!/usr/bin/python3
"""Fill the cells of a sheet made by `template`: fill_sheet.py FILE VALUE [SUBJECT:CRITERION=VALUE...]

`*` stands for every subject or criterion; the first that fits holds, else VALUE. A VALUE of `-` leaves
the cell as it is.
"""
import csv
import sys


def main(path, usual, *exceptions):
    rules = []
    for text in exceptions:
        place, value = text.split("=", 1)
        rules.append((*place.split(":"), value))
    with open(path, encoding="utf-8-sig", newline="") as f:
        rows = list(csv.reader(f))
    head = rows[0]
    for row in rows[1:]:
        for i in range(2, len(head)):
            if row[i] == "-":
                continue
            value = usual
            for subject, criterion, said in rules:
                if subject in ("*", row[0]) and criterion in ("*", head[i].split(" ")[0]):
                    value = said
                    break
            row[i] = "" if value == "-" else value
    with open(path, "w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows(rows)


main(*sys.argv[1:])
