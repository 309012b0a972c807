#!/usr/bin/env bash
# Runs all nodes that elasticsearch.sh configured below DIRECTORY, until it is told to end: nodes.sh DIRECTORY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
trap 'trap - EXIT; kill $(jobs -p) 2>/dev/null; wait; exit' EXIT TERM INT
for node in "$1"/*/; do "$here/node.sh" "${node%/}" & done
wait
