#!/usr/bin/env bash
# The published schema in yaml-language-server, over LSP. Installs the server (npm, about 25 MB); 2 minutes at most.
set -euo pipefail
cd "$(dirname "$0")"
source ../need.sh
need node:nodejs npm:npm
npm ci --no-audit --no-fund --silent
timeout 120 node editor.test.mjs
