#!/bin/bash
# Whoever wants to see first what a command would do: --dry-run on all that imports, submits or issues,
# and after each the state is as it was.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

# Every verb, and whether it takes --dry-run: those that state something, or write what a file says.
declare -A dry=(
    [hub]="unit import|unit apply|campaign issue|campaign assign|campaign withdraw|enrol|extend|renew|revoke|clock mend"
    [node]="subject import|import|submit|withdraw"
    [audit]=""
)
declare -A wet=(
    [hub]="init|serve|unit list|campaign list|campaign show|board|rank|report list|report show|bundle export|check|rotate|clock list|conflict list|waiting list|backup"
    [node]="join|subject list|subject show|campaign list|campaign show|template|record|score|status|report list|report show|rank|sync|bundle export|check|rotate|backup"
    [audit]="verify"
)
# verbs PROGRAM: as its help lists them.
verbs() {
    "$1" --help | sed -n '/^Verbs:/,/^$/p' | sed -n 's/^  \([a-z][a-z-]*\( [a-z][a-z-]*\)\?\).*/\1/p'
}
_in() { [[ "|$1|" == *"|$2|"* ]]; }

story "Each verb takes it or has no use for it; a verb that is in neither list is new: put it into one."
for program in hub node audit; do
    while IFS= read -r verb; do
        # shellcheck disable=SC2086 # a verb is one word or two
        run "$program" $verb --help
        if _in "${dry[$program]}" "$verb"; then
            prints "--dry-run"
        elif _in "${wet[$program]}" "$verb"; then
            prints_not "--dry-run"
        else
            not_ok "$program $verb: whether it has a dry run is not said in this story"
        fi
    done < <(verbs "$program")
done
check "verbs were found" test "$(verbs hub | wc -l)" -ge 18

# would WORDS COMMAND...: a dry run tells WORDS, and all is as it was.
would() {
    local words=$1
    shift
    expect_exit 0 "$@" --dry-run
    says_match "$words"
    says "nothing was changed: this was a dry run"
    still "nothing changed"
}

story "A hub before its campaigns: units and issuing."
found_hub hub "$(free_port)"
cat >more.csv <<'CSV'
code,parent,level,name
99001,94,commune,Xã Mới
31741,94,commune,Xã Tân Long đổi tên
CSV
unchanged hub_state hub
would 'would add 1 units and change 1' hub -d hub unit import more.csv
prints "+ 99001 Xã Mới"
would 'soctrang-mo-hinh, version 1, would be issued' hub -d hub campaign issue "$CAMPAIGNS/soctrang-mo-hinh.yaml"
issue_campaigns hub

story "A ticket is only promised."
serve hub
unchanged hub_state hub
would 'a ticket for 31741 .* would be printed' hub -d hub enrol 31741
prints_not "td1-"
would 'a ticket for 31741 .* would be printed' hub -d hub enrol 31741 --role hub
expect_exit 1 hub -d hub enrol 99001 --dry-run
expect_exit 2 hub -d hub enrol 31741 --role desk --dry-run

story "The acts of a hub on a campaign."
would '31741' hub -d hub campaign assign soctrang-2023 --unit 31741 --exempt --reason "bão"
would 'soctrang-2023' hub -d hub campaign withdraw soctrang-2023 --reason "thôi"
would '' hub -d hub extend --campaign soctrang-2023 --kind annual --period 2023 --unit 31741 \
    --until 2024-02-01 --reason "bão"
would 'a revocation cannot be taken back' hub -d hub revoke 94 --key hub-keys/root.key --reason "bão"
would 'an extension cannot be taken back or shortened' hub -d hub extend --campaign soctrang-2023 --unit 31741 \
    --until 2024-02-01 --reason "bão"

story "Of two campaigns only one asks the unit: that one is meant, when the rest can be read."
would 'soctrang-2023 2023.*31741 would have until 20/12/2023' hub -d hub extend --unit 31741 --until 20/12/2023 --reason "bão"
expect_exit 2 hub -d hub extend --unit 31741 --until 20/13/2023 --reason "bão" --dry-run
says "neither a last day nor an instant"
expect_exit 1 hub -d hub extend --unit 99999 --until 20/12/2023 --reason "bão" --dry-run
says "no unit 99999"

story "A node before its first report."
join_office node 31741
unchanged node_state node
would '' node -d node subject import "$SAMPLE/subjects-31741.csv"
people node 31741
unchanged node_state node
would '' node -d node import "$SAMPLE/values-31741.csv" --campaign soctrang-2023
fill node 31741
unchanged node_state node
would 'would be sealed' node -d node submit --campaign soctrang-2023
seal node
given node -d node sync
unchanged node_state node
would 'would be withdrawn' node -d node withdraw "$report" --reason "nhầm"

would 'a revocation cannot be taken back' hub -d hub revoke 31741 --reason "bão"

story "What a dry run promised comes true."
expect_exit 0 hub -d hub unit import more.csv
expect_exit 0 hub -d hub campaign issue "$CAMPAIGNS/soctrang-mo-hinh.yaml"
expect_exit 0 hub -d hub enrol 99001
expect_exit 0 node -d node withdraw "$report" --reason "nhầm"
the_end
