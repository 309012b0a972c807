#!/usr/bin/env bash
# Runs the tests that need a big framework: starts it by the command of its name, runs its plugin's tests, and stops it;
# one framework after the other, so that a machine needs the memory of one. Without names, all of them.
# Usage: tests/services/big.sh [NAME...]
set -euo pipefail
cd "$(dirname "$0")/../.."

# The tests that need each.
declare -A tests=(
  [mlserver]="plugins/open_inference/tests/test_conformance.py plugins/open_inference/tests/test_servers.py"
  [ray]="plugins/ray/tests/test_conformance.py plugins/ray/tests/test_jobs.py plugins/ray/tests/test_serving.py
    tests/end_to_end/test_pipelines.py"
  [torchserve]="plugins/torchserve/tests/test_conformance.py plugins/torchserve/tests/test_server.py"
  [triton]="plugins/open_inference/tests/test_conformance.py plugins/open_inference/tests/test_servers.py"
)

names=("$@")
[ ${#names[@]} -gt 0 ] || mapfile -t names < <(printf '%s\n' "${!tests[@]}" | sort)
started=
trap '[ -z "$started" ] || "tests/services/$started.sh" stop' EXIT
for name in "${names[@]}"; do
  [ -n "${tests[$name]:-}" ] || { echo "no tests are known for $name (known: ${!tests[*]})" >&2; exit 1; }
  echo "--- $name"
  started=$name
  url=$("tests/services/$name.sh" start)
  mapfile -t files < <(xargs -n 1 <<<"${tests[$name]}")
  # Named here, its tests fail where they would skip for want of it.
  env "WINDLASS_TEST_${name^^}=$url" WINDLASS_TEST_SERVICES="$name" \
    uv run --no-sync pytest -n 1 -m 'slow or not slow' "${files[@]}"
  "tests/services/$name.sh" stop
  started=
done
