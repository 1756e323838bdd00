#!/bin/bash
# An office gets a new machine: its ticket puts it in the place of the old one. It finds the office's
# reports, people and values, and goes on where the old machine stopped.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
set -o pipefail

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
join_office old 31741
people old 31741
fill old 31741
seal old
first=$report
given node -d old sync
given node -d old score --campaign soctrang-2023 --json
score=$(printed)

story "The new machine joins. It shows what the old one reported, and who received it when."
join_office new 31741
expect_exit 0 node -d new status --json
prints_json '[.reports[] | [.report, .revision, .state, .inherited, (.receipts | length)]]' \
    "[[\"$first\",1,\"received\",true,1]]"
prints_json '.due' '[]'
expect_exit 0 node -d new status
prints "sealed on the machine before this one; received by 94 on"
expect_exit 0 node -d new report show "$first" --json
prints_json '(.values | length) > 30' true
expect_exit 0 node -d old report list --json
prints_json '[.[] | has("inherited")]' '[false]'

story "It knows whom the office reports about, by name, and its sheet is the report that counts."
same() { diff <(node -d old "$@") <(node -d new "$@"); }
check "the same people" same subject list --json
expect_exit 0 node -d new score --campaign soctrang-2023 --json
check "the same points" diff <(echo "$score") <(printed)

story "As nothing was changed, there is nothing to submit; an empty report cannot slip in."
unchanged node_state new
refused 1 'không có gì thay đổi' 'nothing has changed since revision 1' \
    node -d new submit --campaign soctrang-2023
refused 1 'có nội dung để báo cáo|values|giá trị' 'values are recorded for soctrang-2023' \
    node -d new submit --campaign soctrang-2023 --nil

story "One value changes: revision 2 has it, and every other value of revision 1."
given node -d new record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 1
expect_exit 0 node -d new submit --campaign soctrang-2023 --dry-run
says "revision 2 of unit 31741 would be sealed"
says "it follows revision 1, which was sealed on the machine before this one"
expect_exit 0 node -d new submit --campaign soctrang-2023
second=$(printed)
says "revision 2 of unit 31741 is sealed and queued"
says "it follows revision 1, which was sealed on the machine before this one"
given node -d new sync
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '[.rows[] | select(.unit == "31741") | [.report, .revision]]' "[[\"$second\",2]]"
expect_exit 0 node -d new status --json
prints_json '[.reports[].state]' '["superseded","received"]'
values() { node -d new report show "$1" --json | jq -c '.values[] | select(.subject != "31741" or .criterion != "C1.1")'; }
check "all but that value is as before" diff <(values "$first") <(values "$second")

story "A cell that is emptied stays empty: what was taken over is not put back."
given node -d new record --campaign soctrang-2023 --subject 31741 --criterion C1.2 --value ''
expect_exit 0 node -d new score --campaign soctrang-2023 --json
prints_json '.empty' 1

story "The machine after that one begins where this one was, not where the first was."
expect_exit 0 hub -d hub revoke 31741 --reason "hỏng ổ cứng"
join_office third 31741
expect_exit 0 node -d third report list --json
prints_json '[.[].revision]' '[1,2]'
given node -d third record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 2
seal third
given node -d third sync
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '[.rows[] | select(.unit == "31741") | [.report, .revision]]' "[[\"$report\",3]]"
expect_exit 0 node -d third withdraw "$second" --reason "nhầm"

story "A report that a revocation made void is not taken over: the one before it is."
given node -d third sync
expect_exit 0 hub -d hub report show "$second" --json
expect_exit 0 hub -d hub report show "$report" --json
last=$(printed | jq -r '"\(.epoch):\(.seq - 1)"')
expect_exit 0 hub -d hub revoke 31741 --last-good "$last" --reason "bị lấy cắp"
join_office fourth 31741
expect_exit 0 node -d fourth report list --json
prints_json '[.[].revision]' '[1,2]'

story "All stores are whole, and the auditor finds nothing."
for dir in new third fourth; do expect_exit 0 node -d $dir check; done
stop hub
expect_exit 0 hub -d hub check
expect_exit 0 hub -d hub bundle export all.tdb
expect_exit 0 audit verify all.tdb --root "$fingerprint" --board --campaign soctrang-2023 --json
prints_json '.problems' '[]'
the_end
