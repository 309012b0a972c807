"""Projects of several steps, run as real processes: what is skipped, what fails, and that all of it ends."""

from __future__ import annotations

import os
import signal

import pytest

import windlass
from windlass.errors import InvalidValue, NotFound
from windlass_projects.api import ProjectFailed

ML = """
entry_points:
  main:
    parameters: {data: path, rate: {type: float, default: 2}}
    steps:
      evaluate:
        needs: [train]
        command: "python evaluate.py {model}"
        parameters: {model: "{steps.train.artifact_uri}/model.txt"}
        code: [evaluate.py]
      train:
        needs: [prepare]
        entry_point: train
        parameters: {rate: "{rate}"}
        inputs: [work/clean.txt]
        code: [train.py]
      prepare:
        command: "python prepare.py {data}"
        outputs: [work]
        code: [prepare.py]
  train:
    parameters: {rate: float}
    command: "python train.py {rate}"
"""
PREPARE = """
import pathlib, sys
pathlib.Path("work").mkdir(exist_ok=True)
pathlib.Path("work/clean.txt").write_text(pathlib.Path(sys.argv[1]).read_text().strip())
"""
TRAIN = """
import sys, windlass
score = float(open("work/clean.txt").read()) * float(sys.argv[1])
windlass.log_metric("score", score)
windlass.log_text(str(score), "model.txt")
"""
EVALUATE = """
import sys, urllib.parse, urllib.request
print("the model is", urllib.request.urlopen(sys.argv[1]).read().decode())
"""
FILES = {"prepare.py": PREPARE, "train.py": TRAIN, "evaluate.py": EVALUATE, "data.txt": "3\n"}
WAIT = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[1], f"{sys.argv[2]}.new").write_text(str(os.getpid()))
pathlib.Path(sys.argv[1], f"{sys.argv[2]}.new").rename(pathlib.Path(sys.argv[1], sys.argv[2]))
while not pathlib.Path(sys.argv[1], "go").exists():
    time.sleep(0.05)
"""
WAITING = """
entry_points:
  main:
    parameters: {at: string}
    steps:
      one: {command: "python wait.py {at} one"}
      two: {command: "python wait.py {at} two"}
      last: {command: "python wait.py {at} last", needs: [one]}
      free: {command: "python wait.py {at} free", needs: [two]}
"""


def run(root, *args, **options):
    options.setdefault("parameters", {"data": "data.txt"})
    return windlass.projects.run(str(root), *args, env_manager="local", **options)


def steps(run_id):
    """Of each step the run that did it, and whether that was an earlier one."""
    tags = {
        key.removeprefix("windlass.steps."): value
        for key, value in windlass.get_run(run_id).data.tags.items()
        if key.startswith("windlass.steps.")
    }
    return {name: (run_id, tags[f"{name}.reused"] == "true") for name, run_id in tags.items() if "." not in name}


def nested(run_id):
    found = windlass.search_runs(
        filter_string=f"tags.mlflow.parentRunId = '{run_id}'", output_format="list", order_by=["start_time ASC"]
    )
    return {one.info.run_name: one for one in found}


def status(run_id):
    return windlass.get_run(run_id).info.status


def test_steps_run_in_order_as_nested_runs_and_are_skipped_while_nothing_changes(project):
    root = project(MLproject=ML, **FILES)
    made = run(root)
    assert "[evaluate] the model is 6.0" in "".join(made.logs())
    inner = nested(made.run_id)
    assert list(inner) == ["prepare", "train", "evaluate"]
    assert [one.info.status for one in inner.values()] == ["FINISHED"] * 3
    assert steps(made.run_id) == {name: (one.info.run_id, False) for name, one in inner.items()}
    assert windlass.get_run(made.run_id).data.params == {"data": "data.txt", "rate": "2"}
    assert inner["train"].data.params == {"rate": "2"}
    again = run(root)
    assert nested(again.run_id) == {}
    assert steps(again.run_id) == {name: (one.info.run_id, True) for name, one in inner.items()}
    assert status(again.run_id) == "FINISHED"


@pytest.mark.slow
def test_what_has_changed_runs_again_and_says_why(project):
    root = project(MLproject=ML, **FILES)
    first = steps(run(root).run_id)
    (root / "train.py").write_text(TRAIN + "print('new')")
    changed = run(root)
    assert [name for name, (_, reused) in steps(changed.run_id).items() if reused] == ["prepare"]
    printed = "".join(changed.logs())
    assert f"[prepare] is skipped: nothing has changed since run {first['prepare'][0]}" in printed
    assert "[train] runs because of the code" in printed
    assert "[evaluate] runs because of the parameters" in printed
    (root / "train.py").write_text(TRAIN)
    assert steps(run(root).run_id) == {name: (run_id, True) for name, (run_id, _) in first.items()}
    forced = run(root, force=["evaluate"])
    assert [name for name, (_, reused) in steps(forced.run_id).items() if not reused] == ["evaluate"]
    assert not any(reused for _, reused in steps(run(root, force=True).run_id).values())


@pytest.mark.slow
def test_outputs_that_are_gone_are_put_back_or_made_again(project, workspace):
    root = project(MLproject=ML, **FILES)
    first = steps(run(root).run_id)
    (root / "work" / "clean.txt").write_text("spoilt")
    assert steps(run(root).run_id)["prepare"] == (first["prepare"][0], True)
    assert (root / "work" / "clean.txt").read_text() == "3"
    (root / "work" / "clean.txt").unlink()
    workspace.artifacts.delete(workspace.runs.get(first["prepare"][0]).info.artifact_uri, "outputs")
    made = run(root)
    assert f"runs because the outputs of run {first['prepare'][0]} are gone" in "".join(made.logs())
    # Its outputs are the same, so that nothing has changed for the others.
    assert [reused for _, reused in steps(made.run_id).values()] == [True, False, True]


@pytest.mark.slow
def test_a_failed_step_keeps_those_after_it_from_starting_and_is_not_skipped(project):
    root = project(MLproject=ML, **FILES | {"train.py": "raise SystemExit(3)"})
    with pytest.raises(ProjectFailed, match=r"\[train\] failed(.|\n)*\[evaluate\] has not been started"):
        run(root)
    whole = windlass.search_runs(filter_string="tags.`mlflow.source.type` = 'PROJECT'", output_format="list")[-1]
    inner = nested(whole.info.run_id)
    assert {name: one.info.status for name, one in inner.items()} == {"prepare": "FINISHED", "train": "FAILED"}
    assert whole.info.status == "FAILED"
    with pytest.raises(ProjectFailed, match=r"\[prepare\] is skipped(.|\n)*\[train\] failed"):
        run(root)


def test_a_declared_output_that_is_not_written_fails_the_step(project):
    ml = "entry_points: {main: {steps: {one: {command: 'python main.py', outputs: [no.txt]}}}}"
    with pytest.raises(ProjectFailed, match=r"the outputs no\.txt are not there after the step"):
        run(project(MLproject=ml, **{"main.py": ""}), parameters={})
    assert {one.info.status for one in windlass.search_runs(output_format="list")} == {"FAILED"}


@pytest.fixture
def waiting(project, program, eventually, tmp_path):
    """A pipeline whose first two steps have begun, in a program of its own."""
    root = project(MLproject=WAITING, **{"wait.py": WAIT})
    at = tmp_path / "at"
    at.mkdir()
    config = '{"grace": 2}'
    submitter = program("run", root, "-P", f"at={at}", "--env-manager", "local", "-c", config)
    begun = [eventually(lambda name=name: (at / name).is_file() and at / name) for name in ("one", "two")]
    whole = next(one for one in windlass.search_runs(output_format="list") if "mlflow.parentRunId" not in one.data.tags)
    return submitter, at, whole.info.run_id, [int(file.read_text()) for file in begun]


def test_a_killed_step_is_failed_and_the_others_go_on(waiting, eventually):
    submitter, at, whole, (one, _) = waiting
    os.kill(one, signal.SIGKILL)
    (at / "go").touch()
    assert submitter.wait(60) == 1
    ended = {name: step.info.status for name, step in nested(whole).items()}
    assert ended == {"one": "FAILED", "two": "FINISHED", "free": "FINISHED"}
    assert status(whole) == "FAILED"


@pytest.mark.slow
def test_the_steps_go_on_when_the_submitter_is_killed(waiting, eventually):
    submitter, at, whole, _ = waiting
    os.killpg(submitter.pid, signal.SIGKILL)
    submitter.wait(20)
    assert status(whole) == "RUNNING"
    (at / "go").touch()
    assert eventually(lambda: (now := status(whole)) != "RUNNING" and now) == "FINISHED"
    assert {step.info.status for step in nested(whole).values()} == {"FINISHED"}
    assert len(nested(whole)) == 4


def test_an_interruption_ends_all_steps(waiting):
    submitter, at, whole, pids = waiting
    submitter.send_signal(signal.SIGINT)
    assert submitter.wait(60) == 130
    assert {name: step.info.status for name, step in nested(whole).items()} == {"one": "KILLED", "two": "KILLED"}
    assert status(whole) == "KILLED"
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not (at / "last").exists()


def test_mistakes_are_found_before_there_is_a_run(project):
    root = project(MLproject=ML, **FILES)
    with pytest.raises(InvalidValue, match="force: is no step of entry point main, got 'no' "):
        run(root, force=["no"])
    with pytest.raises(InvalidValue, match="force: names steps, and train has none"):
        run(root, "train", parameters={"rate": 1}, force=["prepare"])
    with pytest.raises(NotFound, match=r"parameter data: there is no '.*/no\.txt'"):
        run(root, parameters={"data": "no.txt"})
    with pytest.raises(InvalidValue, match="is no option of this backend"):
        run(root, backend_config={"speed": 1})
    project(MLproject=ML.replace('rate: "{rate}"', 'speed: "{rate}"'))
    with pytest.raises(InvalidValue, match="rate"):
        run(root)
    project(MLproject=ML.replace("entry_point: train", "entry_point: trian"))
    with pytest.raises(NotFound, match="no entry point 'trian'"):
        run(root)
    project(MLproject=ML.replace("entry_point: train", "entry_point: main"))
    with pytest.raises(InvalidValue, match="has steps itself"):
        run(root)
    assert windlass.search_runs(output_format="list") == []


@pytest.mark.slow
def test_the_program_forces_steps(project, program):
    ml = "entry_points: {main: {steps: {one: {command: 'python main.py'}, two: {command: 'python main.py'}}}}"
    root = project(MLproject=ml, **{"main.py": ""})
    first = run(root, parameters={})
    again = program("run", root, "--env-manager", "local", "--force-step", "two")
    printed = again.communicate(timeout=60)[0]
    assert again.returncode == 0, printed
    assert f"[one] is skipped: nothing has changed since run {steps(first.run_id)['one'][0]}" in printed
    assert "[two] runs because it is forced to" in printed
