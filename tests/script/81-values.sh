#!/bin/bash
# Values that cannot stand, typed one by one and in a file; and the two ways to write a comma.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
join_office n 31741
people n 31741
stop hub
fill n 31741
leader=$(awk -F, '$6 == "yes" { print $1; exit }' "$SAMPLE/subjects-31741.csv")
follower=$(awk -F, '$2 == "individual" && $6 == "no" { print $1; exit }' "$SAMPLE/subjects-31741.csv")
unchanged node_state n
record=(node -d n record --campaign soctrang-2023)
own=("${record[@]}" --subject 31741)

story "C1.1 gives at most 8 points. The message says what was given and what can be."
refused 1 '31741.*C1\.1.*8,01.* 8' '31741, criterion C1\.1: 8,01 .*give 0 to 8' \
    "${own[@]}" --criterion C1.1 --score 8.01
for text in -1 -0,01 7,125 7.125 nan NaN inf 1e1 0x7 '7 8' 1,2,3 '٧' 999999999999; do
    refused 1 "“$text”.*8,5" "“$text” is no value.*8,5 or 8\\.5" \
        "${own[@]}" --criterion C1.1 --score="$text"
done
refused 1 '--score.*--value' '--score is empty.*--value' "${own[@]}" --criterion C1.1 --score ''

story "Points where it is met or not, and the other way round."
refused 1 '“dat”.*“đạt”' '“dat” is no value; this criterion is met or not: write “met”' \
    "${own[@]}" --criterion C2.3 --value dat
refused 1 '7' 'met or not' "${own[@]}" --criterion C2.3 --score 7
refused 1 '31741.*C1\.1.* 8' '31741, criterion C1\.1: .*points are asked for' \
    "${own[@]}" --criterion C1.1 --met
refused 1 '31741.*C1\.1' 'C1\.1: “na” needs a note' \
    "${own[@]}" --criterion C1.1 --na

story "A criterion for leaders is not for $follower; one for collectives is for nobody."
refused 1 "$follower.*I3\\.4" "$follower, criterion I3\\.4: it is asked of leaders only" \
    "${record[@]}" --subject "$follower" --criterion I3.4 --score 4
refused 1 "$leader.*C1\\.1" "$leader, criterion C1\\.1: it does not apply" \
    "${record[@]}" --subject "$leader" --criterion C1.1 --score 4

story "In a file the same, with line, column and the column's name; and not one value of it is taken."
one_value() { printf 'subject,criterion,value,note\n31741,C1.2,1,\n31741,C1.1,%s,\n' "$1" >one.csv; }
import=(node -d n import one.csv --campaign soctrang-2023)
for text in 7.125 nan inf 1e1 -; do
    one_value "$text"
    refused_file "^one.csv, dòng 3, cột 3 .*$text" "^one.csv, line 3, column 3 \\(value\\): .*$text" \
        "${import[@]}"
done
one_value 8.01
refused_file 'dòng 3, cột 3.*8,01' 'line 3, column 3.*8,01 is not allowed; give 0 to 8' "${import[@]}"
one_value -1
refused_file 'dòng 3, cột 3.*-1' 'line 3, column 3.*-1' "${import[@]}"
printf 'subject,criterion,value\n31741,C1.2,1\n%s,I3.4,4\n' "$follower" >one.csv
refused_file "dòng 3, cột 3.*$follower.*I3\\.4" "line 3, column 3.*$follower.*I3\\.4.*leaders only" \
    "${import[@]}"
printf 'subject,criterion,value\n31741,C9.9,1\n' >one.csv
refused_file "dòng 2, cột 2.*C9\\.9" "line 2, column 2 \\(criterion\\).*no criterion C9\\.9" "${import[@]}"
printf 'subject,criterion,value\nNV99,C1.1,1\n' >one.csv
refused_file "dòng 2, cột 1.*NV99" "line 2, column 1 \\(subject\\).*no subject NV99" "${import[@]}"

story "8,5 and 8.5 are one number: for C2.1, which gives at most 10, both are right."
expect_exit 0 "${own[@]}" --criterion C2.1 --score 8,5
node_state n >comma
expect_exit 0 "${own[@]}" --criterion C2.1 --score 9
expect_exit 0 "${own[@]}" --criterion C2.1 --score 8.5
node_state n >point
same_bytes comma point
printf 'subject;criterion;value\n31741;C2.1;8,5\n' >one.csv
expect_exit 0 "${import[@]}"
printf 'subject,criterion,value\n31741,C2.1,8.50\n' >one.csv
expect_exit 0 "${import[@]}"
node_state n >files
same_bytes comma files

story "Zero and the maximum can stand."
expect_exit 0 "${own[@]}" --criterion C1.1 --score 0
expect_exit 0 "${own[@]}" --criterion C1.1 --score 8

story "An empty value in a file says nothing about the cell; an empty --value empties it."
printf 'subject,criterion,value\n31741,C1.1,\n' >one.csv
expect_exit 0 "${import[@]}"
expect_exit 0 node -d n score --campaign soctrang-2023 --json
prints_json '.empty' 0
expect_exit 0 "${own[@]}" --criterion C1.1 --value ''
expect_exit 0 node -d n score --campaign soctrang-2023 --json
prints_json '.empty' 1
the_end
