#!/bin/bash
# The line breaks after the report was sent and before its receipt comes back. The node does not know,
# says so, and sends the same bytes again on a new connection. The hub has one report.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
here=$(log_of hub | sed -n 's/.*tcp:\/\/\(127[.0-9]*:[0-9]*\).*/\1/p')
start_proxy line --to "$here"
join_office n 31741 hub --address "tcp://127.0.0.1:$proxy_port"
people n 31741
given node -d n sync
given node -d n sync # with nothing to say: so many bytes are the mere exchange
eventually 5 test "$(grep -c '^open' line.log)" = "$(grep -c '^closed' line.log)"
idle=$(log_of line | sed -n 's/^closed .* up=\([0-9]*\) .*/\1/p' | tail -n 1)
fill n 31741
seal n
held() { hub -d hub report list --json | jq -c 'map(.report)'; }

story "The report goes up and nothing comes down any more."
tell line "drop-down-after-up $((idle + 64))"
wait_line line 'did drop-down-after-up'
expect_exit 75 node -d n sync
says 'try again'
check "the report went up" bash -c "grep -q '^trigger' '$T/line.log'"
check "the hub has it" eventually 10 test "$(held)" = "[\"$report\"]"

story "The node says queued: it has no receipt, so it knows nothing."
expect_exit 0 node -d n status --json
prints_json '.reports[0] | [.report, .state, .receipts]' "[\"$report\",\"queued\",[]]"

story "The line is back. The same bytes go up once more, and the receipt that exists comes down."
tell line clean
wait_line line 'did clean'
expect_exit 0 node -d n sync
expect_exit 0 node -d n status --json
prints_json '.reports[0] | [.report, .state, (.receipts | length)]' "[\"$report\",\"received\",1]"
node -d n status --json | jq -c '.reports[0].receipts' >first-receipts
expect_exit 0 hub -d hub report list --json
prints_json 'map(.report)' "[\"$report\"]"
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '.actual' 1

story "A dozen more broken connections, each cut at another place, change nothing."
for bytes in 100 300 700 1500 2500 4000; do
    tell line "cut-after-up $bytes"
    run node -d n sync
    tell line clean
    tell line "cut-after-down $bytes"
    run node -d n sync
    tell line clean
done
wait_line line 'did clean'
expect_exit 0 node -d n sync
node -d n status --json | jq -c '.reports[0].receipts' >last-receipts
same_bytes first-receipts last-receipts
expect_exit 0 hub -d hub report list --json
prints_json 'map(.report)' "[\"$report\"]"

story "What went over broken lines verifies from the fingerprint down."
expect_exit 0 hub -d hub bundle export all.tdb
expect_exit 0 audit verify all.tdb --root "$fingerprint" --json
prints_json '.problems' '[]'
stop hub
expect_exit 0 hub -d hub check --json
prints_json '.problems' '[]'
the_end
