"""A garbage collection that is killed in the middle is taken up by the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from windlass.config import Settings
from windlass.entities import ViewType
from windlass.services.workspace import Workspace

KILLED_GC = """
import os, signal, sys
from windlass.builtin.local_artifacts import LocalArtifactRepository
from windlass.cli import main

moment, left, delete = sys.argv[1], int(sys.argv[2]), LocalArtifactRepository.delete

def deleting(self, path):
    global left
    left -= 1
    if left == 0 and moment == "halfway":
        files = [one for one in (self._root / path).rglob("*") if one.is_file()]
        for one in files[: len(files) // 2]:
            one.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    delete(self, path)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

LocalArtifactRepository.delete = deleting
main(["gc", "--yes"])
"""


@pytest.fixture
def environment(tmp_path):
    """A project of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WINDLASS_", "MLFLOW_"))}
    return {**kept, "WINDLASS_HOME": str(tmp_path / ".windlass")}


def run(arguments, environment):
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(("moment", "number"), [("halfway", 1), ("halfway", 3), ("before the record goes", 2)])
def test_a_killed_collection_is_finished_by_the_next(tmp_path, environment, moment, number):
    settings = Settings.load(environment, tmp_path)
    with Workspace.open(settings) as workspace:
        gone = workspace.experiments.create("gone")
        (tmp_path / "file").write_text("x")
        roots = [workspace.runs.create(gone.experiment_id).info.artifact_uri for _ in range(3)]
        roots.append(workspace.logged_models.create(gone.experiment_id, name="m").artifact_location)
        kept = workspace.runs.create("0").info.artifact_uri
        for root in (*roots, kept):
            for name in ("a", "b/c", "b/d"):
                workspace.artifacts.upload(root, tmp_path / "file", name)
        workspace.experiments.delete(gone.experiment_id)

    killed = run(["-c", KILLED_GC, moment, str(number)], environment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = run(["-m", "windlass", "gc", "--yes"], environment)
    assert finished.returncode == 0, finished.stderr
    assert "nothing to remove" in run(["-m", "windlass", "gc"], environment).stdout

    with Workspace.open(settings) as workspace:
        assert [one.name for one in workspace.experiments.search(view=ViewType.ALL)] == ["Default"]
        assert workspace.runs.search([gone.experiment_id], view=ViewType.ALL) == []
        assert len(workspace.artifacts.list(kept)) == 2
    files = [one for one in (tmp_path / ".windlass" / "artifacts").rglob("*") if one.is_file()]
    assert len(files) == 3
    assert not (tmp_path / ".windlass" / "artifacts" / gone.experiment_id).exists()
