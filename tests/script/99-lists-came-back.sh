#!/bin/bash
# A hub is put back to before an office sealed a report and named two lists of subjects, its own and that of
# a hamlet below it, and an old copy of the office's directory comes first, with keys that were changed since.
# What that displaced is said again, but of each unit the list that stood last stands last again; and a report
# that names a displaced list is not said again against a later revision of it.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
printf 'code,parent,level,kind,name,group\nHB,31732,hamlet,state,Ấp Hậu Bối,\n' >hamlet.csv
given hub -d hub unit import hamlet.csv
issue_campaigns hub
serve hub
join_office office 31732
join_office other 31741
people office 31732
fill office 31732
given node -d office sync
given node -d other sync
cp -a office old
stop hub
cp -a hub before
serve hub
sync() { given node -d office sync; }
# listed KIND: the list of the office, in which one body counts as that kind.
listed() {
    sed "s/^DU,collective,co-quan-dang,/DU,collective,$1,/" "$SAMPLE/subjects-31732.csv" >list.csv
    given node -d office subject import list.csv
}
# hamlet PERSON...: the list of the hamlet, of which it is the only one.
hamlet() {
    printf 'code,kind,class,name,unit,leader,uniformed\n' >list.csv
    local person
    for person; do printf '%s,individual,can-bo,Người %s,HB,no,no\n' "$person" "$person" >>list.csv; done
    given node -d office subject import list.csv
}
record() { given node -d office record --campaign soctrang-2023 --subject 31732 --criterion C1.1 --score "$1"; }

listed mat-tran
hamlet P1
seal office
sync
given node -d office rotate
sync
record 1
seal office
second=$report
hamlet P1 P2
listed chinh-quyen
record 2
seal office
third=$report
sync
lists() { node -d office subject list --json | jq -c '[.[] | [.unit, .code, .class]] | sort'; }
ranked() {
    hub -d hub rank --campaign soctrang-2023 --group khoi-xa --subject-kind collective --json |
        jq -c '[.. | objects | select(.subject?) | [.unit, .subject, .score]] | unique'
}
lists >lists.before
ranked >ranked.before
check "the hamlet has two" [ "$(grep -o '"HB","P[12]"' lists.before | wc -l)" = 2 ]
check "it is ranked" grep -q 31732 ranked.before

story "An old copy takes the places of what was forgotten; the office, and then the hub, go on."
stop hub
rm -rf hub
mv before hub
serve hub
seal old
node -d old sync
_handed_back() {
    node -d office sync
    node -d other sync
    hub -d hub renew --key hub-keys/root.key
}
check "the hub goes on in its next epoch" eventually 60 _handed_back
_settled() { node -d office sync && [ "$(ranked)" = "$(cat ranked.before)" ] && ! node -d office status | grep "older copy"; }
check "the last revision counts" eventually 60 _settled
sync
check "what is ranked is as it was" [ "$(ranked)" = "$(cat ranked.before)" ]
check "both lists are as they were" [ "$(lists)" = "$(cat lists.before)" ]
expect_exit 0 node -d office report list --json
prints_json '[.[] | [.report, .revision]]' "[[\"$second\",2],[\"$third\",3]]"

story "At the hub, what names the list that was displaced does not look as if it counted."
expect_exit 0 hub -d hub report show "${third:0:12}" --json
prints_json '[.state]' '["received"]'
expect_exit 0 hub -d hub report show "${second:0:12}" --json
prints_json '[.state, (.receipts | length)]' '["rejected",1]'
expect_exit 0 hub -d hub report list
prints 'it names a list of subjects that lost its place to another record of its machine'
expect_exit 0 hub -d hub check
stop hub
the_end
