#!/usr/bin/env bash
# The daemons of the smallest Ceph that speaks S3: ceph.sh DIRECTORY MONITOR_PORT PORT KEY SECRET
# A monitor, one disk in memory and the gateway, until it is told to end; `DIRECTORY/ready` says that all of them are up.
set -euo pipefail
data=$1 monitor="v1:127.0.0.1:$2" port=$3 key=$4 secret=$5
id=$(cat /proc/sys/kernel/random/uuid)
export CEPH_CONF="$data/ceph.conf"

configure() {
  mkdir -p "$data"/{mon,osd,run,rgw}
  touch "$data/keyring"
  cat >"$CEPH_CONF" <<CONF
[global]
fsid = $id
mon host = $monitor
mon initial members = a
auth cluster required = none
auth service required = none
auth client required = none
public network = 127.0.0.0/8
ms bind ipv6 = false
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 1
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
keyring = $data/keyring
run dir = $data/run
admin socket = $data/run/\$cluster-\$name.asok
log file = $data/run/\$name.log
pid file = $data/run/\$name.pid
[mon]
mon data = $data/mon
[osd]
osd data = $data/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd op num shards = 2
[client.rgw]
rgw data = $data/rgw
rgw frontends = beast endpoint=127.0.0.1:$port
rgw dns name = 127.0.0.1
rgw enable usage log = false
rgw thread pool size = 64
rgw crypt require ssl = false
# What was deleted gives its memory back soon, not after two hours.
rgw gc obj min wait = 5
rgw gc processor period = 5
rgw gc processor max time = 5
CONF
}

start_monitor() {
  monmaptool --create --fsid "$id" --addv a "[$monitor]" "$data/monmap"
  ceph-mon --mkfs -i a --monmap "$data/monmap" --keyring "$data/keyring"
  ceph-mon -i a -f &
}

# Its first start may come before the monitor knows it, and ends with "wrong fsid" then.
start_disk() {
  local uuid disk
  uuid=$(cat /proc/sys/kernel/random/uuid)
  ceph osd new "$uuid"
  ceph-osd -i 0 --mkfs --osd-uuid "$uuid"
  for _ in 1 2 3 4 5; do
    ceph-osd -i 0 -f &
    disk=$!
    for _ in $(seq 50); do
      ! ceph osd stat | grep -q ' 1 up' || return 0
      kill -0 "$disk" 2>/dev/null || break
      sleep 0.2
    done
  done
  return 1
}

trap 'trap - EXIT; kill $(jobs -p) 2>/dev/null; wait; exit' EXIT TERM INT
cd /
configure
start_monitor
start_disk
radosgw -n client.rgw -f &
radosgw-admin user create --uid=windlass --display-name=windlass --access-key="$key" --secret="$secret"
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.1; done
touch "$data/ready"
wait
