"""The same pipeline of three steps, from a git repository, on this machine and on a Ray cluster."""

from __future__ import annotations

import os
import subprocess

import pytest

import windlass
from windlass.testing.services import big_service_url

ML = """
entry_points:
  main:
    parameters: {rows: {type: float, default: 50}, fail: {type: string, default: "no"}}
    steps:
      prepare:
        command: "python prepare.py {rows}"
        code: [prepare.py]
      train:
        needs: [prepare]
        command: "python train.py {data} {fail}"
        parameters: {data: "{steps.prepare.run_id}"}
        code: [train.py]
      evaluate:
        needs: [prepare, train]
        command: "python evaluate.py {data} {model}"
        parameters: {data: "{steps.prepare.run_id}", model: "{steps.train.run_id}"}
        code: [evaluate.py]
"""
FILES = {
    "MLproject": ML,
    "prepare.py": """
import sys, windlass
windlass.log_dict({"rows": [[x, 2 * x] for x in range(int(float(sys.argv[1])))]}, "data.json")
""",
    "train.py": """
import os, signal, sys, windlass
if sys.argv[2] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
rows = windlass.artifacts.load_dict(f"runs:/{sys.argv[1]}/data.json")["rows"]
slope = sum(x * y for x, y in rows) / sum(x * x for x, _ in rows)
windlass.log_dict({"slope": slope}, "model.json")
""",
    "evaluate.py": """
import sys, windlass
rows = windlass.artifacts.load_dict(f"runs:/{sys.argv[1]}/data.json")["rows"]
slope = windlass.artifacts.load_dict(f"runs:/{sys.argv[2]}/model.json")["slope"]
windlass.log_metric("error", max(abs(slope * x - y) for x, y in rows))
""",
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(params=["local", "ray"])
def backend(request):
    """A backend with its options."""
    config = {"address": big_service_url("ray")} if request.param == "ray" else {}
    return {"backend": request.param, "backend_config": config, "env_manager": "local"}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """The pipeline in a git repository, and a store of its own."""
    for name in list(os.environ):
        if name.startswith(("WINDLASS_", "MLFLOW_", "GIT_")) and not name.startswith("WINDLASS_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("WINDLASS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WINDLASS_TRACKING_URI", f"sqlite:///{tmp_path}/runs.db")
    monkeypatch.setenv("WINDLASS_ARTIFACT_ROOT", (tmp_path / "artifacts").as_uri())
    root = tmp_path / "repository"
    root.mkdir()
    for name, text in FILES.items():
        (root / name).write_text(text)
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for arguments in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "first"], ["tag", "v1"]):
        subprocess.run(["git", *arguments], cwd=root, check=True, timeout=60)
    return root


def steps_of(run_id):
    """The run of each step, and whether it is an earlier one."""
    tags = windlass.get_run(run_id).data.tags
    names = [name.removeprefix("windlass.steps.") for name in tags if name.startswith("windlass.steps.")]
    done = {name: tags[f"windlass.steps.{name}"] for name in names if not name.endswith(".reused")}
    return done, {name: tags[f"windlass.steps.{name}.reused"] == "true" for name in done}


def test_a_pipeline_runs_and_does_not_repeat_what_is_the_same(repository, backend):
    made = windlass.projects.run(f"file://{repository}", version="v1", **backend)
    done, reused = steps_of(made.run_id)
    assert reused == {"prepare": False, "train": False, "evaluate": False}
    assert windlass.get_run(done["evaluate"]).data.metrics["error"] < 1e-9
    assert {windlass.get_run(one).info.status for one in (*done.values(), made.run_id)} == {"FINISHED"}
    assert {windlass.get_run(one).data.tags["mlflow.parentRunId"] for one in done.values()} == {made.run_id}
    again = windlass.projects.run(f"file://{repository}", version="v1", **backend)
    assert steps_of(again.run_id) == (done, dict.fromkeys(done, True))


def test_a_step_that_is_killed_fails_the_pipeline(repository, backend):
    with pytest.raises(windlass.projects.ProjectFailed):
        windlass.projects.run(f"file://{repository}", version="v1", parameters={"fail": "kill"}, **backend)
    found = {run.info.run_name: run.info.status for run in windlass.search_runs(output_format="list")}
    assert (found["prepare"], found["train"], "evaluate" in found) == ("FINISHED", "FAILED", False)
    assert sorted(found.values()) == ["FAILED", "FAILED", "FINISHED"]
