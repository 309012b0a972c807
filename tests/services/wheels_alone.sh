#!/usr/bin/env bash
# Builds every wheel, installs each one alone, with what it declares, and runs its own tests there. An environment shared
# by the whole workspace would hide a dependency that a distribution forgot to declare.
# Usage: tests/services/wheels_alone.sh [core | plugins/NAME | contrib/NAME ...]
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
uv build --quiet --wheel --all-packages --out-dir "$work/wheels"

distributions=("$@")
[ ${#distributions[@]} -gt 0 ] || distributions=(core plugins/*/ contrib/*/)

for distribution in "${distributions[@]}"; do
  distribution=${distribution%/}
  compgen -G "$distribution/tests/test_*.py" >/dev/null || continue
  name=$(sed -n 's/^name = "\(.*\)"$/\1/p' "$distribution/pyproject.toml" | head -n 1)
  # What its tests use beyond what it declares, such as an optional framework.
  read -ra needs <<<"$(sed -n 's/^# tests need: //p' "$distribution/pyproject.toml")"
  uv venv --quiet --clear "$work/env"
  uv pip install --quiet --python "$work/env/bin/python" --find-links "$work/wheels" \
    "$name" "windlass-core[testing]" pytest-timeout pytest-xdist "${needs[@]}"
  echo "--- $name alone"
  cp -r "$distribution/tests" "$work/tests"
  (cd "$work" && env/bin/python -m pytest -q -n auto --dist worksteal --import-mode=importlib -W error \
    -p no:cacheprovider -o markers=slow -m 'not slow' tests)
  rm -rf "$work/tests" "$work/env"
done
