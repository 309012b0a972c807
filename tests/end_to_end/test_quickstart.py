from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest


def windlass(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "windlass", *arguments], cwd=directory, capture_output=True, text=True, check=False,
        timeout=110,
    )  # fmt: skip


def printed_json(directory: Path, *arguments: str):
    done = windlass(directory, *arguments, "--output", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def project(tmp_path):
    directory = tmp_path / "project"
    directory.mkdir()
    yield directory
    windlass(directory, "quickstart", "--clean")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_quickstart_does_all_it_says_twice_and_cleans_up(project):
    first = windlass(project, "quickstart")
    assert first.returncode == 0, first.stderr
    assert "every prediction equal to the one in this process" in first.stdout
    assert float(re.search(r"served accuracy ([\d.]+)", first.stdout)[1]) > 0.9
    for command in ("windlass ui", "windlass deployments list -t local", "windlass quickstart --clean"):
        assert command in first.stdout

    runs = printed_json(project, "runs", "list", "-n", "quickstart: breast cancer")
    assert len(runs) >= 4
    assert len({run["data"]["params"]["kind"] for run in runs}) >= 2
    assert {run["info"]["status"] for run in runs} == {"FINISHED"}
    run_id = runs[0]["info"]["run_id"]
    files = {one["path"] for one in printed_json(project, "artifacts", "list", "-r", run_id)}
    assert "confusion_matrix.png" in files

    (deployed,) = printed_json(project, "deployments", "list", "-t", "local")
    assert (deployed["status"], deployed["resolved_uri"]) == ("READY", "models:/breast-cancer/1")
    request = project / "request.json"
    request.write_text(json.dumps({"dataframe_split": {"columns": columns(), "data": [[1.0] * 30]}}))
    answer = windlass(project, "deployments", "predict", "-t", "local", "--name", "breast-cancer", "-I", str(request))
    assert json.loads(answer.stdout)["predictions"][0] in {0, 1}

    second = windlass(project, "quickstart")
    assert second.returncode == 0, second.stderr
    (deployed,) = printed_json(project, "deployments", "list", "-t", "local")
    assert (deployed["status"], deployed["resolved_uri"]) == ("READY", "models:/breast-cancer/2")

    cleaned = windlass(project, "quickstart", "--clean")
    assert cleaned.returncode == 0, cleaned.stderr
    assert list(project.iterdir()) == [request]
    with pytest.raises(URLError):
        urlopen(f"{deployed['url']}/health", timeout=5)
    assert "nothing to remove" in windlass(project, "quickstart", "--clean").stdout


def test_cleaning_spares_what_is_not_its_own(tmp_path):
    assert windlass(tmp_path, "experiments", "create", "-n", "mine").returncode == 0
    assert windlass(tmp_path, "quickstart", "--clean").returncode == 0
    assert "mine" in {one["name"] for one in printed_json(tmp_path, "experiments", "list")}


def columns() -> list[str]:
    from sklearn.datasets import load_breast_cancer

    return [str(name) for name in load_breast_cancer().feature_names]
