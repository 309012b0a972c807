#!/usr/bin/env bash
# Builds every wheel, installs each one alone, with what it declares, and runs its own tests there. An environment shared
# by the whole workspace would hide a dependency that a distribution forgot to declare.
# Usage: tests/services/wheels_alone.sh [core | plugins/NAME | contrib/NAME ...]
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
uv build --quiet --wheel --all-packages --out-dir "$work/wheels"

# Those with tests, of the ones that are named.
distributions=()
for distribution in "${@:-core plugins/*/ contrib/*/}"; do
  # shellcheck disable=SC2086  the default is a pattern
  for found in $distribution; do
    ! compgen -G "${found%/}/tests/test_*.py" >/dev/null || distributions+=("${found%/}")
  done
done

name_of() { sed -n 's/^name = "\(.*\)"$/\1/p' "$1/pyproject.toml" | head -n 1; }

# install NUMBER: the environment of one distribution, if there is such a number.
install() {
  local distribution=${distributions[$1]:-} needs
  [ -n "$distribution" ] || return 0
  # What its tests use beyond what it declares, such as an optional framework.
  read -ra needs <<<"$(sed -n 's/^# tests need: //p' "$distribution/pyproject.toml")"
  uv venv --quiet --clear "$work/env-$1"
  uv pip install --quiet --python "$work/env-$1/bin/python" --find-links "$work/wheels" \
    "$(name_of "$distribution")" "windlass-core[testing]" pytest-timeout pytest-xdist "${needs[@]}"
}

install 0
for number in "${!distributions[@]}"; do
  # Where there are many tests, those that use everything that it declares; the others run in the workspace anyway.
  read -ra only <<<"$(sed -n 's/^# alone: //p' "${distributions[$number]}/pyproject.toml")"
  # The next one is installed while this one is tested.
  install $((number + 1)) &
  installing=$!
  echo "--- $(name_of "${distributions[$number]}") alone"
  [ ${#only[@]} -gt 0 ] || only=("")
  cp -r "${distributions[$number]}/tests" "$work/tests"
  (cd "$work" && "env-$number/bin/python" -m pytest -q -n auto --dist worksteal --import-mode=importlib -W error \
    -p no:cacheprovider -o markers=slow -m 'not slow' "${only[@]/#/tests/}")
  rm -rf "$work/tests" "$work/env-$number"
  wait "$installing"
done
