#!/usr/bin/env bash
# Plays 20,000 stories of whole applies, each from a seed, with everything that goes wrong; INTERMESH_SIM_SEEDS asks for
# others. A story that is broken is printed with the command that repeats it. Then what takes too long for every
# `cargo test`: a killed owner's lease in real time.
#
# The stories are played optimised. Other crates are already as they should be; this one alone is built once more.
#
# Budget, on two cores: 4 minutes to build, 4 for the stories, 3 for the lease.
set -euo pipefail
cd "$(dirname "$0")/../.."

INTERMESH_SIM_SEEDS="${INTERMESH_SIM_SEEDS:-20000}" CARGO_PROFILE_DEV_OPT_LEVEL=1 cargo test --test simulation whatever_goes_wrong -- --nocapture
cargo test --test cli_killed -- --ignored --nocapture the_next_one
# the times of an apply of thirty clusters, as the book has them: 2 minutes
cargo test --test apply_times -- --ignored
