#!/usr/bin/env bash
# Plays 20,000 stories of whole applies, each from a seed, with everything that goes wrong. A story that is broken is printed
# with the command that repeats it. Then what takes too long for every `cargo test`: a killed owner's lease in real time.
#
# Budget: 5 minutes on two cores for the stories; the optimised build before them takes about as much processor time once.
set -euo pipefail
cd "$(dirname "$0")/../.."

export CARGO_PROFILE_TEST_OPT_LEVEL=1
cargo test --test simulation --no-run
INTERMESH_SIM_SEEDS="${INTERMESH_SIM_SEEDS:-20000}" cargo test --test simulation whatever_goes_wrong -- --nocapture
unset CARGO_PROFILE_TEST_OPT_LEVEL
cargo test --test cli_killed -- --ignored --nocapture the_next_one
