#!/bin/bash
# What a hub writes into its log, and what an office's commands say, holds no secret and no person's name.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

port=$(free_port)
umask 077
echo "một câu dài mà chỉ mình biết" >pass

story "A hub whose key is sealed serves; an office joins, reports, and is cut off."
export THIDUA_PASSPHRASE_FILE=$T/pass
found_hub hub "$port"
issue_campaigns hub
serve hub
ticket_for 31741
heard() { "$@" >>office.log 2>&1; }
check "it joins" heard node -d n join "$ticket"
people n 31741
fill n 31741
check "it seals its report" heard node -d n submit --campaign soctrang-2023
check "it sends it" heard node -d n sync
check "it is revoked" hub -d hub revoke 31741 --reason lost-key
check "a ticket is used once" test "$(node -d other join "$ticket" >>office.log 2>&1; echo $?)" -ne 0
heard node -d n sync
stop hub

story "Nobody learns a secret from what was said, and no name of a person."
check "the log has something to say" grep -q "valid=[1-9]" hub.log
"$PYTHON" - "$ticket" "$SAMPLE/subjects-31741.csv" hub.log office.log >secrets <<'PY'
# shellcheck shell=bash
import base64, csv, sys
ticket, subjects, *logs = sys.argv[1:]
raw = base64.urlsafe_b64decode(ticket[4:] + "=" * (-len(ticket[4:]) % 4))
secrets = {"the passphrase": open("pass", encoding="utf-8").read().strip(), "a ticket": ticket,
           "the token of a ticket": raw[1:17].hex()}
for who in ("hub", "n"):
    key = open(f"{who}/actor.key", "rb").read()
    for at in range(8, len(key) - 15, 8):
        secrets[f"bytes {at} of {who}'s key file"] = key[at:at + 16].hex()
with open(subjects, encoding="utf-8-sig", newline="") as file:
    for row in csv.DictReader(file):
        if row["kind"] == "individual":
            secrets[f"the name of {row['code']}"] = row["name"]
for log in logs:
    said = open(log, encoding="utf-8").read()
    for what, secret in secrets.items():
        if secret and secret.lower() in said.lower():
            print(f"{log} tells {what}")
PY
check "neither the passphrase, nor a key, nor a ticket, nor a name" test ! -s secrets
cat secrets
the_end
