#!/usr/bin/env bash
# A throw-away PostgreSQL on 127.0.0.1 from Debian's package: postgresql.sh start [PORT] | stop
# `start` prints its URL; started again after a crash it takes up the same files. It never waits for the disk, but what was
# acknowledged survives the death of its processes.
. "$(dirname "$0")/service.sh"
stop_signal=INT  # without waiting for clients to leave

programs() {
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -x "$found/initdb" ] || found=$(dirname "$(command -v initdb)" 2>/dev/null)
  [ -x "$found/initdb" ] && echo "$found"
}

start() {
  running && return
  local bin user=() port="$1"
  bin=$(programs) || { install_package postgresql && bin=$(programs); }
  ! as_root || user=(setpriv --reuid postgres --regid postgres --clear-groups)
  if [ ! -s "$state/data" ]; then
    make_data postgres
    (cd / && "${user[@]}" "$bin/initdb" -D "$(cat "$state/data")/db" -U windlass -A trust -E UTF8 --locale=C.UTF-8 -N) \
      >"$state/log" 2>&1 || { cat "$state/log" >&2; fail "initdb failed"; }
  fi
  local data
  data=$(cat "$state/data")
  port=${port:-$(free_port)}
  launch "${user[@]}" "$bin/postgres" -D "$data/db" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories="$data" -c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB
  wait_until "$bin/psql" -h 127.0.0.1 -p "$port" -U windlass -d postgres -tAc 'select 1'
  echo "postgresql://windlass@127.0.0.1:$port/postgres" >"$state/url"
}

main "$@"
