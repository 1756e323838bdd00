#!/bin/bash
# A root hub that was put back to before it issued any campaign issues them once more, in places that were
# taken, before it finds out. What it states again inherits from what it states again: offices report on it.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
serve hub
join_office office 31741
given node -d office sync
stop hub
cp -a hub before
serve hub
issue_campaigns hub
given node -d office sync
stop hub
rm -rf hub
mv before hub
issue_campaigns hub
serve hub

story "The office hands back what it has; the hub goes on, and states again what it had stated in those places."
_handed_back() {
    node -d office sync
    hub -d hub renew --key hub-keys/root.key
}
check "the hub goes on in its next epoch" eventually 60 _handed_back
given node -d office sync
people office 31741
fill office 31741
seal office
given node -d office sync
expect_exit 0 hub -d hub report list --json
prints_json '[.[] | [.unit, .state, .receipts[0].state]]' '[["31741","received","valid"]]'
ranked() { hub -d hub rank --campaign soctrang-2023 --group khoi-xa --subject-kind collective | grep -q 31741; }
check "it is ranked" ranked
expect_exit 0 hub -d hub check
expect_exit 0 hub -d hub bundle export all.tdb
expect_exit 0 audit verify all.tdb --root "$fingerprint"
stop hub
the_end
