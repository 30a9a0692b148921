#!/usr/bin/env bash
# Plays 3,000 stories of whole applies, each from a seed, with everything that goes wrong; INTERMESH_SIM_SEEDS asks for more.
# A story that is broken is printed with the command that repeats it. Then what takes too long for every `cargo test`: a
# killed owner's lease in real time.
#
# Budget: 3 minutes on two cores for the stories, 3 for the lease.
set -euo pipefail
cd "$(dirname "$0")/../.."

INTERMESH_SIM_SEEDS="${INTERMESH_SIM_SEEDS:-3000}" cargo test --test simulation whatever_goes_wrong -- --nocapture
cargo test --test cli_killed -- --ignored --nocapture the_next_one
