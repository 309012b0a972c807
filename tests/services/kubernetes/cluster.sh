#!/usr/bin/env bash
# A cluster of one node: cluster.sh DATA PROGRAMS PORT IMAGE; it lives until SIGTERM, and `DATA/ready` appears when it is.
# It runs in a mount namespace of its own, in which the kernel settings that the kubelet insists on are files: those of
# the machine stay as they are. Pods are on a bridge of their own, which goes with the cluster.
set -euo pipefail
data=$1 programs=$2 port=$3 image=$4
bridge=windlass-k8s
network=172.31.253
token=$(cat "$data/token")
daemons=()
mkdir -p "$data"/{certs,docker,exec,kubelet,logs,settings}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# daemon NAME COMMAND...
daemon() {
  local name=$1
  shift
  "$@" >"$data/logs/$name" 2>&1 </dev/null &
  daemons+=($!)
}

clean_up() {
  trap - TERM EXIT
  kill "$kubelet" 2>/dev/null || true
  wait "$kubelet" 2>/dev/null || true
  docker ps --all --quiet | xargs --no-run-if-empty docker rm --force >/dev/null 2>&1 || true
  kill "${daemons[@]}" 2>/dev/null || true
  wait
  ip link delete "$bridge" 2>/dev/null || true
  findmnt --noheadings --list --output TARGET | grep "^$data" | tac | xargs --no-run-if-empty umount --lazy 2>/dev/null || true
}
kubelet=0
trap 'clean_up; exit 0' TERM
trap clean_up EXIT

until_true() {
  local end=$((SECONDS + $1))
  shift
  while ! "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { echo "timed out: $*"; exit 1; }
    sleep 0.2
  done
}

api() { curl --silent --fail --insecure --max-time 10 --header "Authorization: Bearer $token" "https://127.0.0.1:$port$1"; }
node_is_ready() {
  api /api/v1/nodes/localhost | python3 -c 'import json, sys
ready = [one["status"] for one in json.load(sys.stdin)["status"]["conditions"] if one["type"] == "Ready"]
sys.exit(ready != ["True"])'
}

# setting FILE VALUE: have the kubelet read a value; what it writes goes to a file.
setting() {
  [ -e "/proc/sys/$1" ] || return 0
  echo "$2" >"$data/settings/$(basename "$1")"
  mount --bind "$data/settings/$(basename "$1")" "/proc/sys/$1"
}
setting vm/overcommit_memory 1
setting vm/panic_on_oom 0
setting kernel/panic 10
setting kernel/panic_on_oops 1
setting kernel/keys/root_maxkeys 1000000
setting kernel/keys/root_maxbytes 25000000
setting net/bridge/bridge-nf-call-iptables 1
setting net/ipv4/ip_forward "$(cat /proc/sys/net/ipv4/ip_forward)"

etcd=$(free_port)
peers=$(free_port)
daemon etcd etcd --data-dir "$data/etcd" --listen-client-urls "http://127.0.0.1:$etcd" --unsafe-no-fsync \
  --advertise-client-urls "http://127.0.0.1:$etcd" --listen-peer-urls "http://127.0.0.1:$peers" \
  --initial-advertise-peer-urls "http://127.0.0.1:$peers" --initial-cluster "default=http://127.0.0.1:$peers"
openssl genrsa -out "$data/sa.key" 2048 2>/dev/null
echo "$token,admin,admin,\"system:masters\"" >"$data/tokens"
echo "$(cat "$data/user_token"),windlass,windlass,\"users\"" >>"$data/tokens"
daemon apiserver "$programs/kube-apiserver" --etcd-servers="http://127.0.0.1:$etcd" --bind-address=127.0.0.1 \
  --advertise-address=127.0.0.1 --secure-port="$port" --cert-dir="$data/certs" --token-auth-file="$data/tokens" \
  --authorization-mode=RBAC --service-account-key-file="$data/sa.key" --service-account-signing-key-file="$data/sa.key" \
  --service-account-issuer="https://127.0.0.1:$port" --service-cluster-ip-range=10.96.0.0/24 \
  --disable-admission-plugins=ServiceAccount --allow-privileged=true \
  --kubelet-preferred-address-types=Hostname,InternalIP
until_true 90 api /readyz
daemon controllers "$programs/kube-controller-manager" --kubeconfig="$data/kubeconfig" --leader-elect=false --port=0 \
  --service-account-private-key-file="$data/sa.key" --use-service-account-credentials=false \
  --secure-port="$(free_port)" --bind-address=127.0.0.1 --cert-dir="$data/certs" --controllers='*,-nodeipam'
daemon scheduler "$programs/kube-scheduler" --kubeconfig="$data/kubeconfig" --leader-elect=false --port=0 \
  --secure-port="$(free_port)" --bind-address=127.0.0.1 --cert-dir="$data/certs"

# A process may get a negative score for want of memory only with a capability that not every machine gives.
cat >"$data/runc" <<'RUNC'
#!/bin/bash
bundle='' before=''
for word in "$@"; do
  [ "$before" != --bundle ] || bundle=$word
  before=$word
done
if [ -n "$bundle" ]; then
  jq 'del(.process.oomScoreAdj)' "$bundle/config.json" >"$bundle/new.json" && cat "$bundle/new.json" >"$bundle/config.json"
  rm -f "$bundle/new.json"
fi
exec "$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v runc)" "$@"
RUNC
chmod +x "$data/runc"
ip link delete "$bridge" 2>/dev/null || true
ip link add "$bridge" type bridge
ip address add "$network.1/24" dev "$bridge"
ip link set "$bridge" up
export DOCKER_HOST="unix://$data/docker.sock"
daemon docker dockerd --host "$DOCKER_HOST" --data-root "$data/docker" --exec-root "$data/exec" \
  --pidfile "$data/docker.pid" --storage-driver overlay2 --bridge="$bridge" --fixed-cidr="$network.0/24" \
  --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --add-runtime "wrapped=$data/runc" \
  --default-runtime wrapped --exec-opt native.cgroupdriver=cgroupfs
until_true 60 docker version
docker import --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' "$data/image.tar" "$image" >/dev/null
docker import --change 'ENTRYPOINT ["/bin/sh", "-c", "trap exit TERM; sleep 2147483647 & wait"]' "$data/image.tar" localhost/pause:1 >/dev/null
rm "$data/image.tar"
"$programs/kubelet" --kubeconfig="$data/kubeconfig" --container-runtime=docker --docker-endpoint="$DOCKER_HOST" \
  --pod-infra-container-image=localhost/pause:1 --root-dir="$data/kubelet" --cert-dir="$data/kubelet/pki" \
  --cgroup-driver=cgroupfs --cgroups-per-qos=false --enforce-node-allocatable= --fail-swap-on=false \
  --make-iptables-util-chains=false --hostname-override=localhost --address=127.0.0.1 --port="$(free_port)" \
  --healthz-port=0 --read-only-port=0 --anonymous-auth=true --authorization-mode=AlwaysAllow \
  --authentication-token-webhook=false --eviction-hard= --image-gc-high-threshold=100 --oom-score-adj=0 \
  --serialize-image-pulls=false --sync-frequency=5s >"$data/logs/kubelet" 2>&1 </dev/null &
kubelet=$!
until_true 120 node_is_ready
touch "$data/ready"
wait "$kubelet"
