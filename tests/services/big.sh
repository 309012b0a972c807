#!/usr/bin/env bash
# Runs the tests that need a big framework: starts it by the command of its name, runs its plugin's tests, and stops it;
# one framework after the other, so that a machine needs the memory of one. Without names, all of them.
# With --quick only the life of a model there, and of a pipeline, instead of everything; Kubernetes, which is to be built
# first, and Spark, which takes minutes to fetch, are then not among those that run without being named.
# Usage: tests/services/big.sh [--quick] [NAME...]
set -euo pipefail
cd "$(dirname "$0")/../.."

# The tests that need each.
declare -A tests=(
  [kubernetes]="plugins/kubernetes/tests/test_conformance.py plugins/kubernetes/tests/test_life.py
    plugins/kubernetes/tests/test_cluster.py"
  [mlserver]="plugins/open_inference/tests/test_conformance.py plugins/open_inference/tests/test_servers.py"
  [ray]="plugins/ray/tests/test_conformance.py plugins/ray/tests/test_jobs.py plugins/ray/tests/test_serving.py
    tests/end_to_end/test_pipelines.py"
  [spark]="plugins/spark/tests/test_conformance.py plugins/spark/tests/test_spark.py"
  [torchserve]="plugins/torchserve/tests/test_conformance.py plugins/torchserve/tests/test_server.py"
  [triton]="plugins/open_inference/tests/test_conformance.py plugins/open_inference/tests/test_servers.py"
)

declare -A quick=(
  [mlserver]="${tests[mlserver]}"
  [ray]="plugins/ray/tests/test_serving.py::test_a_registered_model_lives_from_create_to_delete_with_a_way_back
    plugins/ray/tests/test_serving.py::test_a_hundred_requests_a_second_see_no_failed_answer_during_an_update
    tests/end_to_end/test_pipelines.py"
  [torchserve]="plugins/torchserve/tests/test_server.py"
  [triton]="plugins/open_inference/tests/test_servers.py"
)

declare -n wanted=tests
if [ "${1:-}" = --quick ]; then
  declare -n wanted=quick
  shift
fi
names=("$@")
[ ${#names[@]} -gt 0 ] || mapfile -t names < <(printf '%s\n' "${!wanted[@]}" | sort)
started=
trap '[ -z "$started" ] || "tests/services/$started.sh" stop' EXIT
for name in "${names[@]}"; do
  [ -n "${tests[$name]:-}" ] || { echo "no tests are known for $name (known: ${!tests[*]})" >&2; exit 1; }
  echo "--- $name"
  started=$name
  url=$("tests/services/$name.sh" start)
  mapfile -t files < <(xargs -n 1 <<<"${wanted[$name]:-${tests[$name]}}")
  # Named here, its tests fail where they would skip for want of it.
  env "WINDLASS_TEST_${name^^}=$url" WINDLASS_TEST_SERVICES="$name" \
    uv run --no-sync pytest -n 1 -m 'slow or not slow' "${files[@]}"
  "tests/services/$name.sh" stop
  started=
done
