#!/usr/bin/env bash
# OpenSSH's client against the lab's platform CLI: logs in with a pinned host key through the lab's proxy, works on a
# terminal and by exec, and is refused with a wrong password. Budget: 90 seconds once intermesh is built and Debian's
# packages are there; each call of ssh has 20 seconds.
set -euo pipefail
cd "$(dirname "$0")/../.."

source tests/need.sh
need ssh:openssh-client sshpass:sshpass nc:netcat-openbsd

if [ -z "${INTERMESH:-}" ]; then
    cargo build --quiet --bin intermesh
    INTERMESH=$PWD/${CARGO_TARGET_DIR:-target}/debug/intermesh
fi
export INTERMESH

# Each session adds how many checks it made.
CHECKS=$(mktemp)
export CHECKS
trap 'rm -f "$CHECKS"' EXIT

# A seed decides all that nobody has published: what is asserted holds for each of them.
seeds=0
for seed in ${SEEDS:-1 2 3 4 5 6}; do
    timeout 80 "$INTERMESH" lab run --seed "$seed" tests/openssh/mesh.yaml -- bash tests/openssh/session.sh
    seeds=$((seeds + 1))
    echo "openssh: seed $seed passed"
done
[ "$(wc -l < "$CHECKS")" -eq "$seeds" ] || { echo 'openssh: not every seed was checked to its end' >&2; exit 1; }
echo "openssh: $(awk '{ sum += $1 } END { print sum }' "$CHECKS") checks with $seeds seeds"
