#!/usr/bin/env bash
# The comparison of bench/run, small: its scripts run, and Ansible, zeep and intermesh find the same peers missing. Speed
# is printed and judged by nobody. Needs python3 with venv and a package index. Budget: 300 s with intermesh built.
#
# Usage: tests/bench/run.sh, with the command under test in INTERMESH (default: the release build, or else a debug build).
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -z "${INTERMESH:-}" ]; then
    INTERMESH=$PWD/target/release/intermesh
    if [ ! -x "$INTERMESH" ]; then
        cargo build --quiet
        INTERMESH=$PWD/target/debug/intermesh
    fi
fi
export INTERMESH
exec bash bench/run --quick
