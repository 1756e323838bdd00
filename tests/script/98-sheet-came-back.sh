#!/bin/bash
# A directory is put back to an older state: what was reported since comes back, and the sheet follows it;
# what was written down here and never reported stays, and is said.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

# put_back NODE FILE: NODE anew, of its key and of that backup, as at another machine.
put_back() {
    cp "$1/actor.key" key
    rm -rf "$1"
    mkdir -m 700 "$1"
    mv key "$1/actor.key"
    cp "$2" "$1/data.mdb"
}
# value NODE CRITERION SUBJECT: what its row has there.
value() {
    rm -f sheet.csv
    node -d "$1" template --campaign soctrang-2023 sheet.csv 2>.template || cat .template >&2
    "$PYTHON" -c 'import csv, sys
rows = list(csv.reader(open("sheet.csv", encoding="utf-8-sig")))
at = [head.split(" ")[0] for head in rows[0]].index(sys.argv[1])
print([row[at] for row in rows if row[0] == sys.argv[2]][0].replace(",", "."))' "$2" "${3:-31741}"
}
has() { # NODE CRITERION VALUE [SUBJECT]
    local is
    is=$(value "$1" "$2" "${4:-31741}")
    if [ "$is" = "$3" ]; then ok "$2 is $3"; else not_ok "$2 is $3" "it is $is"; fi
}
note() { given node -d xa record --campaign soctrang-2023 --subject 31741 --criterion "$@"; }
_back() {
    node -d "$T/xa" sync
    node -d "$T/xa" status --json | jq -e ".reports | length == $1" && ! node -d "$T/xa" status | grep "older copy"
}
comes_back() { check "$1 reports are here" eventually 100 _back "$1"; }

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
join_office xa 31741
people xa 31741
fill xa 31741
given node -d xa sync
given node -d xa backup before-all
seal xa
given node -d xa sync
given node -d xa backup after-one
note C1.3 --score 6
note C1.5 --value '' --note 'đang xem'
note C1.5 --score 5 --note ''
seal xa
given node -d xa sync

story "The correction came back: the sheet follows it, and there is nothing to submit."
put_back xa after-one
comes_back 2
has xa C1.3 6
has xa C1.5 5
expect_exit 1 node -d xa submit --campaign soctrang-2023
says 'nothing has changed since revision 2'

story "Another cell is corrected: the next revision has both."
note C1.1 --score 4
has xa C1.3 6
expect_exit 0 node -d xa score --campaign soctrang-2023
says 'revision 2'
says 'came back'
seal xa
says 'it follows revision 2, which came back from the hub; of the values here, 1 differ from it'
expect_exit 0 node -d xa report show "${report:0:12}" --json
prints_json '[.values[] | select(.subject == "31741" and (.criterion | IN("C1.1", "C1.3", "C1.5"))) | .value]' '["4.00","6.00","5.00"]'
expect_exit 0 node -d xa check
given node -d xa sync
expect_exit 0 node -d xa status --json
prints_json '.unsealed' null

story "A sheet that was filled in and not yet sealed when it was copied follows every revision."
put_back xa before-all
comes_back 3
has xa C1.3 6
has xa C1.1 4
expect_exit 1 node -d xa submit --campaign soctrang-2023
says 'nothing has changed since revision 3'

story "What was written down before the copy, and never sealed, stays and is said."
note C2.1 --score 1
given node -d xa backup with-edit
note C2.1 --score 2
note C3 --score 3
seal xa
given node -d xa sync
put_back xa with-edit
comes_back 4
has xa C2.1 1
has xa C3 3
expect_exit 0 node -d xa status
prints_match 'revision 4 .*came back.*of the values here, 1 differ from it'
expect_exit 0 node -d xa status --json
prints_json '[.unsealed[] | [.unit, .campaign, .period, .kind, .revision, .values, .came_back]]' '[["31741","soctrang-2023","2023","annual",4,1,true]]'
expect_exit 0 node -d xa score --campaign soctrang-2023
says_match 'revision 4 .*came back.*of the values here, 1 differ from it'
expect_exit 0 node -d xa score --campaign soctrang-2023 --json
prints_json '.unsealed | [.kind, .revision, .values, .came_back]' '["annual",4,1,true]'
expect_exit 0 node -d xa submit --campaign soctrang-2023 --dry-run
says 'it follows revision 4, which came back from the hub; of the values here, 1 differ from it'
expect_exit 0 node -d xa check
story "Who submits on a plain copy before the first sync is told in how many values the lost report differs."
join_office hai 31753
people hai 31753
fill hai 31753
seal hai
given node -d hai sync
cp -a hai yesterday
given node -d hai record --campaign soctrang-2023 --subject 31753 --criterion C1.3 --score 6
seal hai
given node -d hai sync
rm -rf hai && mv yesterday hai
given node -d hai record --campaign soctrang-2023 --subject 31753 --criterion C1.1 --score 1
seal hai
_said() { node -d hai sync; node -d hai status --json | jq -e '[.reports[].rival_values | select(.)] == [2]'; }
check "two differ" eventually 30 _said
expect_exit 0 node -d hai report list
prints 'of the values here, 2 differ from that one'

story "What is typed last counts, also where a copy is put back for the second time, to before all that came back."
join_office ba 31732
people ba 31732
fill ba 31732
seal ba
given node -d ba sync
cp -a ba copy
# again [CRITERION SCORE]...: the copy is put back, these are recorded and sealed.
again() {
    rm -rf ba
    cp -a copy ba
    typed "$@"
}
typed() {
    while [ $# -gt 0 ]; do
        given node -d ba record --campaign soctrang-2023 --subject 31732 --criterion "$1" --score "$2"
        shift 2
    done
    seal ba
}
_calm() { node -d ba sync && ! node -d ba status | grep "older copy"; }
typed C1.1 4
given node -d ba sync
again C1.3 5
check "it is said again" eventually 60 _calm
typed C1.1 1
given node -d ba sync
again C1.1 3 C1.3 6
node -d ba sync
has ba C1.1 3 31732
has ba C1.3 6 31732
check "it is said again, again" eventually 60 _calm
given node -d ba sync
has ba C1.1 3 31732
has ba C1.3 6 31732
report=$(hub -d hub report list --json | jq -r '[.[] | select(.unit == "31732" and .state == "received")] | last | .report')
expect_exit 0 hub -d hub report show "${report:0:12}" --json
prints_json '[.values[] | select(.subject == "31732" and (.criterion | IN("C1.1", "C1.3"))) | .value]' '["3.00","6.00"]'
stop hub
the_end
