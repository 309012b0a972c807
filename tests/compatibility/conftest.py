"""Environments with real MLflow clients, found below `$WINDLASS_TEST_ENVS`.

`tests/services/mlflow_environments.sh` makes them.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

LATEST = "3.17.2"
DEFAULT_ENVS = "~/.cache/windlass-test"


@pytest.fixture
def environments() -> Path:
    """The directory of the environments."""
    return Path(os.environ.get("WINDLASS_TEST_ENVS", DEFAULT_ENVS)).expanduser()


@pytest.fixture
def missing():
    """Called with a reason: skips the test, or fails it when WINDLASS_TEST_SERVICES=all."""

    def give_up(reason: str) -> NoReturn:
        if os.environ.get("WINDLASS_TEST_SERVICES") == "all":
            pytest.fail(reason)
        pytest.skip(reason)

    return give_up


@pytest.fixture
def mlflow_python(request, environments, missing) -> Path:
    """The interpreter of an environment with MLflow; the version comes by indirect parametrisation, the latest without.

    Skips where the environment is missing, fails when WINDLASS_TEST_SERVICES=all.
    """
    version = getattr(request, "param", LATEST)
    python = environments / f"mlflow-{version}" / "bin" / "python"
    if not python.is_file():
        missing(f"no MLflow {version} at {python.parent.parent}; run tests/services/mlflow_environments.sh {version}")
    return python


@pytest.fixture
def run_in(tmp_path):
    """Runs a script in another interpreter, in a directory of its own, and returns what it printed."""

    def run(python: Path, script: str, *arguments: str, timeout: float = 110, **environ: str) -> str:
        quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONWARNINGS": "ignore", "GIT_PYTHON_REFRESH": "quiet"}
        done = subprocess.run(
            [python, "-c", script, *arguments],
            cwd=tmp_path,
            env={**os.environ, **quiet, **environ},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"the script failed:\n{done.stderr}"
        return done.stdout

    return run
