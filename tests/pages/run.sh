#!/usr/bin/env bash
# The pages in a browser: plans, pictures, a rehearsal and a watch, of three and of thirty clusters, wide and narrow, light
# and dark, on paper. None needs anything besides itself, none is wider than the window, and axe finds nothing serious in
# any. The watch loads itself again in place, says so when it cannot, and lets in who has the token. What is drawn for
# Mermaid and for Graphviz is drawn by them.
#
# Budget: 3 minutes on two cores, the build and the installation of Chromium aside.
# INTERMESH names the program; SCREENSHOTS a folder for a picture of every page; PAGES a folder of pages to look at alone.
set -euo pipefail
cd "$(dirname "$0")"
source ../need.sh
root=$(cd ../.. && pwd)
budget=180

if [ -z "${INTERMESH:-}" ]; then
    for INTERMESH in "$root/target/debug/intermesh" "$root/target/release/intermesh"; do
        [ -x "$INTERMESH" ] && break
    done
fi
[ -x "$INTERMESH" ] || (cd "$root" && cargo build)
export INTERMESH CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
need "$CHROMIUM:chromium" dot:graphviz node:nodejs npm:npm
npm ci --silent --no-audit --no-fund
began=$SECONDS

if [ -n "${PAGES:-}" ]; then
    exec node look.mjs "$PAGES"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
topologies=$root/examples/topologies

echo "pages of plans"
export WORK=$work
for name in three-full six-regions thirty-clusters; do
    cp "$topologies/$name.yaml" "$work"
    timeout 120 "$INTERMESH" -q lab run "$work/$name.yaml" -- bash -euo pipefail -c '
        cd "$WORK"
        ended() { wanted=$1; shift; code=0; "$@" || code=$?; [ "$code" = "$wanted" ] || { echo "$*: $code" >&2; exit 1; }; }
        ended 2 "$INTERMESH" -q plan "$0.yaml" -o "$0.json" >"$0.txt"
        "$INTERMESH" show "$0.json" -o "$0.html"
        "$INTERMESH" graph "$0.json" -o "$0-mesh.html"
        "$INTERMESH" graph "$0.json" --what timeline -o "$0-timeline.html"
        if [ "$0" = three-full ]; then
            # one side is gone, and what was done is taken back; a cluster that does not answer
            "$INTERMESH" -q apply --yes "$0.yaml" >"$0-apply.txt"
            ended 2 "$INTERMESH" -q rollback last -o "$0-rollback.json" >"$0-rollback.txt"
            "$INTERMESH" show "$0-rollback.json" -o "$0-rollback.html"
            ended 0 "$INTERMESH" -q plan "$0.yaml" --output "html=$0-nothing.html" >"$0-nothing.txt"
            "$INTERMESH" -q lab fault delete-peer emea imp1.apac.example.com
            "$INTERMESH" -q lab fault power-off imp1.apac.example.com
            ended 6 "$INTERMESH" -q plan "$0.yaml" --output "html=$0-unread.html" >"$0-unread.txt"
        fi
    ' "$name"
done
"$INTERMESH" graph "$work/three-full.json" --what steps --format dot -o "$work/three-full-steps.dot"
for mesh in "$topologies"/*.yaml; do
    name=$(basename "$mesh" .yaml)
    "$INTERMESH" graph "$mesh" --format mermaid -o "$work/$name.mmd"
    "$INTERMESH" graph "$mesh" --format dot -o "$work/$name.dot"
done
"$INTERMESH" graph "$work/six-regions.json" --format mermaid -o "$work/six-regions-plan.mmd"

echo "for Graphviz"
for graph in "$work"/*.dot; do
    if ! timeout 60 dot -Tsvg "$graph" >"$graph.svg" 2>"$work/dot.err" || [ -s "$work/dot.err" ]; then
        echo "$(basename "$graph"): $(<"$work/dot.err")" >&2
        exit 1
    fi
done

node look.mjs "$work"

echo "the watch"
timeout 100 "$INTERMESH" -q lab run "$work/three-full.yaml" -- node watch.mjs "$work/three-full.yaml"
timeout 100 "$INTERMESH" -q lab run "$work/thirty-clusters.yaml" -- node watch.mjs "$work/thirty-clusters.yaml" once

took=$((SECONDS - began))
echo "pages: as they should be, $took s of $budget"
[ "$took" -le "$budget" ] || echo "pages: over its budget" >&2
