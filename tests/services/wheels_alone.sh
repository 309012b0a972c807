#!/usr/bin/env bash
# Builds every wheel, installs each one alone, with what it and its extras declare, and imports all its modules there;
# core's tests run there, too. An environment shared by the whole workspace would hide a file or a dependency that a wheel
# lacks. What is imported only when it is needed, tests/architecture/test_declarations.py checks.
# Usage: tests/services/wheels_alone.sh [core | plugins/NAME | contrib/NAME ...]
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
uv build --quiet --wheel --all-packages --out-dir "$work/wheels"

distributions=()
for distribution in "${@:-core plugins/*/ contrib/*/}"; do
  # shellcheck disable=SC2086  the default is a pattern
  for found in $distribution; do
    [ ! -f "$found/pyproject.toml" ] || distributions+=("${found%/}")
  done
done

name_of() { sed -n 's/^name = "\(.*\)"$/\1/p' "$1/pyproject.toml" | head -n 1; }

# extras_of DIRECTORY: the names of its extras, with commas.
extras_of() {
  uv run --quiet --no-sync python -c 'import sys, tomllib
print(",".join(tomllib.load(open(sys.argv[1], "rb"))["project"].get("optional-dependencies", {})))' "$1/pyproject.toml"
}

# install NUMBER: the environment of one distribution, if there is such a number; conformance suites want pytest.
install() {
  local distribution=${distributions[$1]:-}
  [ -n "$distribution" ] || return 0
  uv venv --quiet --clear "$work/env-$1"
  UV_COMPILE_BYTECODE=0 UV_LINK_MODE=hardlink uv pip install --quiet --python "$work/env-$1/bin/python" \
    --find-links "$work/wheels" "$(name_of "$distribution")[$(extras_of "$distribution")]" "windlass-core[testing]"
}

install 0
for number in "${!distributions[@]}"; do
  distribution=${distributions[$number]}
  # The next one is installed while this one is tried.
  install $((number + 1)) &
  installing=$!
  echo "--- $(name_of "$distribution") alone"
  "$work/env-$number/bin/python" -W error tests/services/wheels/import_all.py "$distribution"
  if [ "$distribution" = core ]; then
    uv pip install --quiet --python "$work/env-$number/bin/python" pytest-timeout pytest-xdist pyyaml
    cp -r core/tests conftest.py "$work"
    (cd "$work" && "env-$number/bin/python" -m pytest -q -n auto --dist worksteal --import-mode=importlib -W error \
      -p no:cacheprovider -o markers=slow -m 'not slow' tests)
  fi
  wait "$installing"
  rm -rf "$work/env-$number"
done
