"""Environments with real MLflow clients, found below `$WINDLASS_TEST_ENVS`.

`tests/services/mlflow_environments.sh` makes them.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

LATEST = "3.17.2"
DEFAULT_ENVS = "~/.cache/windlass-test"


@pytest.fixture
def mlflow_python(request) -> Path:
    """The interpreter of an environment with MLflow; the version comes by indirect parametrisation, the latest without.

    Skips where the environment is missing, fails when WINDLASS_TEST_SERVICES=all.
    """
    version = getattr(request, "param", LATEST)
    root = Path(os.environ.get("WINDLASS_TEST_ENVS", DEFAULT_ENVS)).expanduser()
    python = root / f"mlflow-{version}" / "bin" / "python"
    if python.is_file():
        return python
    reason = f"no MLflow {version} at {python.parent.parent}; run tests/services/mlflow_environments.sh {version}"
    if os.environ.get("WINDLASS_TEST_SERVICES") == "all":
        pytest.fail(reason)
    pytest.skip(reason)


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
