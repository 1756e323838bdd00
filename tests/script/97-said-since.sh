#!/bin/bash
# A hub is put back to before three offices reported, and old copies of their directories come first, with
# keys that were changed since. What that displaced is said again, but not against what the office has
# said since: a correction stays the last word, what was taken back stays taken back, a name stays
# corrected; and a correction that names a list which was displaced is said again with the list.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
for code in 31741 31753 31732; do
    join_office "n$code" $code
    people "n$code" $code
    fill "n$code" $code
    given node -d "n$code" sync
    cp -a "n$code" "old$code"
done
stop hub
cp -a hub before
serve hub

# named NAME: the list of 31732, in which one body counts as another kind and one person is called so.
last=$(tail -1 "$SAMPLE/subjects-31732.csv" | cut -d, -f4)
named() {
    sed "s/^DU,collective,co-quan-dang,/DU,collective,mat-tran,/; s/$last/$1/" "$SAMPLE/subjects-31732.csv" >named.csv
    given node -d n31732 subject import named.csv
}
named "Tên Một"
# sync CODE: what of that office's is on its way is taken.
sync() { given node -d "n$1" sync; }
for code in 31741 31753 31732; do
    seal "n$code"
    sync $code
    given node -d "n$code" rotate
    sync $code
done
given node -d n31741 record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 1
seal n31741
second=$report
named "Tên Hai"
given node -d n31732 record --campaign soctrang-2023 --subject 31732 --criterion C1.1 --score 1
seal n31732
seal_of_31753=$(node -d n31753 report list --json | jq -r '.[0].report')
given node -d n31753 withdraw "$seal_of_31753" --reason "sai số liệu"
for code in 31741 31753 31732; do sync $code; done
ranked() {
    hub -d hub rank --campaign soctrang-2023 --group khoi-xa --subject-kind collective --json |
        jq -c '[.. | objects | select(.subject?) | [.unit, .subject, .score]] | unique'
}
ranked >ranked.before
for code in 31741 31732; do check "$code is ranked" grep -q $code ranked.before; done
in_force() { hub -d hub report list --json | jq -c '[.[] | select(.state == "received" and .unit != "31732") | [.report, .revision]]'; }

story "The old copies report in the places of what was forgotten; the offices, and then the hub, go on."
stop hub
rm -rf hub
mv before hub
serve hub
for code in 31741 31753 31732; do
    seal "old$code"
    node -d "old$code" sync
done
_handed_back() {
    node -d n31741 sync
    node -d n31753 sync
    node -d n31732 sync
    hub -d hub renew --key hub-keys/root.key
}
check "the hub goes on in its next epoch" eventually 60 _handed_back
_settled() {
    node -d n31741 sync && node -d n31753 sync && node -d n31732 sync &&
        [ "$(in_force)" = "[[\"$second\",2]]" ] && [ "$(ranked)" = "$(cat ranked.before)" ]
}
check "corrections count, and nothing that was taken back" eventually 60 _settled
check "the correction has its first receipt still" \
    [ "$(node -d n31741 status --json | jq -r '.reports | last | [.report, .state] | join(" ")')" = \
    "$second received" ]
check "the other office's is withdrawn" \
    [ "$(node -d n31753 status --json | jq -r '.reports | last | .state')" = withdrawn ]
check "a name stays corrected" grep -q "Tên Hai" <(node -d n31732 subject list)
check "… at the hub" grep -q "Tên Hai" <(hub -d hub rank --campaign soctrang-2023 --group khoi-xa --subject-kind individual)
corrected=$(hub -d hub report list --json | jq -r '[.[] | select(.unit == "31732" and .revision == 2 and .epoch == 2)] | first | .report')
expect_exit 0 hub -d hub report show "${corrected:0:12}" --json
prints_json '[.state, (.receipts | length)]' '["rejected",1]'
expect_exit 0 hub -d hub report list
prints 'it names a list of subjects that lost its place to another record of its machine'
expect_exit 0 hub -d hub check
expect_exit 0 hub -d hub bundle export all.tdb

story "That reports were receipted and displaced stays in sight of whoever verifies, and is nobody's fault."
expect_exit 0 audit verify all.tdb --root "$fingerprint" --rank --campaign soctrang-2023 --group khoi-xa \
    --subject-kind collective
printed >all.json
says "was receipted, and displaced since"
says "this one counts for nothing"
says "every signature, chain, receipt and verdict holds"
says "in whose place its author has another record"
check "no problem" [ "$(jq -c .problems all.json)" = "[]" ]
check "three of them were receipted" [ "$(jq '[.conflicts[] | select(.receipted)] | length' all.json)" = 3 ]
check "each is one that the hub lists" [ "$(jq -c '[.conflicts[].other] | sort' all.json)" = \
    "$(hub -d hub conflict list --json | jq -c '[.[].other] | sort')" ]
check "the ranking is the hub's" [ "$(jq .rank all.json)" = \
    "$(hub -d hub rank --campaign soctrang-2023 --group khoi-xa --subject-kind collective --json | jq .)" ]
for code in 31741 31753 31732; do
    expect_exit 0 node -d "n$code" bundle export "n$code.tdb"
    expect_exit 0 audit verify "n$code.tdb" --root "$fingerprint"
done
expect_exit 0 hub -d hub bundle export part.tdb --for 31741
expect_exit 0 audit verify part.tdb --root "$fingerprint"
says "made for unit 31741"
check "a part shows the conflicts of that part" \
    [ "$(printed | jq -c '[.conflicts[].unit] | unique')" = '["31741","94"]' ]

story "Who withdraws a correction is told that it goes on counting where it was said again, with its list."
expect_exit 0 node -d n31732 withdraw "$corrected" --reason "sai số liệu"
says 'Revision 2 came after it and goes on counting'
the_end
