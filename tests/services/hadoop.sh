# Sourced by hdfs.sh and yarn.sh after service.sh: Hadoop from Maven Central, and its configuration.
hadoop_java=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.net.preferIPv4Stack=true
  --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED)

# install_hadoop HOME FOLDER SOURCE... : what FOLDER/pom.xml names into HOME/jars, and the sources compiled in
# HOME/classes; `built`, if there is such a function, is called after that.
install_hadoop() {
  local home=$1 folder=$2 digest
  shift 2
  digest=$(cat "$@" "$folder/pom.xml" | sha256sum | cut -d ' ' -f 1)
  [ "$(cat "$home/digest" 2>/dev/null)" != "$digest" ] || return 0
  command -v javac >/dev/null || install_package default-jdk-headless
  command -v mvn >/dev/null || install_package maven
  say "fetching Hadoop"
  rm -rf "$home"
  mkdir -p "$home/classes"
  mvn --quiet --batch-mode -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$home/jars" >&2
  javac -d "$home/classes" -cp "$home/jars/*" "$@" >&2
  if declare -F built >/dev/null; then built; fi
  echo "$digest" >"$home/digest"
}

java_home() { dirname "$(dirname "$(readlink -f "$(command -v javac)")")"; }
property() { echo "<property><name>$1</name><value>$2</value></property>"; }
configuration() { echo "<configuration>$(cat)</configuration>"; }

# configure_hdfs DATA HTTP_PORT RPC_PORT: a NameNode and a DataNode with all their files in DATA.
configure_hdfs() {
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
}
