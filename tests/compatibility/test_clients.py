"""Unmodified MLflow clients against a real server process, and what the docs say they can do.

`WINDLASS_TEST_UPDATE_DOCS=true` writes what was seen into the docs instead of comparing it with them.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from windlass_elasticsearch.testing import new_prefix

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "docs" / "reference" / "clients.md"
SCRIPT = HERE / "clients" / "life_cycle.py"
LATEST = "3.17.2"
OLDER = [pytest.param(version, marks=pytest.mark.slow) for version in ("3.6.0", "2.22.5", "1.30.0")]
JAVA = "2.17.2"


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mlflow_python", [LATEST, *OLDER], indirect=True)
def test_a_python_client_lives_through_a_models_life(server, mlflow_python, run_in, tmp_path):
    version = mlflow_python.parents[1].name.removeprefix("mlflow-")
    output = run_in(mlflow_python, SCRIPT.read_text(), server.url, DO_NOT_TRACK="true", HOME=str(tmp_path))
    check_documented(f"Python {version}", json.loads(output.splitlines()[-1]))


@pytest.mark.timeout(240)
def test_a_python_client_sees_no_difference_on_elasticsearch(start_server, mlflow_python, run_in, tmp_path):
    with new_prefix() as uri:
        server = start_server(tmp_path, uri.text)
        output = run_in(mlflow_python, SCRIPT.read_text(), server.url, DO_NOT_TRACK="true", HOME=str(tmp_path))
        check_documented(f"Python {LATEST}", json.loads(output.splitlines()[-1]))


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_java_client_lives_through_a_models_life(server, java_client, mlflow_python, tmp_path):
    done = subprocess.run(
        [*java_client, "LifeCycle", server.url],
        cwd=tmp_path,
        # To move files it runs the Python client that it finds first.
        env={**os.environ, "PATH": f"{mlflow_python.parent}:{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    check_documented(f"Java {JAVA}", json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture
def java_client(environments, missing) -> list[str]:
    """The beginning of a command that runs a class with the MLflow client of Java."""
    home = environments / "java-client"
    if shutil.which("java") is None or not (home / "digest").is_file():
        missing(f"no Java client in {home}; run tests/services/java_client.sh")
    return ["java", "-cp", f"{home}/classes:{home}/jars/*"]


def check_documented(client: str, seen: dict[str, str]) -> None:
    """The client's column of the table says what was seen."""
    with TABLE.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
        rows = [line for line in text.splitlines() if line.startswith("| ")]
        header, *others = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
        column = header.index(client)
        if os.environ.get("WINDLASS_TEST_UPDATE_DOCS") == "true":
            known = {row[0]: row for row in others}
            table = [known.get(name, [name] + ["?"] * (len(header) - 1)) for name in seen]
            for row in table:
                row[column] = seen[row[0]]
            lines = [f"| {' | '.join(cells)} |" for cells in (header, *table)]
            lines.insert(1, "|---" * len(header) + "|")
            file.seek(0)
            file.truncate()
            file.write(text.partition("\n| ")[0] + "\n" + "\n".join(lines) + "\n")
            return
    assert {row[0]: row[column] for row in others} == seen
