#!/usr/bin/env bash
# The book is built, every link within it leads somewhere, and every command on its pages and in the read-me is executed
# as it is written, on labs. With `--newcomer`, also a newcomer's path: in an empty folder, with the read-me alone, from the
# clone to the first plan of a mesh file of one's own; it builds a release. Needs python3, git, and crates.io for mdBook,
# once. Budget: 300 s once mdBook and a build of intermesh are there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
budget=300
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
mdbook_version=0.5.4

if [ -z "${INTERMESH:-}" ]; then
    cargo build --quiet --bin intermesh
    INTERMESH=$target/debug/intermesh
fi
mdbook=$target/tools/bin/mdbook
if [ "$("$mdbook" --version 2> /dev/null)" != "mdbook v$mdbook_version" ]; then
    cargo install --quiet --locked mdbook --version "$mdbook_version" --no-default-features --features search \
        --root "$target/tools"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1
began=$SECONDS

echo "the book"
"$mdbook" build docs --dest-dir "$target/book" > "$work/mdbook.log" 2>&1 || { cat "$work/mdbook.log" >&2; exit 1; }
if grep -E 'WARN|ERROR' "$work/mdbook.log" >&2; then
    exit 1
fi
python3 "$here/links.py" "$target/book" README.md ARCHITECTURE.md CONTRIBUTING.md SECURITY.md CHANGELOG.md

echo "the commands on its pages"
mkdir "$work/bin"
ln -s "$INTERMESH" "$work/bin/intermesh"
mapfile -t pages < <(find docs/src -name '*.md' | sort)
PATH=$work/bin:$PATH DOCS_PATIENCE=300 python3 "$here/commands.py" "${pages[@]}"
took=$((SECONDS - began))

if [ "${1:-}" = --newcomer ]; then
    echo "a newcomer's path"
    # the clone is of this commit; where nothing is changed here, its build is taken over too
    export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.file://$PWD.insteadOf" \
        GIT_CONFIG_VALUE_0=https://github.com/intermesh/intermesh
    export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup} \
        CARGO_TARGET_DIR=$target CARGO_INSTALL_ROOT=$work/installed
    changed=$(git status --porcelain)
    if [ -z "$changed" ]; then
        # a clone's files are new; so that cargo sees that they are the same, they are dated back
        mkdir -p "$work/template/hooks"
        printf '#!/bin/sh\nfind . -type f -exec touch -d 2020-01-01 {} +\n' > "$work/template/hooks/post-checkout"
        chmod +x "$work/template/hooks/post-checkout"
        export GIT_TEMPLATE_DIR=$work/template
    fi
    cp README.md "$work/README.md"
    PATH=$work/installed/bin:$PATH python3 "$here/commands.py" "$work/README.md"
    if [ -n "$changed" ]; then
        # what was built of the clone is not what stands here
        rm -rf "$target"/release/.fingerprint/intermesh-*
    fi
fi
echo "docs: as they say, $took s of $budget for the book"
[ "$took" -le "$budget" ] || echo "docs: over its budget" >&2
