#!/usr/bin/env bash
# Spark, PyPI's pyspark in an environment of its own: spark.sh start | stop
# There is no server: applications bring their own, on this machine. `start` prints the URL of Spark's directory.
. "$(dirname "$0")/service.sh"

version=4.3.0
home="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}/spark-$version"

start() {
  command -v java >/dev/null || install_package openjdk-17-jre-headless
  if ! "$home/bin/python" -c 'import pyspark' 2>/dev/null; then
    uv venv --quiet --clear --python 3.11 "$home"
    # --no-config: the versions that this workspace pins are not those of another program.
    UV_LINK_MODE=copy uv pip install --no-config --quiet --python "$home/bin/python" "pyspark==$version" >&2
  fi
  echo "file://$("$home/bin/python" -c 'import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent)')" >"$state/url"
}

main "$@"
