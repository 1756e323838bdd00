# shellcheck shell=bash
# demo.sh: ops/demo as the stories about it start it. Sourced after lib.sh.

# From a folder that is not the project's, without a locale, its temporary files under our eyes.
mkdir "$T/tmp"
demo() {
    local as_told=(env -u LC_ALL -u LANG TMPDIR="$T/tmp" "$ROOT/ops/demo")
    if [ -n "${_exec-}" ]; then exec "${as_told[@]}" "$@"; else "${as_told[@]}" "$@"; fi
}
# What the demo starts has its environment, and what it writes is in its folder.
nothing_left() {
    ! grep -aqsF "TMPDIR=$T/tmp" /proc/[0-9]*/environ && [ -z "$(ls -A "$T/tmp")" ]
}
# from_line WORDS FILE: the demo's summary, which begins with these words and ends with where the
# results are, or with the empty line before what may be done next.
from_line() { sed -n "/^$1/,/^\$/p" "$2"; }
one_screen() {
    [ "$(grep -c . "$T/screen")" -gt 20 ] && [ "$(wc -l <"$T/screen")" -le 24 ] &&
        [ "$(grep -v "$T" "$T/screen" | wc -L)" -le 80 ]
}
