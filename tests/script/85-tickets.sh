#!/bin/bash
# Tickets: cut short, mistyped, used twice, of another deployment, for a unit that is not there.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

port=$(free_port)
found_hub hub "$port"
issue_campaigns hub
serve hub
# What must stay: the hub's records, and that no directory was made.
hub_and_no_node() {
    hub_state hub
    ls -d new 2>&1
}

story "A ticket that was not copied whole makes nothing."
ticket_for 31741
unchanged hub_and_no_node
join=(node -d new join)
refused 1 'vé.*trọn dòng' 'the ticket is cut short or mistyped: copy the whole line again' \
    "${join[@]}" "${ticket:0:100}"
refused 1 'vé.*trọn dòng' 'cut short or mistyped' "${join[@]}" "${ticket%?}"
swapped=${ticket:0:60}$([ "${ticket:60:1}" = A ] && echo B || echo A)${ticket:61}
refused 1 'vé.*trọn dòng' 'cut short or mistyped' "${join[@]}" "$swapped"
refused 1 'td1-' 'this is not a ticket: paste the whole line.*td1-' "${join[@]}" "${ticket#td1-}"
refused 1 'td1-' 'this is not a ticket' "${join[@]}" ''
refused 2 'TICKET|VÉ' "needs TICKET after it" "${join[@]}"
refused 2 'hai dòng' 'this one may be broken over two lines' "${join[@]}" "${ticket:0:60}" "x${ticket:60}"
check "blanks and lines' ends around it and in it do no harm" node -d padded join "  ${ticket:0:70}
 ${ticket:70}
"

story "The same ticket once more: on the machine that used it, and on another."
unchanged hub_state hub
expect_exit 0 node -d padded join "$ticket"
says 'joined with this ticket already: nothing to do'
prints_not '.'
still "nothing changed"
refused 1 'vé.*máy khác' 'this ticket was used by another machine: ask for a new one' \
    node -d thief join "$ticket"
refused 1 'join' 'has not finished joining|run join again' node -d thief sync
refused 1 '' '' node -d thief submit

story "With a ticket of its own the refused machine joins after all, as whom it was meant for."
ticket_for 31753
expect_exit 0 node -d thief join "$ticket"
expect_exit 0 node -d thief status --json
prints_json '.unit' 31753

story "A ticket of another deployment, while ours listens at the address that it names."
stop hub
found_hub other "$port"
serve other
ticket_for 31714 other
stop other
serve hub
unchanged hub_state hub
refused 75 "127.0.0.1:$port.*vé" "127.0.0.1:$port .*ticket" node -d stray join "$ticket"
refused 1 '--data' 'belongs to the node of unit .* already' node -d thief join "$ticket"
expect_exit 0 node -d thief sync

story "A node of ours meets that other hub at our address: it says nothing and loses nothing."
given node -d thief subject import "$SAMPLE/subjects-31753.csv"
stop hub
serve other
unchanged node_state thief
refused 75 "127.0.0.1:$port" "127.0.0.1:$port" node -d thief sync
stop other
serve hub
expect_exit 0 node -d thief sync

story "A ticket for a hub is not one for a node."
unchanged hub_state hub
run hub -d hub enrol 31633 --role hub
if [ "$_status" -eq 0 ]; then
    ticket=$(printed)
    refused 1 'init --parent' 'this ticket is for a hub: use .thidua-hub init --parent' \
        node -d new join "$ticket"
else
    refused 1 'hub' 'hub' hub -d hub enrol 31633 --role hub
fi
refused 1 'SNV' 'there is no unit snv here: is it SNV, ' hub -d hub enrol snv
refused 2 'node.*hub' "--role.*(node|hub)" hub -d hub enrol 31633 --role desk
refused 1 'tcp://' "is no address; write tcp://" hub -d hub enrol 31633 --address example
the_end
