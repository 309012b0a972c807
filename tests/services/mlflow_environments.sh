#!/usr/bin/env bash
# Makes an environment for each MLflow client that the compatibility tests use; one that is there already is kept.
# Usage: tests/services/mlflow_environments.sh [VERSION ...]
set -euo pipefail

root="${WINDLASS_TEST_ENVS:-$HOME/.cache/windlass-test}"
versions=("$@")
[ ${#versions[@]} -gt 0 ] || versions=(3.17.2 3.6.0 2.22.5 1.30.0)

for version in "${versions[@]}"; do
  environment="$root/mlflow-$version"
  if "$environment/bin/python" -c "import mlflow, sklearn, flask_wtf; assert mlflow.__version__ == '$version'" 2>/dev/null; then
    echo "mlflow $version is in $environment"
    continue
  fi
  mkdir -p "$root"
  uv venv --quiet --clear --python 3.11 "$environment"
  packages=("mlflow==$version" "matplotlib" "scikit-learn")
  # Its client for accounts imports its server for accounts, which wants this.
  packages+=("flask-wtf")
  # Its SQL store asks for a name that SQLAlchemy 2.1 no longer has, and it still imports pkg_resources.
  case "$version" in
    2.*) packages+=("sqlalchemy<2.1" "setuptools<81") ;;
    3.17.2) packages+=("uvloop") ;;
    1.*) packages+=("numpy<2" "setuptools<81") ;;
  esac
  # --no-config: the versions that this workspace pins are not those of another program.
  UV_LINK_MODE=copy uv pip install --no-config --quiet --compile-bytecode --python "$environment/bin/python" "${packages[@]}"
  echo "mlflow $version is now in $environment"
done
