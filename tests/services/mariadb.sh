#!/usr/bin/env bash
# A throw-away MariaDB on 127.0.0.1 from Debian's package: mariadb.sh start [PORT] | stop
# `start` prints its URL; started again after a crash it takes up the same files. It never waits for the disk, but what was
# acknowledged survives the death of its processes.
. "$(dirname "$0")/service.sh"

client() { mariadb --no-defaults -S "$(cat "$state/data")/sock" "$@"; }

make_database() {
  make_data mysql
  local data
  data=$(cat "$state/data")
  (cd / && mariadb-install-db --no-defaults ${user:+"$user"} --datadir="$data/db" \
    --auth-root-authentication-method=normal --skip-test-db) >"$state/log" 2>&1 \
    || { cat "$state/log" >&2; fail "mariadb-install-db failed"; }
}

start() {
  running && return
  command -v mariadbd >/dev/null || install_package mariadb-server
  local user="" port="$1" data new=
  ! as_root || user=--user=mysql
  [ -s "$state/data" ] || { make_database && new=yes; }
  data=$(cat "$state/data")
  port=${port:-$(free_port)}
  launch mariadbd --no-defaults ${user:+"$user"} --datadir="$data/db" --port="$port" --bind-address=127.0.0.1 \
    --socket="$data/sock" --pid-file="$data/pid" --skip-name-resolve --skip-log-bin --innodb-flush-method=nosync \
    --innodb-flush-log-at-trx-commit=2 --innodb-doublewrite=0 --innodb-buffer-pool-size=64M
  wait_until client -u root -e 'select 1'
  [ -z "$new" ] || client -u root -e "create user windlass@'%' identified by 'windlass'; grant all on *.* to windlass@'%'"
  echo "mysql://windlass:windlass@127.0.0.1:$port/" >"$state/url"
}

main "$@"
