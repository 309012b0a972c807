#!/usr/bin/env bash
# A throw-away S3 server on 127.0.0.1, Ceph's from Debian's packages: s3.sh start [PORT] | stop
# `start` prints its URL, with the access key and the secret in it. It checks signatures and expiry as Amazon does.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/service.sh"
key=windlass-access secret=windlass-secret

start() {
  ! running || return 0
  command -v radosgw >/dev/null && command -v ceph-osd >/dev/null && command -v ceph-mon >/dev/null \
    || install_package radosgw ceph-osd ceph-mon ceph-common
  local port="${1:-}"
  [ ! -s "$state/data" ] || rm -rf "$(cat "$state/data")"
  make_data root
  port=${port:-$(free_port)}
  launch "$here/ceph.sh" "$(cat "$state/data")" "$(free_port)" "$port" "$key" "$secret"
  wait_until test -e "$(cat "$state/data")/ready"
  echo "http://$key:$secret@127.0.0.1:$port" >"$state/url"
}

main "$@"
