#!/usr/bin/env bash
# The store on S3 servers that we did not write: moto's from PyPI, and s3s-fs from crates.io. Two runners in processes
# of their own race for meshes, one is killed, and both write one journal at once; then the commands read what is there.
# Needs python3 with venv and a package index. Budget: 120 s once the tests, s3s-fs and the venv are there (its build
# takes 80 s of one core).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
budget=120

if [ -z "${INTERMESH:-}" ]; then
    cargo build --quiet --bin intermesh
    INTERMESH=$PWD/${CARGO_TARGET_DIR:-target}/debug/intermesh
fi
cargo test --quiet --test store --no-run
cargo build --quiet --manifest-path "$here/server/Cargo.toml" --target-dir "${CARGO_TARGET_DIR:-target}/s3-server"
s3s_fs=${CARGO_TARGET_DIR:-target}/s3-server/debug/s3-server

work=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2> /dev/null || true; rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
began=$SECONDS

# credentials as every AWS tool reads them
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test-secret AWS_REGION=us-east-1 AWS_ALLOW_HTTP=true
unset INTERMESH_OVERLAY INTERMESH_STORE AWS_SESSION_TOKEN

# serve NAME COMMAND…: starts a server and sets AWS_ENDPOINT_URL to where it listens.
serve() {
    local name=$1 port
    shift
    mkfifo "$work/$name.port"
    "$@" > "$work/$name.port" 2> "$work/$name.log" &
    servers+=($!)
    read -r -t 60 port < "$work/$name.port"
    export AWS_ENDPOINT_URL=http://127.0.0.1:$port
}

# says WORDS COMMAND…: the command's output holds the words.
says() {
    local words=$1 output
    shift
    output=$("$@" 2>&1) || true
    grep -qF -- "$words" <<< "$output" || { printf 'FAILED: no `%s` in\n%s\n' "$words" "$output"; exit 1; }
}

judge() {
    local name=$1 store=s3://intermesh/some/prefix
    printf '\n== %s\n' "$name"
    INTERMESH_TEST_STORE=$store cargo test --quiet --test store -- \
        --ignored --exact processes::two_processes_on_a_server --nocapture
    says 'mesh race-0' "$INTERMESH" runs list --store "$store"
    says 'the run was taken away' "$INTERMESH" runs list --store "$store" --mesh killed
    says 'unfinished' "$INTERMESH" runs list --store "$store" --mesh fight
    says 'race-3:' "$INTERMESH" lock show --store "$store" --mesh race-3
    says '4 runs removed' "$INTERMESH" runs prune --store "$store" --mesh fight --keep 1 --unfinished
    says 'mesh fight: 1 run' "$INTERMESH" runs list --store "$store" --mesh fight
    says 'nothing to break' "$INTERMESH" lock break --store "$store" --mesh nobody --reason 'a test' --yes
}

serve moto "$work/venv/bin/python" "$here/moto_server.py"
"$work/venv/bin/python" -c 'import urllib.request as u, os
u.urlopen(u.Request(os.environ["AWS_ENDPOINT_URL"] + "/intermesh", method="PUT")).read()'
judge moto

mkdir -p "$work/buckets/intermesh"
serve s3s-fs "$s3s_fs" "$work/buckets"
judge s3s-fs
# moto takes any key; this server says no, and what it was given is not shown
export AWS_SECRET_ACCESS_KEY=a-wrong-key
says 'failed to list' "$INTERMESH" runs list --store s3://intermesh/some/prefix
if "$INTERMESH" runs list --store s3://intermesh/some/prefix 2>&1 | grep -F a-wrong-key; then
    echo 'FAILED: a key was printed'
    exit 1
fi

taken=$((SECONDS - began))
printf '\ns3: %s s of %s s\n' "$taken" "$budget"
[ "$taken" -le "$budget" ]
