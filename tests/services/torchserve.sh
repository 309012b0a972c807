#!/usr/bin/env bash
# TorchServe on 127.0.0.1, in an environment of its own, with its keys as they are by default: torchserve.sh start [PORT] | stop
# Needs Java 11 or later and gcc, 1.5 GB of disk, most of it PyTorch, and a gigabyte of memory; big.sh runs its tests.
. "$(dirname "$0")/service.sh"

version=0.12.0
torch=2.13.0
root=$(cd "$(dirname "$0")/../.." && pwd)
home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/torchserve-$version"

# TorchServe imports PyTorch whatever it serves.
install_torch() {
  local directory="$home/lib/python3.11/site-packages/torch"
  [ ! -e "$directory/lib/libwindlass_no_cuda.so" ] || return 0
  UV_LINK_MODE=copy uv pip install --no-config --no-cache --quiet --no-deps --python "$home/bin/python" "torch==$torch" >&2
  "$home/bin/python" "$root/tests/services/torchserve/without_cuda.py" "$directory" >&2
}

start() {
  ! running || return 0
  local port="${1:-}" data management
  command -v java >/dev/null || fail "java is missing; install a JDK"
  model_environment "$home" 3.11 "torchserve==$version" psutil pyyaml pillow packaging wheel setuptools \
    typing-extensions filelock sympy networkx jinja2 fsspec
  install_torch
  make_data "$(id -un)"
  data=$(cat "$state/data")
  port="${port:-$(free_port)}"
  management=$(free_port)
  mkdir "$data/models"
  cat >"$data/config.properties" <<SETTINGS
inference_address=http://127.0.0.1:$port
management_address=http://127.0.0.1:$management
metrics_address=http://127.0.0.1:$(free_port)
grpc_inference_port=$(free_port)
grpc_management_port=$(free_port)
model_store=$data/models
enable_model_api=true
disable_system_metrics=true
vmargs=-Xmx512m -Djava.io.tmpdir=$data
SETTINGS
  unset WINDLASS_HOME WINDLASS_TRACKING_URI MLFLOW_TRACKING_URI
  export PATH="$home/bin:$PATH" TMPDIR="$data" LOG_LOCATION="$data/logs" METRICS_LOCATION="$data/logs"
  # It writes the file with its keys to the directory that it is started in.
  launch sh -c 'cd "$1" && exec torchserve --foreground --no-config-snapshots --ts-config config.properties' - "$data"
  patience=180 wait_until curl --silent --max-time 10 "http://127.0.0.1:$port/ping"
  echo "http://127.0.0.1:$port?management=http://127.0.0.1:$management&model_store=$data/models&key_file=$data/key_file.json" >"$state/url"
}

main "$@"
