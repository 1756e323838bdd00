#!/bin/bash
# Names of what does not exist: a campaign, a period, a criterion, a subject, a unit.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
join_office n 31741
people n 31741
stop hub

story "At the node: each message names what is there, or where to look."
unchanged node_state n
record=(node -d n record --subject 31741 --criterion C1.1 --score 7)
refused 1 'xuan-2024.*soctrang-2023' 'unknown campaign xuan-2024.*soctrang-2023' \
    "${record[@]}" --campaign xuan-2024
refused 1 'soctrang-2023.* 2022.* 2023' 'has no period 2022.*there are: 2023' \
    "${record[@]}" --campaign soctrang-2023 --period 2022
refused 1 'C9\.9.*campaign show' 'no criterion C9\.9.*campaign show' \
    node -d n record --subject 31741 --criterion C9.9 --score 7 --campaign soctrang-2023
refused 1 'C1 ' 'criterion C1 takes no value itself' \
    node -d n record --subject 31741 --criterion C1 --score 7 --campaign soctrang-2023
refused 1 'c1\.1.*C1\.1' 'no criterion c1\.1: did you mean C1\.1' \
    node -d n record --subject 31741 --criterion c1.1 --score 7 --campaign soctrang-2023
refused 1 'du.*DU' 'no subject du: did you mean DU' \
    node -d n record --subject du --criterion C1.1 --score 7 --campaign soctrang-2023
refused 1 'NV99.*31741.*subject list' 'no subject NV99 in unit 31741.*subject list' \
    node -d n record --subject NV99 --criterion C1.1 --score 7 --campaign soctrang-2023
refused 1 '31742.*31741' '31742 is no unit that this office reports for' \
    "${record[@]}" --campaign soctrang-2023 --unit 31742
for verb in score submit "template out.csv" "import $SAMPLE/values-31741.csv"; do
    # shellcheck disable=SC2086 # a verb and its argument
    refused 1 'xuan-2024.*soctrang-2023.*sync' 'unknown campaign xuan-2024.*issued just now, run `sync` first' \
        node -d n $verb --campaign xuan-2024
done
check "no sheet was begun" test ! -e out.csv
refused 1 'xuan-2024' 'xuan-2024' node -d n campaign show xuan-2024
refused 1 'NV99' 'NV99' node -d n subject show NV99
refused 1 'deadbeef' 'deadbeef' node -d n report show deadbeef

story "At the hub."
unchanged hub_state hub
refused 1 '31742.*unit list' 'unit 31742' hub -d hub enrol 31742
refused 1 '31742.*unit list' 'unit 31742' hub -d hub unit list --under 31742
refused 1 'xuan-2024.*campaign list' 'xuan-2024.*campaign list' \
    hub -d hub board --campaign xuan-2024
refused 1 'xuan-2024' 'xuan-2024' hub -d hub campaign show xuan-2024
refused 1 '2022: .*campaign show' 'no campaign has the period 2022: .*campaign show' \
    hub -d hub board --campaign soctrang-2023 --period 2022
refused 1 '31742.*unit list' 'unit 31742' hub -d hub board --under 31742
ask=(hub -d hub rank --campaign soctrang-2023 --subject-kind collective)
refused 1 '2022' 'no period 2022' "${ask[@]}" --group khoi-xa --period 2022
refused 1 '31742' 'unit 31742' "${ask[@]}" --group khoi-xa --under 31742
refused 1 'khoi-lang.*khoi-so, khoi-xa' 'no group khoi-lang to rank in; there are: khoi-so, khoi-xa' "${ask[@]}" --group khoi-lang
refused 1 'deadbeef' 'deadbeef' hub -d hub report show deadbeef

story "Words that no verb knows are wrong usage."
refused 2 '--state.*lated.*on_time' 'no state “lated”.*on_time' hub -d hub board --state lated
refused 2 '--kind.*yearly.*annual' 'no kind of report yearly.*annual' hub -d hub board --kind yearly
refused 2 '--at.*hôm qua.*15/12/2023' 'hôm qua.*neither a day nor an instant.*15/12/2023' \
    hub -d hub board --at 'hôm qua'
refused 2 '--state.*nộp chậm.*on_time' 'no state.*Vietnamese word' hub -d hub board --state 'nộp chậm'
expect_exit 0 hub -d hub board --state 'chưa nộp'
for verb in 'review accept 12345678 --reason x' 'bundle import x.tdb' 'restore x' web; do
    # shellcheck disable=SC2086 # the words of a command
    refused 1 'phiên bản này' 'not built yet' hub -d hub $verb
done
for verb in 'bundle import x.tdb' 'restore x' desk 'join --request x' 'join --accept x'; do
    # shellcheck disable=SC2086
    refused 1 'phiên bản này' 'not built yet' node -d n $verb
done
refused 2 'bord.*board' 'bord.*did you mean .board' hub -d hub bord
unchanged node_state n
refused 2 'yearly.*annual' 'yearly.*annual' node -d n submit --kind yearly --campaign soctrang-2023
refused 2 '--scor.*--score' '--scor.*did you mean --score' node -d n record --scor 7
the_end
