#!/usr/bin/env bash
# A throw-away OpenID Connect provider, from npm: tests/services/oidc.sh start [PORT] | stop
here=$(cd "$(dirname "$0")" && pwd)
. "$here/service.sh"

start() {
  ! running || return 0
  command -v npm >/dev/null || install_package npm
  local port="${1:-}" home
  home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/oidc"
  port="${port:-$(free_port)}"
  mkdir -p "$home"
  if [ ! -d "$home/node_modules/oidc-provider" ]; then
    (cd "$home" && npm install --silent --no-audit --no-fund oidc-provider@9) >&2
  fi
  cp "$here/oidc_provider.mjs" "$home/"
  launch node "$home/oidc_provider.mjs" "$port"
  wait_until grep -q "http://127.0.0.1:$port" "$state/log"
  echo "http://127.0.0.1:$port" >"$state/url"
}

main "$@"
