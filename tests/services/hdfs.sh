#!/usr/bin/env bash
# A throw-away HDFS on 127.0.0.1, a NameNode and a DataNode from Maven Central: hdfs.sh start [PORT] | stop
# `start` prints the URL of its WebHDFS. Where a C compiler is, it builds libhdfs from the sources that a package on PyPI
# carries, and the query tells the port for it and the directory with `libhdfs.so` and a file with the class path.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/service.sh"
home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/hdfs"

install_hadoop() {
  local digest
  digest=$(cat "$here"/hdfs/* | sha256sum | cut -d ' ' -f 1)
  [ "$(cat "$home/digest" 2>/dev/null)" != "$digest" ] || return 0
  command -v javac >/dev/null || install_package default-jdk-headless
  command -v mvn >/dev/null || install_package maven
  say "fetching Hadoop"
  rm -rf "$home"
  mkdir -p "$home/classes"
  mvn --quiet --batch-mode -f "$here/hdfs/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$home/jars" >&2
  javac -d "$home/classes" -cp "$home/jars/*" "$here/hdfs/Hdfs.java" >&2
  if command -v gcc >/dev/null; then build_libhdfs || say "libhdfs could not be built, see $home/libhdfs.log"; fi
  echo "$digest" >"$home/digest"
}

java_home() { dirname "$(dirname "$(readlink -f "$(command -v javac)")")"; }

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

property() { echo "<property><name>$1</name><value>$2</value></property>"; }
configuration() { echo "<configuration>$(cat)</configuration>"; }

# configure DATA HTTP_PORT RPC_PORT
configure() {
  mkdir -p "$1/conf" "$1/blocks"
  chmod 700 "$1/blocks"
  property fs.defaultFS "hdfs://127.0.0.1:$3" | configuration >"$1/conf/core-site.xml"
  {
    property dfs.namenode.name.dir "file://$1/names"
    property dfs.datanode.data.dir "file://$1/blocks"
    property dfs.namenode.rpc-address "127.0.0.1:$3"
    property dfs.namenode.http-address "127.0.0.1:$2"
    property dfs.datanode.hostname 127.0.0.1
    for name in address http.address ipc.address; do property "dfs.datanode.$name" "127.0.0.1:$(free_port)"; done
    property dfs.namenode.datanode.registration.ip-hostname-check false
    property dfs.replication 1
    property dfs.namenode.safemode.extension 0
    property dfs.namenode.edits.noeditlogchannelflush true
    # How long the end of a file waits for the name node to hear of its last block; it is 400 by default.
    property dfs.client.block.write.locateFollowingBlock.initial.delay.ms 10
  } | configuration >"$1/conf/hdfs-site.xml"
  printf '%s\n' 'log4j.rootLogger=WARN,console' 'log4j.appender.console=org.apache.log4j.ConsoleAppender' \
    'log4j.appender.console.layout=org.apache.log4j.SimpleLayout' >"$1/conf/log4j.properties"
  # Maven's packages carry no pages for a browser, and it wants a place for them.
  local pages
  for pages in hdfs datanode; do
    mkdir -p "$1/webapps/$pages/WEB-INF"
    echo '<web-app xmlns="http://java.sun.com/xml/ns/javaee" version="2.5"/>' >"$1/webapps/$pages/WEB-INF/web.xml"
  done
  mkdir -p "$1/webapps/static"
  # libhdfs does not understand `*`.
  echo "$1/conf:$1:$home/classes:$(printf '%s:' "$home"/jars/*.jar)" >"$1/classpath"
}

start() {
  ! running || return 0
  install_hadoop
  local port="${1:-}" rpc data query=
  [ ! -s "$state/data" ] || rm -rf "$(cat "$state/data")"
  make_data root
  data=$(cat "$state/data")
  port=${port:-$(free_port)}
  rpc=$(free_port)
  configure "$data" "$port" "$rpc"
  launch java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.net.preferIPv4Stack=true \
    --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED \
    -cp "$(cat "$data/classpath")" Hdfs "$data/ready"
  wait_until test -e "$data/ready"
  [ ! -e "$home/libhdfs.so" ] || query="?rpc=$rpc&libhdfs=$home&classpath=$data/classpath&java_home=$(java_home)"
  echo "webhdfs://$(id -un)@127.0.0.1:$port/$query" >"$state/url"
}

main "$@"
