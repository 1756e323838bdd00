#!/bin/bash
# Names of people: a report keeps those that it was sealed with, and a slip in a file is not obeyed.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
join_office n 31741
people n 31741
fill n 31741
seal n
given node -d n sync
ask=(--campaign soctrang-2023 --subject-kind individual --group khoi-xa --json)
submit=(node -d n submit --campaign soctrang-2023)

# called NAME NAME: what the province and whoever verifies its bundle call CN03 and CN04.
called() {
    given hub -d hub bundle export all.tdb
    expect_exit 0 hub -d hub rank "${ask[@]}"
    prints_json '[.rows[] | select(.subject == "CN03" or .subject == "CN04")] | sort_by(.subject) | map(.name)' \
        "[\"$1\",\"$2\"]"
    printed >hub.json
    expect_exit 0 audit verify all.tdb --root "$fingerprint" --rank "${ask[@]}"
    printed | jq -c .rank >audit.json
    expect_exit 0 cmp hub.json audit.json
    rm all.tdb
}

story "Two names are exchanged after the report was sealed and received: the office is told."
called 'Lý Si Tha' 'Trần Thiện Tâm'
sed 's/Lý Si Tha/@/;s/Trần Thiện Tâm/Lý Si Tha/;s/@/Trần Thiện Tâm/' "$SAMPLE/subjects-31741.csv" >exchanged.csv
unchanged node_state n
expect_exit 0 node -d n subject import --dry-run exchanged.csv
says_match ' 0 new, 2 changed, 0 gone'
says_match '^CN03: Lý Si Tha → Trần Thiện Tâm; [0-9]+ values and 1 sealed reports belong to this code'
says_match '^CN04: Trần Thiện Tâm → Lý Si Tha; '
still "nothing changed"
expect_exit 0 node -d n subject import exchanged.csv
given node -d n sync

story "The report is called by the names that it was sealed with, at the province and by the auditor."
called 'Lý Si Tha' 'Trần Thiện Tâm'

story "A revision has the new names, though no value is another; the same again is none."
expect_exit 0 "${submit[@]}"
says 'revision 2'
expect_exit 1 "${submit[@]}"
says 'nothing has changed since revision 2'
given node -d n sync
called 'Trần Thiện Tâm' 'Lý Si Tha'

story "A sheet in which one column was sorted without the others is refused, with line and column."
given node -d n template --campaign soctrang-2023 sheet.csv
"$PYTHON" - <<'END'
import csv
rows = list(csv.reader(open("sheet.csv", encoding="utf-8-sig")))
names = sorted(row[1] for row in rows[1:])
csv.writer(open("sorted.csv", "w")).writerows([rows[0]] + [[r[0], n] + r[2:] for r, n in zip(rows[1:], names)])
csv.writer(open("bare.csv", "w")).writerows([rows[0]] + [[r[0], ""] + r[2:] for r in rows[1:]])
END
unchanged node_state n
expect_exit 1 node -d n import --campaign soctrang-2023 sorted.csv
says_match '^sorted.csv, line [0-9]+, column 2 \(name\): .* was one column sorted without the others'
still "nothing changed"
expect_exit 0 node -d n import --campaign soctrang-2023 sheet.csv
expect_exit 0 node -d n import --campaign soctrang-2023 bare.csv

story "A file that was cut short takes nobody away, unless the office says how many leave."
head -n 4 exchanged.csv >short.csv
gone=$(($(wc -l <exchanged.csv) - 4))
expect_exit 1 node -d n subject import --dry-run short.csv
says "say \`--gone $gone\`"
says 'CN01 is not in the file and leaves the list'
expect_exit 1 node -d n subject import short.csv
says "most subjects of unit 31741 are not in short.csv"
expect_exit 1 node -d n subject import short.csv --gone 1
says "says that 1 subjects leave, and $gone are not in"
still "nothing changed"
expect_exit 0 node -d n subject import short.csv --gone "$gone"
expect_exit 0 node -d n subject import exchanged.csv
the_end
