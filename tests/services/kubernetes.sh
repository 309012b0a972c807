#!/usr/bin/env bash
# Kubernetes 1.20 on 127.0.0.1, with a node that runs pods: kubernetes.sh start [PORT] | stop
# Its programs are built once, from Debian's source package, in some ten minutes; needs root, and 1 GB of memory.
# big.sh runs its tests. `start` prints the URL of the API server, with the kubeconfig and an image of the node.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/service.sh"
home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/kubernetes"
image=localhost/windlass-test:1

install_needed() {
  command -v etcd >/dev/null && command -v dockerd >/dev/null && command -v runc >/dev/null && command -v jq >/dev/null ||
    install_package etcd-server docker.io runc jq iproute2
  [ ! -x "$home/bin/kubelet" ] || return 0
  install_package golang-1.19-go golang-1.19-src dpkg-dev golang-github-modern-go-reflect2-dev rsync make
  say "building Kubernetes"
  nice -n 10 "$here/kubernetes/build.sh" "$home/bin" >"$state/build.log" 2>&1 ||
    { tail -n 20 "$state/build.log" >&2; fail "Kubernetes could not be built"; }
}

# configure DATA PORT: a kubeconfig of somebody who may do all, and of somebody who may do what a role says.
configure() {
  python3 -c 'import secrets; print(secrets.token_hex(16))' >"$1/token"
  python3 -c 'import secrets; print(secrets.token_hex(16))' >"$1/user_token"
  cat >"$1/kubeconfig" <<CONFIG
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://127.0.0.1:$2", certificate-authority: "$1/certs/apiserver.crt"}}]
users: [{name: admin, user: {token: "$(cat "$1/token")"}}, {name: user, user: {token: "$(cat "$1/user_token")"}}]
contexts: [{name: test, context: {cluster: test, user: admin}}, {name: user, context: {cluster: test, user: user}}]
current-context: test
CONFIG
}

start() {
  ! running || return 0
  as_root || fail "a node needs root; or set WINDLASS_TEST_KUBERNETES to a cluster of your own"
  local port="${1:-}" data
  # A machine that may not have namespaces, such as a container, has no node; tests skip and say so.
  if ! unshare --mount --propagation private true 2>/dev/null; then
    echo "none:a node cannot be started" >"$state/url"
    return 0
  fi
  install_needed
  [ ! -s "$state/data" ] || rm -rf "$(cat "$state/data")"
  make_data root
  data=$(cat "$state/data")
  port="${port:-$(free_port)}"
  configure "$data" "$port"
  "$here/kubernetes/image.sh" "$home/packages" "$data/image.tar"
  unset KUBECONFIG DOCKER_HOST
  launch unshare --mount --propagation private bash "$here/kubernetes/cluster.sh" "$data" "$home/bin" "$port" "$image"
  patience=300 wait_until test -e "$data/ready"
  echo "https://127.0.0.1:$port?kubeconfig=$data/kubeconfig&context=test&image=$image" >"$state/url"
}

main "$@"
