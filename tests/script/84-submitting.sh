#!/bin/bash
# Submitting: not while something is empty, not the same twice, and never sent before it is received.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
join_office n 31753
people n 31753
stop hub
submit=(node -d n submit --campaign soctrang-2023)

story "Nothing is filled in: the message says how much is empty, after a list of where."
unchanged node_state n
_submit_empty() { # VI EN
    lang='' run "${submit[@]}" "${@:3}"
    local last
    last=$(tail -n 1 .err)
    if [ $_status -eq 1 ] && [[ $last =~ $1 ]]; then ok "$_cmd: $last"; else not_ok "$1" "$(_last)"; fi
    expect_exit 1 "${submit[@]}" "${@:3}"
    says "$2"
    still "nothing changed"
}
_submit_empty '405' 'the sheet is not complete: 405 values are still empty; fill them in, zeros included'
says_match 'still empty: 31753: .*C1\.1.*C5'
says 'where there is nothing to report, `submit --nil` says so'
says 'what does not apply is recorded as such: `record --na`'
expect_exit 0 node -d n score --campaign soctrang-2023
prints_match '^31753 .* 100 +C1\.1' # no percent and no grade of what is incomplete
_submit_empty '405' '405 values are still empty' --dry-run

story "One leaf is empty: it is named."
fill n 31753
given node -d n record --campaign soctrang-2023 --subject 31753 --criterion C4.2 --value ''
unchanged node_state n
_submit_empty '31753|1' '1 values are still empty'
says_match '31753: .*C4\.2'
says_not '--nil'
expect_exit 0 node -d n score --campaign soctrang-2023
prints_match '^31753 .* 100 +C4\.2$'
prints_match '^DU .* 86,75 +Good$'

story "A kind of report that the campaign does not ask for."
given node -d n import "$SAMPLE/values-31753.csv" --campaign soctrang-2023
unchanged node_state n
refused 1 'soctrang-2023.*final|soctrang-2023.*campaign show' \
    'campaign soctrang-2023 asks for no report of kind final' "${submit[@]}" --kind final

story "A dry run seals nothing."
expect_exit 0 "${submit[@]}" --dry-run
says 'revision 1 of unit 31753 would be sealed'
still "nothing changed"

story "Sealed once. The same again is refused and says so."
expect_exit 0 "${submit[@]}"
says 'sealed and queued'
unchanged node_state n
refused 1 'soctrang-2023 2023' 'nothing has changed since revision 1 of soctrang-2023 2023' "${submit[@]}"

story "Changed and changed back is not a change either; changed is revision 2."
own=(node -d n record --campaign soctrang-2023 --subject 31753 --criterion C1.1)
before=$(node -d n report show "$(node -d n report list --json | jq -r '.[0].report')" --json |
    jq -r '.values[] | select(.subject == "31753" and .criterion == "C1.1") | .value')
expect_exit 0 "${own[@]}" --score 1
expect_exit 0 "${own[@]}" --score "$before"
refused 1 'soctrang-2023 2023' 'nothing has changed since revision 1' "${submit[@]}"
expect_exit 0 "${own[@]}" --score 1
expect_exit 0 "${submit[@]}"
says 'revision 2'
expect_exit 0 node -d n status --json
prints_json '[.reports[] | [.revision, .state]] | sort' '[[1,"queued"],[2,"queued"]]'

story "A nil report is a report, for a unit without values as well."
serve hub
join_office nil 31633
expect_exit 0 node -d nil submit --campaign soctrang-2023 --nil
unchanged node_state nil
refused 1 'soctrang-2023 2023' 'nothing has changed since revision 1' \
    node -d nil submit --campaign soctrang-2023 --nil
expect_exit 0 node -d nil sync
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '[.rows[] | select(.unit == "31633") | .nil, .revision]' '[true,1]'

story "Both revisions arrive; the later one counts, and counts once."
expect_exit 0 node -d n sync
expect_exit 0 node -d n status --json
prints_json '[.reports[] | [.revision, .state, (.receipts | length)]] | sort' \
    '[[1,"superseded",1],[2,"received",1]]'
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '[.actual, (.rows[] | select(.unit == "31753") | .revision)]' '[2,2]'
the_end
