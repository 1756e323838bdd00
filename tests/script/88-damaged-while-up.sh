#!/bin/bash
# A program that stays up and meets damage in its store says so once, what to do, and ends, wherever it
# meets it; it neither goes on as if nothing were, nor fills its log.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"
set -o pipefail

# flip DIR TEXT: one bit of every copy of TEXT in the store.
flip() {
    "$PYTHON" - "$1/data.mdb" "$2" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    data, text = f.read(), sys.argv[2].encode()
    assert text in data, "not there"
    at = data.find(text)
    while at >= 0:
        f.seek(at)
        f.write(bytes([text[0] ^ 1]))
        at = data.find(text, at + 1)
PY
}
# ends_over_damage NAME PROGRAM: with 1, after one line of what is damaged and one of what to do.
ends_over_damage() {
    wait_end "$1" 1 8
    check "it names the damage, once" test "$(log_of "$1" | grep -c 'is not what was stored')" = 1
    check "and says what to do, once" test "$(log_of "$1" | grep -c "run .thidua-$2 check.")" = 1
}

grep -E '^(code|94|948|317(41|53)),' "$SAMPLE/units-3-levels.csv" >units.csv
root_hub tinh 94 "Tỉnh Sóc Trăng"
issue_campaigns tinh
hub_under huyen 948 tinh
join_office xa 31741 huyen
people xa 31741
fill xa 31741
given node -d xa record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 1
seal xa
given node -d xa sync
given node -d xa sync
for hub in huyen tinh; do stop $hub; done
cp -r tinh tinh.good

story "A root hub meets a damaged record while it brings its rankings on."
sed "s/^  version: 1$/  version: 2\n  amended_on: 01\/06\/2023\n  amended_why: khắc vào đá/" "$CAMPAIGNS/soctrang-2023.yaml" >second.yaml
given hub -d tinh campaign issue second.yaml
flip tinh "khắc vào đá"
serve tinh
ends_over_damage tinh hub
rm -r tinh
mv tinh.good tinh

story "A hub below it meets one that it has yet to send up."
serve huyen
given node -d xa record --campaign soctrang-2023 --subject 31741 --criterion C1.2 --score 1 --note "tạc vào bia"
seal xa
given node -d xa sync
stop huyen
cp -r huyen huyen.good
flip huyen "tạc vào bia"
serve huyen
serve tinh
ends_over_damage huyen hub
rm -r huyen
mv huyen.good huyen
serve huyen

story "An office that stays connected meets one that it has yet to send."
given node -d xa record --campaign soctrang-2023 --subject 31741 --criterion C1.3 --score 1 --note "viết vào sổ"
seal xa
flip xa "viết vào sổ"
start following node -d xa sync --follow
ends_over_damage following node
for hub in huyen tinh; do stop $hub; done
the_end
