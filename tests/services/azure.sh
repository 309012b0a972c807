#!/usr/bin/env bash
# Azurite, Microsoft's emulator of Azure Blob Storage, on 127.0.0.1, from npm: azure.sh start [PORT] | stop
# `start` prints the URL of its one account, whose key everybody knows. It checks signatures and expiry.
. "$(dirname "$0")/service.sh"

start() {
  ! running || return 0
  command -v npm >/dev/null || install_package npm
  local port="${1:-}" home
  home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/azurite"
  port="${port:-$(free_port)}"
  mkdir -p "$home"
  if [ ! -d "$home/node_modules/azurite" ]; then
    (cd "$home" && npm install --silent --no-audit --no-fund azurite@3.37) >&2
  fi
  launch node "$home/node_modules/.bin/azurite-blob" --blobHost 127.0.0.1 --blobPort "$port" --inMemoryPersistence \
    --silent --skipApiVersionCheck --disableTelemetry
  wait_until bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
  echo "http://127.0.0.1:$port/devstoreaccount1" >"$state/url"
}

main "$@"
