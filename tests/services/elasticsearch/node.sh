#!/usr/bin/env bash
# Runs the node that elasticsearch.sh configured in DIRECTORY, in the foreground: node.sh DIRECTORY [password PASSWORD]
# With a password it only keeps that of the user elastic, for its first start.
set -euo pipefail
directory=$1
home=$(cat "$directory/home")
ES_JAVA_HOME=$(cat "$directory/java")
export ES_JAVA_HOME ES_HOME="$home" ES_PATH_CONF="$directory/config" ES_TMPDIR="$directory/tmp"
export JAVA="$ES_JAVA_HOME/bin/java" JAVA_TYPE=ES_JAVA_HOME ES_DISTRIBUTION_TYPE=zip
unset JAVA_HOME JAVA_TOOL_OPTIONS _JAVA_OPTIONS ES_JAVA_OPTS CLI_JAVA_OPTS
cd "$home"
small=("$JAVA" -Xms4m -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1)

# tool NAME ARGUMENTS...: what the server's own command lines run.
tool() {
  command=("${small[@]}" -Dcli.name="$1" -Dcli.libs="lib/tools/$1-cli" -Des.path.home="$home" -Des.path.conf="$ES_PATH_CONF"
    -Des.distribution.type=zip -Des.java.type=ES_JAVA_HOME -cp "lib/*:lib/cli-launcher/*"
    org.elasticsearch.launcher.CliToolLauncher "${@:2}")
}

if [ "${2:-}" = password ]; then
  tool keystore create
  "${command[@]}" >/dev/null
  tool keystore add -x bootstrap.password
  printf '%s' "$3" | "${command[@]}" >/dev/null
  exit
fi

echo $$ >"$directory/pid"
if [ -d lib/tools/server-launcher ]; then
  command=("${small[@]}" -cp "lib/tools/server-launcher/*" org.elasticsearch.server.launcher.ServerLauncher)
else
  tool server
fi
# It refuses to run as root, so root shows it another user, to whom its files belong.
as=()
if [ "$(id -u)" = 0 ]; then
  as=(unshare --user --map-user=1000 --map-group=1000)
  "${as[@]}" true || { echo "Elasticsearch does not run as root, and user namespaces are off: use another user" >&2; exit 1; }
fi
exec "${as[@]}" "${command[@]}"
