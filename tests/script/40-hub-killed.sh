#!/bin/bash
# The hub is killed while it takes reports in, again and again. Every receipt that a node shows is of
# a report that the hub holds, and in the end every report has one.
# also under: tsan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
offices=(31741 31753 31633 31714 SNV STC)
for code in "${offices[@]}"; do
    join_office "n$code" "$code"
    people "n$code" "$code"
    fill "n$code" "$code"
done
stop hub

story "Six offices seal eight revisions each while no hub runs."
for code in "${offices[@]}"; do
    for value in 1 2 3 4 1 2 3 4; do
        given node -d "n$code" record --campaign soctrang-2023 --subject "$code" --criterion C1.1 \
            --score $value
        seal "n$code"
    done
done
reports_of() { node -d "$1" status --json | jq -r '.reports[] | .report + " " + (.receipts | length | tostring)'; }
held() { hub -d hub report list --json | jq -r '.[].report' | sort; }
# Every report that a node has a receipt for is one that the hub holds.
receipts_are_true() {
    local code
    held >held
    for code in "${offices[@]}"; do reports_of "n$code"; done | awk '$2 > 0 { print $1 }' | sort >receipted
    [ -z "$(comm -23 receipted held)" ]
}

story "They call all at once; the hub is killed at some moment, and again, and again."
killed=0
for pause in 0.02 0.05 0.01 0.08 0.03 0.12; do
    start hub hub -d "$T/hub" serve
    eventually 10 _said_or_dead hub ready
    for code in "${offices[@]}"; do start "sync$code" node -d "n$code" sync; done
    read -r -t $pause <>"$T/.nap" || true
    crash hub
    killed=$((killed + 1))
    for code in "${offices[@]}"; do
        eventually 60 _dead "sync$code" || not_ok "sync of $code ends" "$(log_of "sync$code")"
        wait "$(pid_of "sync$code")"
        status=$?
        unset "_pid[sync$code]"
        case $status in 0 | 75) ;; *) not_ok "sync of $code ends with 0 or 75" "$status: $(log_of "sync$code")" ;; esac
    done
    if receipts_are_true; then
        ok "killed $killed times: $(wc -l <held) reports held, $(wc -l <receipted) receipts shown, each of a report held"
    else
        not_ok "every receipt is of a report that the hub holds" "$(comm -23 receipted held)"
    fi
    expect_exit 0 hub -d hub check --json
    prints_json '.problems' '[]'
done

story "It starts once more. Everyone gets what is missing: every report held, every report receipted."
serve hub
for code in "${offices[@]}"; do expect_exit 0 node -d "n$code" sync; done
check "receipts are true" receipts_are_true
check "48 reports, 48 receipts" test "$(wc -l <held) $(wc -l <receipted)" = "48 48"
for code in "${offices[@]}"; do
    expect_exit 0 node -d "n$code" status --json
    prints_json '[.pending, ([.reports[].receipts | length] | unique)]' '[0,[1]]'
done
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '[.actual, ([.rows[] | select(.report) | .revision] | unique)]' '[6,[8]]'
expect_exit 0 hub -d hub bundle export all.tdb
expect_exit 0 audit verify all.tdb --root "$fingerprint" --json
prints_json '.problems' '[]'
the_end
