#!/usr/bin/env bash
# Conformance with the vendor's schemas and with clients that strangers wrote. Needs python3 with venv and a package index.
# Budget: 300 s with intermesh built and packages cached.
#
# Usage: tests/conformance/run.sh, with the command under test in INTERMESH (default: a debug build).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
# Seeds decide what public material does not tell of the product: the form of faults and answers among it.
seeds=(1 2 3)
budget=300

if [ -z "${INTERMESH:-}" ]; then
    cargo build --quiet
    INTERMESH=$PWD/target/debug/intermesh
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
began=$SECONDS
export PYTHONDONTWRITEBYTECODE=1
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
python=$work/venv/bin/python
# zeep keeps descriptions under the home folder; no run may see another one's.
export HOME=$work XDG_CACHE_HOME=$work/cache

# An older release asks for an older schema: that negotiation is judged as well.
new=$here/mesh.yaml
old=$work/old.yaml
sed 's/release: "14"/release: "11.5"/' "$new" >"$old"

run() {
    local mesh=$1 seed=$2 records=$work/records-$2-$3
    printf '\n== seed %s, %s\n' "$seed" "$3"
    mkdir "$records"
    "$INTERMESH" lab run --seed "$seed" "$mesh" -- sh "$here/session.sh" "$INTERMESH" "$python" "$mesh" "$3" "$records"
}
for seed in "${seeds[@]}"; do
    run "$new" "$seed" 14
done
run "$old" 1 11.5

printf '\n== what strangers sent and were answered\n'
"$python" "$here/messages.py" strangers "$work"/records-*/strangers.jsonl
printf '\n== what intermesh sent and was answered\n'
"$python" "$here/messages.py" intermesh "$work"/records-*/intermesh.jsonl

printf '\n== the suite itself: it must fail when there is nothing to check, and when a message is wrong\n'
must_fail() {
    if "$python" "$here/messages.py" intermesh "$1" >"$work/output.txt"; then
        echo "FAILED   $2 was accepted"
        exit 1
    fi
    grep -q '^FAILED' "$work/output.txt"
    echo "rejected: $2"
}
: >"$work/empty.jsonl"
must_fail "$work/empty.jsonl" "a record of nothing"
sed 's/<nodeName>/<nodename>/; s/<\/nodeName>/<\/nodename>/' "$work/records-1-14/intermesh.jsonl" >"$work/wrong.jsonl"
must_fail "$work/wrong.jsonl" "a record with a misspelt element"

taken=$((SECONDS - began))
printf '\nconformance: %s s of %s s\n' "$taken" "$budget"
