#!/usr/bin/env bash
# Compiles the program that lives a model's life with the MLflow client of Java, below $WINDLASS_TEST_ENVS. Needs a JDK and Maven.
. "$(dirname "$0")/service.sh"
cd "$(dirname "$0")/../compatibility/clients/java"

target="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/java-client"
digest=$(cat pom.xml src/main/java/*.java | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$target/digest" 2>/dev/null)" = "$digest" ]; then
  echo "the Java client is in $target"
  exit
fi
command -v javac >/dev/null || install_package default-jdk-headless
command -v mvn >/dev/null || install_package maven
rm -rf "$target"
mkdir -p "$target/classes"
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory="$target/jars"
javac -encoding UTF-8 -cp "$target/jars/*" -d "$target/classes" src/main/java/LifeCycle.java
echo "$digest" >"$target/digest"
echo "the Java client is now in $target"
