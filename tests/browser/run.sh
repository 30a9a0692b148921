#!/usr/bin/env bash
# A person with a browser: walks the procedure through the lab's pages in every skin, and adds a peer that drift finds.
# Then intermesh with a browser: applies a mesh whose pages work only with their script.
#
# Budget: 5 minutes on two cores, the build and the installation of Chromium aside.
# INTERMESH names the program; SCREENSHOTS a folder for a picture of every page.
set -euo pipefail
cd "$(dirname "$0")"
source ../need.sh
root=$(cd ../.. && pwd)

if [ -z "${INTERMESH:-}" ]; then
    for INTERMESH in "$root/target/release/intermesh" "$root/target/debug/intermesh"; do
        [ -x "$INTERMESH" ] && break
    done
fi
[ -x "$INTERMESH" ] || (cd "$root" && cargo build)
export CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
need "$CHROMIUM:chromium" chromedriver:chromium-driver node:nodejs npm:npm
npm ci --silent --no-audit --no-fund

# Each part adds how many checks it made.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export CHECKS=$folder/checks

mesh=$root/examples/topologies/two-clusters.yaml
shots=${SCREENSHOTS:-}

# Each skin with a seed: words, ids and paths of the pages differ with it.
for case in classic:1 tables:2 frames:3 script:4; do
    export SKIN=${case%:*} SCREENSHOTS=${shots:+$shots/${case%:*}}
    echo "$SKIN, seed ${case#*:}"
    timeout 120 "$INTERMESH" lab run --seed "${case#*:}" --skin "$SKIN" "$mesh" -- node walk.mjs
done

export SCREENSHOTS=${shots:+$shots/drift}
echo "drift, pages by the seed"
timeout 60 "$INTERMESH" lab run --seed 2 "$mesh" -- node drift.mjs "$INTERMESH" "$mesh"

echo "intermesh with a browser"
(cd "$root" && cargo build --features browser && cargo test --features browser --test imp_scripted) | tee "$folder/tests"
sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' "$folder/tests" >>"$CHECKS"
driven=$root/${CARGO_TARGET_DIR:-target}/debug/intermesh

# In every mode: apply, verify, an empty plan; the same with another transport; and all links gone.
for pages in auto browser; do
    echo "  pages: $pages"
    export DRIVEN=$driven MESH=$folder/$pages.yaml
    sed "s/^defaults:/&\n  pages: $pages/" "$mesh" >"$MESH"
    timeout 180 "$driven" lab run --seed 4 --skin script "$MESH" -- bash -euo pipefail -c '
        settled() {
            "$DRIVEN" apply --yes "$MESH"
            "$DRIVEN" verify "$MESH"
            "$DRIVEN" plan "$MESH"
            echo 3 >>"$CHECKS"
        }
        settled
        sed -i "s/^defaults:/&\n  transport: tls/" "$MESH"
        settled
        sed -i "s/credentials: {axl: apac-axl}/&\n    state: absent/" "$MESH"
        settled
    ' >"$folder/out" 2>&1 || { cat "$folder/out"; exit 1; }
done

# four skins, drift, the tests, and three states in each of two modes
[ "$(wc -l <"$CHECKS")" -eq 12 ] || { echo "browser: not every part was checked to its end" >&2; exit 1; }
echo "browser: $(awk '{ sum += $1 } END { print sum }' "$CHECKS") checks"
