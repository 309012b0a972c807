#!/usr/bin/env bash
# A throw-away HDFS on 127.0.0.1, a NameNode and a DataNode from Maven Central: hdfs.sh start [PORT] | stop
# `start` prints the URL of its WebHDFS. Where a C compiler is, it builds libhdfs from the sources that a package on PyPI
# carries, and the query tells the port for it and the directory with `libhdfs.so` and a file with the class path.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/service.sh"
. "$here/hadoop.sh"
home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/hdfs"

built() {
  if command -v gcc >/dev/null; then build_libhdfs || say "libhdfs could not be built, see $home/libhdfs.log"; fi
}

build_libhdfs() (
  exec >"$home/libhdfs.log" 2>&1
  set -x
  cd "$home"
  # Asking for the metadata of an old package runs its setup.py, which wants an old setuptools.
  echo "setuptools<70" >constraints
  PIP_CONSTRAINT=constraints PIP_BUILD_CONSTRAINT=constraints \
    python3 -m pip download --no-deps --no-binary :all: pydoop==2.0.0 || return 1
  tar xzf pydoop-2.0.0.tar.gz pydoop-2.0.0/src/libhdfs || return 1
  local java
  java=$(java_home)
  cd pydoop-2.0.0/src/libhdfs || return 1
  gcc -O2 -w -fPIC -shared -D_GNU_SOURCE -I. -Iinclude -Ios -Ios/posix -Icommon -I"$java/include" -I"$java/include/linux" \
    -o "$home/libhdfs.so" hdfs.c jni_helper.c exception.c common/htable.c os/posix/*.c \
    -L"$java/lib/server" -ljvm -Wl,-rpath,"$java/lib/server" -lpthread -ldl
)

start() {
  ! running || return 0
  install_hadoop "$home" "$here/hdfs" "$here/hdfs/Hdfs.java"
  local port="${1:-}" rpc data query=
  [ ! -s "$state/data" ] || rm -rf "$(cat "$state/data")"
  make_data root
  data=$(cat "$state/data")
  port=${port:-$(free_port)}
  rpc=$(free_port)
  configure_hdfs "$data" "$port" "$rpc"
  # libhdfs does not understand `*`.
  echo "$data/conf:$data:$home/classes:$(printf '%s:' "$home"/jars/*.jar)" >"$data/classpath"
  launch java -Xmx384m "${hadoop_java[@]}" -cp "$(cat "$data/classpath")" Hdfs "$data/ready"
  wait_until test -e "$data/ready"
  [ ! -e "$home/libhdfs.so" ] || query="?rpc=$rpc&libhdfs=$home&classpath=$data/classpath&java_home=$(java_home)"
  echo "webhdfs://$(id -un)@127.0.0.1:$port/$query" >"$state/url"
}

main "$@"
