#!/usr/bin/env bash
# MLServer on 127.0.0.1, in an environment of its own: mlserver.sh start [PORT] | stop
# Wants half a gigabyte of memory. Its model repository is a directory that the URL names; big.sh runs its tests.
. "$(dirname "$0")/service.sh"

version=1.7.1
root=$(cd "$(dirname "$0")/../.." && pwd)
home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/mlserver-$version"

start() {
  ! running || return 0
  local port="${1:-}"
  model_environment "$home" 3.11 "mlserver==$version"
  make_data "$(id -un)"
  port="${port:-$(free_port)}"
  local data
  data=$(cat "$state/data")
  mkdir "$data/models"
  cat >"$data/models/settings.json" <<SETTINGS
{"host": "127.0.0.1", "http_port": $port, "grpc_port": $(free_port), "metrics_port": $(free_port),
 "parallel_workers": 0, "load_models_at_startup": false}
SETTINGS
  unset WINDLASS_HOME WINDLASS_TRACKING_URI MLFLOW_TRACKING_URI
  launch "$home/bin/mlserver" start "$data/models"
  patience=180 wait_until curl --fail --silent --max-time 10 "http://127.0.0.1:$port/v2/health/ready"
  echo "http://127.0.0.1:$port?repository=$data/models" >"$state/url"
}

main "$@"
