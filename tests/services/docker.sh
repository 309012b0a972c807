#!/usr/bin/env bash
# A throw-away Docker API on a socket of its own, podman's from Debian's package: docker.sh start | stop
# It has one image, localhost/windlass-test: this machine's Python, so that nothing is fetched. Images and containers are
# in a directory of their own and go with it. Containers have the network of this machine.
. "$(dirname "$0")/service.sh"
image=localhost/windlass-test

# configure DIRECTORY DRIVER: everything of podman's in one directory.
configure() {
  mkdir -p "$1"/{tmp,run}
  cat >"$1/storage.conf" <<CONF
[storage]
driver = "$2"
graphroot = "$1/root-$2"
runroot = "$1/run"
CONF
  cat >"$1/containers.conf" <<CONF
[containers]
netns = "host"
cgroupns = "host"
default_ulimits = []
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
tmp_dir = "$1/tmp"
CONF
  printf 'unqualified-search-registries = []\n' >"$1/registries.conf"
}

# use DIRECTORY: podman, in this shell, keeps its things there.
use() {
  export CONTAINERS_STORAGE_CONF="$1/storage.conf" CONTAINERS_CONF="$1/containers.conf"
  export CONTAINERS_REGISTRIES_CONF="$1/registries.conf" TMPDIR="$1/tmp"
}

# add FILE...: copy files with the libraries that they need to the same paths below $root.
add() {
  local file
  for file in "$@" $(ldd "$@" 2>/dev/null | grep -oE '/[^ ):]+' | sort -u); do
    mkdir -p "$root$(dirname "$file")"
    cp -nL "$file" "$root$file"
  done
}

# make_image: Python with its library, a shell and a few programs, packed up.
make_image() {
  local root python base version program
  root=$(mktemp -d)
  python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')
  base=$(python3 -c 'import sys; print(sys.base_prefix)')
  version=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
  mkdir -p "$root"/{bin,etc/ssl/certs,tmp,proc,sys,dev,root,run,var/tmp,usr/bin,usr/local/bin} "$root$base/lib"
  chmod 1777 "$root/tmp" "$root/var/tmp"
  add "$python"
  tar -C "$base/lib" --exclude=test --exclude='site-packages/*' --exclude='dist-packages/*' \
    --exclude='config-3*' --exclude=idlelib --exclude=tkinter -cf - "$version" | tar -C "$root$base/lib" -xf -
  find "$root$base/lib" -name '*.so*' -print0 | while IFS= read -r -d '' program; do add "${program#"$root"}"; done
  # Packages in wheels expect the libraries of C and C++ to be there, as in every image of Python.
  for program in libstdc++.so.6 libgcc_s.so.1 libm.so.6 libpthread.so.0 libdl.so.2 librt.so.1 libutil.so.1; do
    add "$(ldconfig -p | awk -v name="$program" '$1 == name { print $NF; exit }')"
  done
  for program in bash cat cp env id ls mkdir rm sleep; do add "$(realpath "$(command -v "$program")")"; done
  for program in bash cat cp env id ls mkdir rm sleep; do
    [ -e "$root/usr/bin/$program" ] || ln -s "$(realpath "$(command -v "$program")")" "$root/usr/bin/$program"
  done
  ln -s /usr/bin/bash "$root/bin/sh"
  [ -e "$root/bin/bash" ] || ln -s /usr/bin/bash "$root/bin/bash"
  ln -s "$python" "$root/usr/local/bin/python"
  ln -s "$python" "$root/usr/local/bin/python3"
  # What environments of this machine's Python refer to, which tests mount.
  [ -e "$root$base/bin/python3" ] || ln -s "$python" "$root$base/bin/python3"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  tar -C "$root" -cf "$1" .
  rm -rf "$root"
}

# prepare DIRECTORY DRIVER: whether containers of the image can be started with this driver.
prepare() {
  configure "$1" "$2"
  podman import --quiet --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' "$1/image.tar" "$image" &&
    timeout 60 podman run --rm "$image" python -c 'import ssl'
}

start() {
  ! running || return 0
  as_root || fail "podman's service is started by root here; or set WINDLASS_TEST_DOCKER to the socket of your own"
  command -v podman >/dev/null && command -v runc >/dev/null || install_package podman runc catatonit
  [ -s "$state/data" ] || make_data root
  local data
  data=$(cat "$state/data")
  make_image "$data/image.tar"
  use "$data"
  # A machine that may not start containers, such as a container itself, has no such service; tests skip and say so.
  if ! prepare "$data" overlay >>"$state/log" 2>&1 && ! prepare "$data" vfs >>"$state/log" 2>&1; then
    say "containers cannot be started on this machine: $(tail -n 1 "$state/log")"
    echo "none:containers cannot be started" >"$state/url"
    return 0
  fi
  rm "$data/image.tar"
  launch podman system service --time=0 "unix://$data/docker.sock"
  wait_until test -S "$data/docker.sock"
  echo "unix://$data/docker.sock" >"$state/url"
}

# What containers are left ends with the service, before its files go.
if [ "${1:-}" = stop ] && [ -s "$state/data" ]; then
  use "$(cat "$state/data")"
  timeout 60 podman rm --all --force --time 0 >/dev/null 2>&1 || true
  timeout 60 podman rmi --all --force >/dev/null 2>&1 || true
  umount "$(cat "$state/data")"/root-*/overlay 2>/dev/null || true
fi

main "$@"
