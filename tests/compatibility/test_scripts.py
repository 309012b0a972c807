"""Scripts written for MLflow, with `import windlass as mlflow`: embedded, and against a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "scripts"


def run_script(name: str, *arguments: str):
    done = subprocess.run(
        [sys.executable, "-W", "error", SCRIPTS / name, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(params=["embedded", "sqlite", "directory", "server"])
def arguments(request, tmp_path) -> list[str]:
    """The tracking URI for the script; none for the embedded default."""
    if request.param == "embedded":
        return []
    if request.param == "sqlite":
        return [f"sqlite:///{tmp_path}/sub/runs.db"]
    if request.param == "directory":
        return ["./mlruns"]
    return [request.getfixturevalue("server").url]


@pytest.mark.slow
def test_a_script_of_today_sees_what_it_expects(arguments):
    seen = run_script("of_today.py", *arguments)
    assert seen["status"] == "FINISHED"
    assert {"run_id", "metrics.accuracy", "params.C", "tags.team", "start_time"} <= set(seen["columns"])
    assert (seen["rows"], seen["after_delete"], seen["after_restore"]) == (1, 0, 1)
    assert seen["history"] == [[0, 1.0], [1, 0.5], [2, 1 / 3]]
    assert seen["nan"] == "nan"
    assert seen["files"] == ["config.json", "docs", "plots", "text.txt"]
    assert seen["docs"] == "hello"
    assert seen["stage"] == "Production"
    assert seen["equal"] == [True, True, True]
    assert seen["model_uri"].startswith("models:/m-")


@pytest.mark.slow
def test_a_script_of_2020_sees_what_it_expects(arguments):
    seen = run_script("of_2020.py", *arguments)
    assert (seen["infos"], seen["client_infos"]) == (2, 2)
    assert seen["models"] == ["wine-tree"]
    assert seen["newest"] == 2
    assert sorted(seen["latest"]) == [1, 2]
    assert seen["equal"] is True
    assert "windlass deployments create -t azureml" in seen["azureml"]
