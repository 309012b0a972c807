#!/usr/bin/env bash
# Ray with its dashboard and Serve on 127.0.0.1, in an environment of its own: ray.sh start [PORT] | stop
# It takes 2-3 GB of memory and some twenty processes, so start.sh does not start it; big.sh runs its tests.
# `start` prints the URL of the dashboard. The nodes of a cluster need what is installed here.
. "$(dirname "$0")/service.sh"

version=2.60.0
root=$(cd "$(dirname "$0")/../.." && pwd)
home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/ray-$version"

# Models are read by the releases that have written them, so all but Ray is as in this workspace.
make_environment() {
  "$home/bin/python" -c '' 2>/dev/null || uv venv --quiet --clear --python 3.11 "$home"
  local pins
  pins=$(mktemp)
  (cd "$root" && uv export --quiet --frozen --no-hashes --no-emit-workspace --all-packages >"$pins")
  # Every time, as it may have been made by another checkout. --no-config: Ray wants versions of its own.
  UV_LINK_MODE=copy uv pip install --no-config --quiet --compile-bytecode --python "$home/bin/python" \
    --override <(grep -iE '^(scikit-learn|numpy|scipy|pandas|skops|cloudpickle|joblib)==' "$pins") \
    "ray[serve]==$version" scikit-learn pandas uv \
    --editable "$root/core" --editable "$root/plugins/client" --editable "$root/plugins/models[sklearn]" \
    --editable "$root/plugins/ray" --editable "$root/plugins/rest" --editable "$root/plugins/serving" --editable "$root/plugins/sql" >&2
  rm -f "$pins"
}

# Without a port for each part of it Ray takes fixed ones, which another cluster may have.
ports() {
  local name
  for name in port node-manager-port object-manager-port ray-client-server-port runtime-env-agent-port \
    dashboard-agent-grpc-port dashboard-agent-listen-port metrics-export-port; do
    echo "--$name=$(free_port)"
  done
}

serve_is_there() { "$home/bin/python" "$root/tests/services/ray/serve.py" "$1" "$(free_port)"; }

start() {
  ! running || return 0
  local port="${1:-}" options
  make_environment
  make_data "$(id -un)"
  port="${port:-$(free_port)}"
  mapfile -t options < <(ports)
  export RAY_raylet_start_wait_time_s=180 RAY_USAGE_STATS_ENABLED=0 RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0 PATH="$home/bin:$PATH"
  # Nothing of it waits for the disk, and it shall not see what the tests are told.
  unset WINDLASS_HOME WINDLASS_TRACKING_URI MLFLOW_TRACKING_URI
  launch "$home/bin/ray" start --head --block --disable-usage-stats --node-ip-address=127.0.0.1 \
    --dashboard-host=127.0.0.1 --dashboard-port="$port" --include-dashboard=true "${options[@]}" \
    --min-worker-port=21000 --max-worker-port=21499 --num-cpus=8 --object-store-memory=100000000 \
    --temp-dir="$(cat "$state/data")"
  patience=240 wait_until curl --fail --silent --max-time 10 "http://127.0.0.1:$port/api/version"
  patience=240 wait_until serve_is_there "http://127.0.0.1:$port"
  echo "http://127.0.0.1:$port" >"$state/url"
}

main "$@"
