#!/usr/bin/env bash
# Runs the suites and the tests of faults of plugins/elasticsearch with the other pairs of client and server. The tests
# themselves have the client that this workspace pins, 8.19, with the server that start.sh starts, 9. Here are
#   the client 9 with the server 9, in an environment of its own below $WINDLASS_TEST_ENVS, which is kept;
#   the client 8.19 with a server 8.19, which is started for it and stopped afterwards;
#   the client 9 with the server 8.19, which cannot be: that is said, with what to do.
# Usage: tests/services/elasticsearch_pairs.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

client=9.5.1
environment="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/elasticsearch-client-$client"
tests=(plugins/elasticsearch/tests/test_conformance.py plugins/elasticsearch/tests/test_faults.py)
work=$(mktemp -d)

say() { printf -- '--- %s\n' "$*"; }

# server VERSION start|stop: one of that version beside the others.
server() {
  WINDLASS_TEST_STATE="$work" WINDLASS_TEST_ELASTICSEARCH_VERSION=$1 WINDLASS_TEST_ELASTICSEARCH_NODES=1 \
    WINDLASS_TEST_ELASTICSEARCH_PASSWORD='' tests/services/elasticsearch.sh "$2"
}
trap 'server 8 stop; rm -rf "$work"' EXIT

# All but the client is as in this workspace; without --no-config the pinned client would be wanted, too.
make_environment() {
  "$environment/bin/python" -c '' 2>/dev/null || uv venv --quiet --clear --python 3.11 "$environment"
  uv export --quiet --frozen --no-hashes --no-emit-workspace --all-packages | grep -v '^elastic' >"$work/pins"
  # Every time, as the environment may have been made by another checkout.
  uv pip install --no-config --quiet --compile-bytecode --python "$environment/bin/python" --constraint "$work/pins" \
    --editable "core[testing]" --editable plugins/elasticsearch --editable plugins/sql \
    "elasticsearch==$client" pytest-timeout pytest-xdist
}

# refused URL: whether the client 9 says of this server what is wrong and what to do.
refused() {
  local said
  if said=$("$environment/bin/windlass" db upgrade "$1" 2>&1); then
    echo "it did not refuse: $said" >&2
    return 1
  fi
  echo "$said"
  grep -q 'is older than the client that is installed' <<<"$said" && grep -q "pip install 'elasticsearch<9'" <<<"$said"
}

if [ -z "${WINDLASS_TEST_ELASTICSEARCH:-}" ]; then
  new=$(WINDLASS_TEST_ELASTICSEARCH_VERSION=9 tests/services/start.sh elasticsearch)
  eval "$new"
fi
old=$(server 8 start)
make_environment

say "client $client with $WINDLASS_TEST_ELASTICSEARCH"
"$environment/bin/python" -m pytest "${tests[@]}"
say "the client of the workspace with 8.19"
WINDLASS_TEST_ELASTICSEARCH=$old uv run --no-sync pytest "${tests[@]}"
say "client $client with 8.19"
refused "$old"
