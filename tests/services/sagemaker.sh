#!/usr/bin/env bash
# SageMaker, S3 and IAM on 127.0.0.1: moto's server, whose endpoints are given containers: sagemaker.sh start [PORT] | stop
# A container is a scoring server of this workspace, which loads the archive that the model names; see sagemaker/.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/service.sh"

version=5.2.5
root=$(cd "$here/../.." && pwd)
home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/moto-$version"

start() {
  ! running || return 0
  local port="${1:-}"
  if ! "$home/bin/python" -c 'import moto.server' 2>/dev/null; then
    uv venv --quiet --clear --python 3.11 "$home"
    # --no-config: the versions that this workspace pins are not those of another program.
    uv pip install --no-config --quiet --compile-bytecode --python "$home/bin/python" "moto[server]==$version"
  fi
  make_data "$(id -un)"
  port="${port:-$(free_port)}"
  # Without its bytecode a scoring server would take many seconds to start.
  unset WINDLASS_HOME WINDLASS_TRACKING_URI MLFLOW_TRACKING_URI PYTHONDONTWRITEBYTECODE
  launch env WINDLASS_HOME="$(cat "$state/data")" TMPDIR="$(cat "$state/data")" MOTO_IAM_LOAD_MANAGED_POLICIES=false \
    "$home/bin/python" "$here/sagemaker/server.py" "$port" "${UV_PROJECT_ENVIRONMENT:-$root/.venv}/bin/python"
  wait_until curl --fail --silent --max-time 5 "http://127.0.0.1:$port/moto-api/data.json"
  echo "http://127.0.0.1:$port" >"$state/url"
}

main "$@"
