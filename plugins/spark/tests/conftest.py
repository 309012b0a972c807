"""Fixtures: a clean environment, and a program in the place of spark-submit that only runs the script."""

from __future__ import annotations

import os

import pytest

from windlass.fluent import state

# It writes down what it was asked for, says what spark-submit says in cluster mode, and runs the script.
STAND_IN = """#!/bin/sh
here=$(dirname "$0")
printf '%s\\0' "$@" >>"$here/asked"
[ -z "$SAYS" ] || echo "$SAYS"
while [ "${1#--}" != "$1" ]; do
  [ "$1" != --kill ] || exit 0
  shift 2
done
exec "${PYSPARK_DRIVER_PYTHON:-python3}" "$@"
"""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path):
    """No variable and no project of the developer's reaches a test."""
    for name in list(os.environ):
        if name.startswith(("WINDLASS_", "MLFLOW_", "SPARK_", "PYSPARK_")) and not name.startswith("WINDLASS_TEST_"):
            monkeypatch.delenv(name)
    here = tmp_path / "here"
    (here / ".windlass").mkdir(parents=True)
    monkeypatch.chdir(here)
    yield
    chosen = state.chosen()
    chosen.tracking_uri = chosen.registry_uri = chosen.experiment_id = None
    state.thread().runs.clear()


@pytest.fixture
def spark(tmp_path):
    """The directory of a Spark that is none."""
    program = tmp_path / "spark" / "bin" / "spark-submit"
    program.parent.mkdir(parents=True)
    program.write_text(STAND_IN)
    program.chmod(0o755)
    return program.parents[1]


@pytest.fixture
def asked(spark):
    """The words with which the program was started."""
    return lambda: (spark / "bin" / "asked").read_text().split("\0")[:-1]
