#!/usr/bin/env bash
# The store on an Azure Blob Storage that we did not write: Azurite, from npm. Two runners in processes of their own race
# for meshes, one is killed, and both write one journal at once; then the commands read what is there.
#
# Of Google Cloud Storage there is no such server: those that there are take a second object of the same name although
# it is asked for only where there is none, or speak another protocol than the one that the store uses.
#
# Needs npm (360 MB) and python3. Budget: 30 s once the tests and Azurite are there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
budget=30

source tests/need.sh
need node:nodejs npm:npm
if [ -z "${INTERMESH:-}" ]; then
    cargo build --quiet --bin intermesh
    INTERMESH=$PWD/${CARGO_TARGET_DIR:-target}/debug/intermesh
fi
cargo test --quiet --test store --no-run
npm ci --prefix "$here" --no-audit --no-fund --silent

work=$(mktemp -d)
server=
trap 'kill "$server" 2> /dev/null || true; rm -rf "$work"' EXIT
began=$SECONDS

# the account that every such server knows; what it keeps is gone with it
export AZURE_STORAGE_USE_EMULATOR=true AZURE_STORAGE_ACCOUNT_NAME=devstoreaccount1
export AZURE_STORAGE_ACCOUNT_KEY='Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
unset INTERMESH_OVERLAY INTERMESH_STORE
"$here/node_modules/.bin/azurite-blob" --inMemoryPersistence --blobHost 127.0.0.1 --blobPort 0 --disableTelemetry \
    > "$work/log" 2>&1 &
server=$!
until port=$(sed -n 's/.*successfully listens on http:\/\/127.0.0.1:\([0-9]*\).*/\1/p' "$work/log") && [ -n "$port" ]; do
    kill -0 "$server" || { cat "$work/log"; exit 1; }
    sleep 0.1
done
export AZURITE_BLOB_STORAGE_URL=http://127.0.0.1:$port
python3 "$here/container.py" "$AZURITE_BLOB_STORAGE_URL" intermesh

# says WORDS COMMAND…: the command's output holds the words.
says() {
    local words=$1 output
    shift
    output=$("$@" 2>&1) || true
    grep -qF -- "$words" <<< "$output" || { printf 'FAILED: no `%s` in\n%s\n' "$words" "$output"; exit 1; }
}

store=az://intermesh/some/prefix
INTERMESH_TEST_STORE=$store cargo test --quiet --test store -- \
    --ignored --exact processes::two_processes_on_a_server --nocapture
says 'mesh race-0' "$INTERMESH" runs list --store "$store"
says 'the run was taken away' "$INTERMESH" runs list --store "$store" --mesh killed
says 'race-3:' "$INTERMESH" lock show --store "$store" --mesh race-3
says '4 runs removed' "$INTERMESH" runs prune --store "$store" --mesh fight --keep 1 --unfinished
says 'mesh fight: 1 run' "$INTERMESH" runs list --store "$store" --mesh fight

taken=$((SECONDS - began))
printf '\nazure: %s s of %s s\n' "$taken" "$budget"
[ "$taken" -le "$budget" ]
