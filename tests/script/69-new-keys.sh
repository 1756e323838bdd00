#!/bin/bash
# Keys are changed: an office's, a district's, the root hub's; the root hub is revoked and goes on; the
# recovery key takes the root key away. What the old keys signed stands, what they sign after is nothing.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
set -o pipefail

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
join_office commune 31741
people commune 31741
fill commune 31741
seal commune
given node -d commune sync
sum() { sha256sum <"$1/actor.key"; }
before=$(sum commune)
cp -a commune stolen

story "An office changes its keys: beside a running sync it is told to stop that first; then it is done at once."
start following node -d commune sync --follow
_says() { test -s "$T/following.log"; }
check "it is connected" eventually 10 _says
refused 1 'đang' 'already|running|stop' node -d commune rotate
stop following
expect_exit 0 node -d commune rotate
says "new keys from now on, in epoch 2"
check "the key file is another" test "$(sum commune)" != "$before"
check "the old one is gone" test -z "$(ls commune | grep -v 'actor.key\|data.mdb\|lock')"
given node -d commune record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 1
seal commune
given node -d commune sync
expect_exit 0 node -d commune status --json
prints_json '[.reports[].state] | sort' '["received","superseded"]'

story "Who copied the old keys is nobody."
run node -d stolen sync
check "the copy is refused" test "$_status" -eq 1

story "Where the hub is away the new keys wait, and the office goes on with the old ones."
stop hub
expect_exit 75 node -d commune rotate
says "the new keys are made"
given node -d commune record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 2
seal commune
serve hub
_in_step() { node -d "$T/commune" sync 2>>"$T/rotated"; } # two changes within a second: the second has to wait
check "it goes on with it by itself" eventually 10 _in_step
check "which says that the keys are new" grep -q 'the new keys that `rotate` made are in use' rotated
check "and speaks of no older copy" test "$(grep -c 'another copy\|older copy' rotated)" = 0
expect_exit 0 node -d commune check
check "the new keys are in use" test -z "$(ls commune | grep 'next\|old')"

story "The root hub changes its key with the consent of root.key, and not without."
refused 1 'đang' 'already|running|stop' hub -d hub rotate --key hub-keys/root.key --reason x
stop hub
refused 2 'root.key' 'give root.key or recovery.key' hub -d hub rotate
refused 1 'khóa' 'not the root or recovery key' hub -d hub rotate --key commune/actor.key --reason x
expect_exit 0 hub -d hub rotate --key hub-keys/root.key --reason "thay khóa hằng năm"
says "new key from now on, in epoch 2"
serve hub
given node -d commune record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 3
seal commune
given node -d commune sync
expect_exit 0 node -d commune status --json
prints_json '[.reports[] | select(.state == "received")] | length' 1

story "The root hub is revoked beside the running serve: it states nothing more; a new key lets it go on."
expect_exit 0 hub -d hub revoke 94 --key hub-keys/root.key --reason "máy chủ bị xâm nhập" --dry-run
says "would be revoked"
expect_exit 0 hub -d hub revoke 94 --key hub-keys/root.key --reason "máy chủ bị xâm nhập"
says "the root hub is revoked"
refused 1 'thu hồi .*máy chủ bị xâm nhập.*rotate' 'this hub was revoked on .*máy chủ bị xâm nhập.*rotate --key' hub -d hub extend --campaign soctrang-2023 --period 2023 --unit 31741 --until 31/12/2033 --reason x
stop hub
refused 1 'khóa mới' 'new keys only' hub -d hub renew --key hub-keys/root.key
expect_exit 0 hub -d hub rotate --key hub-keys/recovery.key --reason "lập lại"
says "in epoch 3"

story "What recovery.key said root.key cannot change; recovery.key ends root.key."
refused 1 'recovery' 'only recovery.key can' hub -d hub revoke 94 --key hub-keys/root.key --reason x
expect_exit 0 hub -d hub revoke 94 --role root-key --key hub-keys/recovery.key --reason "root.key bị lấy cắp"
says "the root key is revoked"
refused 1 'đã bị thu hồi' 'this root key was revoked' hub -d hub rotate --key hub-keys/root.key --reason x
serve hub
given node -d commune record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 4
seal commune
given node -d commune sync

story "Whoever verifies comes to the same."
expect_exit 0 hub -d hub check
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
mine=$(printed | jq -c '[.rows[] | select(.unit == "31741") | .report]')
expect_exit 0 hub -d hub bundle export all.tdb
expect_exit 0 audit verify all.tdb --root "$fingerprint" --board --campaign soctrang-2023 --json
prints_json '.problems' '[]'
prints_json '[.board.rows[] | select(.unit == "31741") | .report]' "$mine"
stop hub

story "A district changes its key below the root; sealed keys stay sealed."
echo "mật khẩu" >pass
chmod 600 pass
found_hub top "$(free_port)"
serve top
given hub -d top unit import "$SAMPLE/units-3-levels.csv"
ticket_for 948 top --role hub
given hub -d district --passphrase-file pass init --parent "$ticket" --listen "tcp://127.0.0.1:$(free_port)"
expect_exit 0 hub -d district --passphrase-file pass rotate
says "in epoch 2"
refused 1 'niêm phong' 'sealed' hub -d district check
refused 1 'niêm phong' 'sealed' hub -d district enrol 31741
given hub -d district --passphrase-file pass enrol 31741 --address tcp://127.0.0.1:7
stop top
the_end
