#!/usr/bin/env bash
# A throw-away emulator of Google Cloud Storage on 127.0.0.1, from PyPI: gcs.sh start [PORT] | stop
# It keeps all in memory, knows no credentials and does not check signatures.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/service.sh"

start() {
  ! running || return 0
  local port="${1:-}" home
  home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/gcs"
  port="${port:-$(free_port)}"
  if [ ! -x "$home/bin/gcp-storage-emulator" ]; then
    uv venv --quiet --clear --python 3.11 "$home"
    # --no-config: the versions that this workspace pins are not those of another program. It still imports pkg_resources.
    uv pip install --no-config --quiet --python "$home/bin/python" "gcp-storage-emulator==2024.8.3" "setuptools<81"
  fi
  launch "$home/bin/python" "$here/gcs_emulator.py" "$port"
  wait_until bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
  echo "http://127.0.0.1:$port" >"$state/url"
}

main "$@"
