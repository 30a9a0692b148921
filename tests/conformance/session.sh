#!/bin/sh
# What happens in one lab of the conformance suite: strangers first, then the whole work of intermesh.
# Usage: session.sh INTERMESH PYTHON MESH RELEASE RECORDS
set -eu
intermesh=$1 python=$2 mesh=$3 release=$4 records=$5
here=$(dirname "$0")

# expect CODE COMMAND...: runs a command that must end with the exit code.
expect() {
    expected=$1
    shift
    code=0
    "$@" >"$records/output.txt" 2>&1 || code=$?
    if [ "$code" -ne "$expected" ]; then
        cat "$records/output.txt" >&2
        echo "FAILED   $* ended with $code, not $expected" >&2
        exit 1
    fi
}

"$intermesh" lab record start "$records/strangers.jsonl"
"$python" "$here/unified_cm.py" "$release"
"$python" "$here/strangers.py" "$release"
"$intermesh" --quiet lab record stop

"$intermesh" lab record start "$records/intermesh.jsonl"
expect 2 "$intermesh" plan "$mesh"
expect 0 "$intermesh" apply --yes "$mesh"
expect 0 "$intermesh" plan "$mesh"
expect 0 "$intermesh" verify "$mesh"
expect 0 "$intermesh" drift "$mesh"
# only a doctor asks for the certificates that a cluster has
expect 0 "$intermesh" doctor "$mesh"
"$intermesh" --quiet lab record stop
