#!/usr/bin/env bash
# A throw-away SFTP server on 127.0.0.1, OpenSSH's from Debian's package: sftp.sh start [PORT] | stop
# `start` prints its URL, whose query names the key to sign in with and the file that knows the server's own key. It runs
# as whoever starts it, and that is who signs in.
. "$(dirname "$0")/service.sh"

server() { command -v sshd || { [ -x /usr/sbin/sshd ] && echo /usr/sbin/sshd; }; }

make_keys() {
  ssh-keygen -q -t ed25519 -N '' -f "$1/host_key"
  ssh-keygen -q -t ed25519 -N '' -f "$1/client_key"
  cp "$1/client_key.pub" "$1/authorized_keys"
}

configuration() {
  cat <<END
ListenAddress 127.0.0.1
HostKey $1/host_key
PidFile none
AuthorizedKeysFile $1/authorized_keys
StrictModes no
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
UsePAM no
MaxStartups 100
Subsystem sftp internal-sftp
END
}

start() {
  ! running || return 0
  local port="${1:-}" data
  server >/dev/null || install_package openssh-server
  ! as_root || mkdir -p /run/sshd
  if [ ! -s "$state/data" ]; then
    make_data root
    data=$(cat "$state/data")
    make_keys "$data"
    configuration "$data" >"$data/sshd_config"
    mkdir "$data/files"
  fi
  data=$(cat "$state/data")
  port=${port:-$(free_port)}
  echo "[127.0.0.1]:$port $(cut -d ' ' -f 1,2 "$data/host_key.pub")" >"$data/known_hosts"
  launch "$(server)" -D -e -f "$data/sshd_config" -p "$port"
  wait_until bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
  echo "sftp://$(id -un)@127.0.0.1:$port$data/files?key_file=$data/client_key&known_hosts=$data/known_hosts" >"$state/url"
}

main "$@"
