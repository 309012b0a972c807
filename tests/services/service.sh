# Sourced by the scripts beside it: where a service keeps its state, and how it is started and ended.
# State is in $WINDLASS_TEST_STATE (default ~/.cache/windlass-test/services), one directory a service: `url` for the
# tests, `pid`, `data` (the path of its files) and `log`.
set -euo pipefail
service=$(basename "$0" .sh)
state="${WINDLASS_TEST_STATE:-$HOME/.cache/windlass-test/services}/$service"
mkdir -p "$state"

say() { echo "$service: $*" >&2; }
fail() { say "$*"; exit 1; }
as_root() { [ "$(id -u)" = 0 ]; }
# A zombie, which nobody has cleaned away yet, is as good as gone.
alive() { case "$(ps -o stat= -p "$1")" in "" | Z*) return 1 ;; esac; }
running() { [ -s "$state/pid" ] && alive "$(cat "$state/pid")"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# install_package PACKAGE...: from Debian, without the daemons that the packages would start.
install_package() {
  as_root && command -v apt-get >/dev/null || fail "$* is missing; install it, or run this as root on Debian"
  say "installing $*"
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && made=yes
  fi
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends -y "$@"; } \
    >"$state/install.log" 2>&1 || { tail -n 20 "$state/install.log" >&2; fail "$* could not be installed"; }
  [ -z "$made" ] || rm -f "$policy"
}

# make_data USER: a new directory for its files, below /tmp because a daemon's user cannot look into root's home.
make_data() {
  mktemp -d "/tmp/windlass-$service.XXXXXX" >"$state/data"
  ! as_root || chown "$1" "$(cat "$state/data")"
}

# launch COMMAND...: in a process group of its own, detached from this terminal.
launch() {
  cd /
  setsid "$@" >>"$state/log" 2>&1 </dev/null &
  echo $! >"$state/pid"
}

# wait_until COMMAND...: a minute for the service to answer, or as many seconds as `patience` says.
wait_until() {
  local end=$((SECONDS + ${patience:-60}))
  while [ "$SECONDS" -lt "$end" ]; do
    ! "$@" >/dev/null 2>&1 || return 0
    running || break
    sleep 0.1
  done
  tail -n 20 "$state/log" >&2
  fail "did not start"
}

# stop: end it by its process id, and remove its files.
stop() {
  local pid
  if running; then
    pid=$(cat "$state/pid")
    kill "-${stop_signal:-TERM}" "$pid" 2>/dev/null || true
    for _ in $(seq 100); do alive "$pid" || break; sleep 0.1; done
    kill -KILL -- "-$pid" 2>/dev/null || true
    say "stopped"
  fi
  [ ! -s "$state/data" ] || rm -rf "$(cat "$state/data")"
  rm -f "$state/url" "$state/pid" "$state/data" "$state/log"
}

main() {
  case "${1:-start}" in
    start) start "${2:-}"; cat "$state/url" ;;
    stop) stop ;;
    *) fail "usage: $0 start [PORT] | stop" ;;
  esac
}

# model_environment DIRECTORY PYTHON REQUIREMENT...: an environment for a server that serves our models.
# Models are read by the releases that have written them, so what reads them is as in this workspace, but for those
# packages, with '|' between them, that `own` names: the server wants releases of its own.
model_environment() {
  local directory=$1 python=$2 pins
  shift 2
  "$directory/bin/python" -c '' 2>/dev/null || uv venv --quiet --clear --python "$python" "$directory"
  pins=$(mktemp)
  (cd "$root" && uv export --quiet --frozen --no-hashes --no-emit-workspace --all-packages) |
    grep -iE '^(scikit-learn|numpy|scipy|pandas|skops|cloudpickle|joblib)==' | grep -vE "^(${own:-none})==" >"$pins"
  # Every time, as it may have been made by another checkout. --no-config: the server wants versions of its own.
  UV_LINK_MODE=copy uv pip install --no-config --quiet --compile-bytecode --python "$directory/bin/python" \
    --override "$pins" "$@" scikit-learn pandas --editable "$root/core" --editable "$root/plugins/models[sklearn]" \
    --editable "$root/plugins/rest" --editable "$root/plugins/open_inference" >&2
  rm -f "$pins"
}
