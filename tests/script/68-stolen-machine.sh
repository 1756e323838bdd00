#!/bin/bash
# A machine is stolen with its key. The hub revokes it: it is cut off, what it reported before stands,
# or stands up to a record that is named, and the office goes on with a new machine.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
set -o pipefail

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
join_office stolen 31741
join_office honest 31753
people stolen 31741
fill stolen 31741
seal stolen
first=$report
given node -d stolen sync
given node -d stolen record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 1
seal stolen
forged=$report
given node -d stolen sync

story "What cannot be revoked is refused, and nothing changes."
unchanged hub_state hub
refused 1 'không có đơn vị' 'there is no unit 99999' hub -d hub revoke 99999 --reason x
refused 1 'không có máy' 'has no machine to revoke' hub -d hub revoke 31633 --reason x
refused 1 'root.key' 'has the root hub, here: give --key' hub -d hub revoke 94 --reason x
refused 1 'không có bản ghi' 'no such record' hub -d hub revoke 31741 --last-good 1:9999 --reason x
refused 2 'EPOCH:SEQ' 'is no EPOCH:SEQ' hub -d hub revoke 31741 --last-good ba --reason x
refused 2 'hub' 'node, hub or root-key, not pc' hub -d hub revoke 31741 --role pc --reason x
expect_exit 0 hub -d hub revoke 31741 --reason "mất máy" --dry-run
says "would be revoked"
still "a dry run changes nothing"

story "The thief's machine is connected. Within moments of the revocation it is cut off, and ends."
expect_exit 0 hub -d hub report show "$first" --json
last=$(printed | jq -r '"\(.epoch):\(.seq)"')
expect_exit 0 hub -d hub report show "$first"
prints "record $last of its machine"
start following node -d stolen sync --follow
start other node -d honest sync --follow
_heard() { log_of hub | wc -l >/dev/null && hub -d hub board --campaign soctrang-2023 --json |
    jq -e '[.rows[] | select(.unit == "31741") | .last_contact] != [null]' >/dev/null; }
check "it is connected" eventually 10 _heard
ticket_for 31741
forgotten=$ticket
expect_exit 0 hub -d hub revoke 31741 --last-good "$last" --reason "máy bị lấy cắp"
says "the node of unit 31741 is revoked"
says "1 reports stand after its last good record"
wait_end following 1
check "and says why" grep -qE 'this machine was revoked on [0-9/]+ [0-9:]+ \(máy bị lấy cắp\)' "$T/following.log"
check "the others stay" alive other
unchanged true
refused 1 'bị thu hồi.*máy bị lấy cắp' 'this machine was revoked on .* \(máy bị lấy cắp\)' node -d stolen sync
expect_exit 0 node -d stolen status
prints "the hub refused this machine: this machine was revoked on"
prints "(máy bị lấy cắp)"
says_not "revoked" # once is enough

story "It seals nothing from now on, and says so before anything that it shows."
expect_exit 0 node -d stolen record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 2
says "this machine was revoked on"
unchanged node_state stolen
refused 1 'đã bị thu hồi.*máy bị lấy cắp' 'was revoked on .* \(máy bị lấy cắp\).*new data directory' \
    node -d stolen submit --campaign soctrang-2023
refused 1 'đã bị thu hồi' 'was revoked on' node -d stolen submit --campaign soctrang-2023 --dry-run
refused 1 'đã bị thu hồi' 'was revoked on' node -d stolen withdraw "$forged" --reason x
refused 1 'đã bị thu hồi' 'was revoked on' node -d stolen subject import "$SAMPLE/subjects-31741.csv"
unchanged true
for verb in "report list" "score --campaign soctrang-2023"; do
    # shellcheck disable=SC2086 # a verb and its options
    expect_exit 0 node -d stolen $verb
    says "this machine was revoked on"
done
expect_exit 0 node -d stolen status --json
prints_json '.ended | [.how, .why, (.since | length > 0)]' '["revoked","máy bị lấy cắp",true]'
expect_exit 0 node -d honest status --json
prints_json '.ended' 'null'
says_not "revoked"
expect_exit 0 node -d stolen bundle export kept.tdb
expect_exit 0 audit verify kept.tdb --root "$fingerprint"
expect_exit 0 hub -d hub report list --json
prints_json 'length' 2

story "The report after the last good record no longer counts; the one before it does."
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '[.rows[] | select(.unit == "31741") | .report]' "[\"$first\"]"
expect_exit 0 hub -d hub rank --campaign soctrang-2023 --group khoi-xa --subject-kind collective --json
prints_json '[.rows[] | select(.subject == "31741") | .report]' "[\"$first\"]"
expect_exit 0 hub -d hub report show "$forged" --json
prints_json '[.state, (.reason | test("revoked .máy bị lấy cắp."))]' '["rejected",true]'
refused 1 'không có máy.*đã bị thu hồi từ trước' 'has no machine to revoke: .*was revoked already on' hub -d hub revoke 31741 --reason again

story "A ticket from before the revocation, found in a drawer, is void; so is one that lies about once a machine joined."
unchanged hub_state hub
refused 1 'vé này không còn giá trị' 'this ticket is void' node -d finder join "$forgotten"
ticket_for 31741
forgotten=$ticket

story "A new machine of the same office joins with a new ticket and reports."
join_office new 31741
unchanged hub_state hub
refused 1 'vé này không còn giá trị' 'this ticket is void' node -d finder join "$forgotten"
people new 31741
fill new 31741
refused 1 'không có gì thay đổi' 'nothing has changed since revision 1' \
    node -d new submit --campaign soctrang-2023 # what the stolen one said last was void
given node -d new record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 3
seal new
given node -d new sync
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '[.rows[] | select(.unit == "31741") | .report]' "[\"$report\"]"

story "Whoever verifies comes to the same."
expect_exit 0 hub -d hub check
expect_exit 0 hub -d hub bundle export all.tdb
expect_exit 0 audit verify all.tdb --root "$fingerprint" --board --campaign soctrang-2023 --json
prints_json '.problems' '[]'
prints_json '[.board.rows[] | select(.unit == "31741") | .report]' "[\"$report\"]"
stop other
stop hub
the_end
