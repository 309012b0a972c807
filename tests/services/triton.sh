#!/usr/bin/env bash
# Triton with its Python backend on 127.0.0.1, the one that nvidia-pytriton carries, in an environment of its own:
# triton.sh start [PORT] | stop. big.sh runs its tests. It takes the machine's own Python 3.11 with its library, as its
# backend does not start with a Python that was built for another place.
. "$(dirname "$0")/service.sh"

version=0.7.0
root=$(cd "$(dirname "$0")/../.." && pwd)
home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/triton-$version"

start() {
  ! running || return 0
  local port="${1:-}"
  [ -x /usr/bin/python3.11 ] || install_package python3.11
  ldconfig -p | grep -q 'libpython3\.11\.so' || install_package libpython3.11
  own='numpy|pandas' model_environment "$home" /usr/bin/python3.11 "nvidia-pytriton==$version"
  local packages="$home/lib/python3.11/site-packages" triton
  triton="$packages/pytriton/tritonserver"
  cp "$triton/python_backend_stubs/3.11/triton_python_backend_stub" "$triton/backends/python/"
  make_data "$(id -un)"
  mkdir "$(cat "$state/data")/models"
  port="${port:-$(free_port)}"
  unset WINDLASS_HOME WINDLASS_TRACKING_URI MLFLOW_TRACKING_URI
  # The Python in it takes the packages of the first python that it finds.
  launch env PATH="$home/bin:/usr/bin:/bin" LD_LIBRARY_PATH="$triton/external_libs:$packages/nvidia_pytriton.libs:${LD_LIBRARY_PATH:-}" \
    "$triton/bin/tritonserver" --model-repository="$(cat "$state/data")/models" --model-control-mode=explicit \
    --backend-directory="$triton/backends" --http-address=127.0.0.1 --http-port="$port" --allow-grpc=false \
    --allow-metrics=false --backend-config=python,shm-region-prefix-name="windlass$port"
  patience=120 wait_until curl --fail --silent --max-time 10 "http://127.0.0.1:$port/v2/health/ready"
  echo "http://127.0.0.1:$port?repository=$(cat "$state/data")/models&python_path=$packages" >"$state/url"
}

main "$@"
