#!/usr/bin/env bash
# A throw-away YARN on 127.0.0.1, a ResourceManager and a NodeManager with a HDFS: yarn.sh start [PORT] | stop
# `start` prints the URL of the ResourceManager; the query tells the URL of WebHDFS.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/service.sh"
. "$here/hadoop.sh"
home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/yarn"

# Laid out as an installation is, so that the nodes find the classes where they look for them.
built() {
  mkdir -p "$home/hadoop/share/hadoop/common"
  ln -s "$home/jars" "$home/hadoop/share/hadoop/common/lib"
}

# configure_yarn DATA PORT
configure_yarn() {
  local name
  {
    property yarn.resourcemanager.hostname 127.0.0.1
    property yarn.resourcemanager.webapp.address "127.0.0.1:$2"
    for name in "" scheduler. resource-tracker. admin.; do
      property "yarn.resourcemanager.${name}address" "127.0.0.1:$(free_port)"
    done
    property yarn.nodemanager.hostname 127.0.0.1
    for name in "" webapp. localizer.; do property "yarn.nodemanager.${name}address" "127.0.0.1:$(free_port)"; done
    property yarn.nodemanager.local-dirs "$1/local"
    property yarn.nodemanager.log-dirs "$1/logs"
    property yarn.nodemanager.resource.memory-mb 16384
    property yarn.nodemanager.resource.cpu-vcores 32
    property yarn.nodemanager.vmem-check-enabled false
    property yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage 99.9
    property yarn.nodemanager.disk-health-checker.min-free-space-per-disk-mb 0
    property yarn.scheduler.minimum-allocation-mb 64
    # What waits for nodes and their answers is to be quick.
    property yarn.resourcemanager.nodemanagers.heartbeat-interval-ms 100
    # A master that does not speak to the ResourceManager is ended after this; without, after ten minutes.
    property yarn.am.liveness-monitor.expiry-interval-ms 60000
  } | configuration >"$1/conf/yarn-site.xml"
  {
    property yarn.scheduler.capacity.root.queues default
    property yarn.scheduler.capacity.root.default.capacity 100
    property yarn.scheduler.capacity.maximum-am-resource-percent 1.0
  } | configuration >"$1/conf/capacity-scheduler.xml"
}

start() {
  ! running || return 0
  install_hadoop "$home" "$here/yarn" "$here/hdfs/Hdfs.java" "$here/yarn/Yarn.java"
  local port="${1:-}" files data java
  [ ! -s "$state/data" ] || rm -rf "$(cat "$state/data")"
  make_data root
  data=$(cat "$state/data")
  port=${port:-$(free_port)}
  files=$(free_port)
  configure_hdfs "$data" "$files" "$(free_port)"
  configure_yarn "$data" "$port"
  export JAVA_HOME HADOOP_CONF_DIR="$data/conf" HADOOP_COMMON_HOME="$home/hadoop"
  export HADOOP_HDFS_HOME="$home/hadoop" HADOOP_YARN_HOME="$home/hadoop"
  JAVA_HOME=$(java_home)
  java=(java -Xmx256m "${hadoop_java[@]}" --add-opens=java.base/java.util=ALL-UNNAMED
    --add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED -cp "$data/conf:$data:$home/classes:$home/jars/*" Yarn)
  launch "${java[@]}" "$data/ready" "${java[@]}" node
  # Three daemons in two JVMs take long where all processors are busy.
  patience=180 wait_until test -e "$data/ready"
  echo "http://127.0.0.1:$port?webhdfs=http://127.0.0.1:$files" >"$state/url"
}

main "$@"
