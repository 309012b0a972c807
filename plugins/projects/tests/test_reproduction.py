"""Running a run again: what is recorded, what is restored, and what is said of the result."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import windlass
from windlass.entities import Dataset, DatasetInput, ProjectEnvironment
from windlass.errors import InvalidValue
from windlass_projects.api import CannotReproduce
from windlass_projects.lock import EnvironmentLock
from windlass_projects.reproduction.changes import Changes, apply_patch
from windlass_projects.reproduction.comparison import Tolerance, compare
from windlass_projects.reproduction.record import RECORD_FILE, Record

ML = """
entry_points:
  main:
    parameters: {data: path, factor: {type: float, default: 2}}
    command: "python main.py {data} {factor}"
"""
MAIN = """
import pathlib, sys, windlass
import part
windlass.log_metric("score", float(pathlib.Path(sys.argv[1]).read_text()) * float(sys.argv[2]) + part.VALUE)
"""
FILES = {"MLproject": ML, "main.py": MAIN, "part.py": "VALUE = 1\n", "data.txt": "3", ".gitignore": "ignored/\n"}


@pytest.fixture
def repository(project, git):
    """A project in a repository, with one commit."""
    root = project(**FILES)
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", "first")
    return root


def run(root, **options):
    options.setdefault("parameters", {"data": "data.txt"})
    return windlass.projects.run(str(root), env_manager="local", **options)


def reproduce(run_id, **options):
    return windlass.projects.reproduce(run_id, show=lambda _piece: None, **options)


def record_of(run_id):
    return Record.parse(artifact(run_id, RECORD_FILE))


def artifact(run_id, path):
    return Path(windlass.MlflowClient().download_artifacts(run_id, path)).read_text()


@pytest.mark.slow
def test_a_run_with_uncommitted_changes_is_reproduced_from_the_commit_and_the_patch(repository, workspace, git):
    (repository / "part.py").write_text("from more import VALUE\n")
    (repository / "more.py").write_text("VALUE = 10\n")
    made = run(repository)
    # Whatever becomes of the working copy, the run is what it was.
    git(repository, "checkout", "--quiet", "--", ".")
    (repository / "more.py").unlink()
    (repository / "data.txt").write_text("3")
    done = reproduce(made.run_id)
    assert (done.reproduced, done.reasons, done.notes) == (True, (), ())
    assert [(one.metric, one.original, one.again) for one in done.metrics] == [("score", 16.0, 16.0)]
    again = windlass.get_run(done.again_run_id)
    assert again.data.tags["windlass.reproduces"] == made.run_id
    assert again.data.tags["windlass.reproduced"] == "true"
    assert again.data.tags["mlflow.source.git.commit"] == git(repository, "rev-parse", "HEAD")
    assert again.data.params == {"data": "data.txt", "factor": "2"}
    assert list((workspace.settings.home / "projects" / "fetched").iterdir()) == []
    # What was run again can itself be run again, although the directory in which that happened is gone.
    assert reproduce(done.again_run_id).reproduced


def test_a_metric_that_differs_is_named_and_may_be_tolerated(repository, program, tmp_path):
    (repository / "part.py").write_text(
        f"import pathlib\nfile = pathlib.Path({str(tmp_path / 'count')!r})\n"
        "file.write_text(file.read_text() + 'x' if file.exists() else 'x')\nVALUE = len(file.read_text()) / 1000\n"
    )
    made = run(repository)
    asked = program("reproduce", made.run_id)
    printed = asked.communicate(timeout=60)[0]
    assert asked.returncode == 1, printed
    assert "because: the metric score was 6.001 and is 6.002" in printed
    assert f"run {made.run_id} is not reproduced as run" in printed
    assert reproduce(made.run_id, rtol=0.01).reproduced


@pytest.mark.slow
def test_the_program_says_so_for_programs_too(repository, program):
    made = run(repository)
    asked = subprocess.run(
        [sys.executable, "-m", "windlass", "reproduce", made.run_id, "--output", "json"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    told = json.loads(asked.stdout)
    assert told["reproduced"] is True
    assert told["metrics"] == [{"metric": "score", "original": 7.0, "again": 7.0, "same": True}]


def test_a_commit_that_is_gone_is_named(repository):
    made = run(repository)
    commit = windlass.get_run(made.run_id).data.tags["mlflow.source.git.commit"]
    shutil.rmtree(repository)
    with pytest.raises(CannotReproduce, match=f"commit {commit} is nowhere to be had"):
        reproduce(made.run_id)
    assert len(windlass.search_runs(output_format="list")) == 1


def test_an_input_that_has_changed_is_named_and_nothing_is_run(project, git):
    root = project(**FILES, ignored__data="5")
    git(root, "init", "--quiet")
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", "first")
    made = run(root, parameters={"data": "ignored/data"})
    (one,) = record_of(made.run_id).inputs
    assert (one.name, one.value) == ("data", "ignored/data")
    assert reproduce(made.run_id).reproduced
    (root / "ignored" / "data").write_text("6")
    done = reproduce(made.run_id)
    assert done.reasons == (f"the input data ({root}/ignored/data) has changed",)
    assert done.again_run_id is None
    (root / "ignored" / "data").unlink()
    assert "is not there any more" in reproduce(made.run_id).reasons[0]


@pytest.mark.slow
def test_a_data_set_with_another_digest_is_a_reason(project, tmp_path):
    code = f"""
import pathlib, windlass
from windlass.entities import Dataset, DatasetInput
digest = pathlib.Path({str(tmp_path / "digest")!r}).read_text()
windlass.log_input(Dataset("iris", digest, "local", "{{}}"))
"""
    (tmp_path / "digest").write_text("one")
    made = run(project(**{"main.py": code}), parameters={})
    assert windlass.get_run(made.run_id).inputs.dataset_inputs == (
        DatasetInput(Dataset("iris", "one", "local", "{}"), {}),
    )
    (tmp_path / "digest").write_text("two")
    assert reproduce(made.run_id).reasons == ("the data set iris had the digest one and has two",)


@pytest.mark.slow
def test_a_project_outside_of_git_is_reproduced_from_its_files(project):
    root = project(**FILES)
    made = run(root)
    shutil.rmtree(root)
    assert reproduce(made.run_id).reproduced


@pytest.mark.slow
def test_a_project_that_fails_again_is_not_reproduced(project, tmp_path):
    code = f"import os, sys; sys.exit(os.path.exists({str(tmp_path / 'broken')!r}))"
    made = run(project(**{"main.py": code}), parameters={})
    (tmp_path / "broken").touch()
    done = reproduce(made.run_id)
    assert done.reasons == (f"the run {done.again_run_id} ended FAILED",)


@pytest.mark.slow
def test_a_whole_of_steps_is_reproduced_with_the_metrics_of_each(project):
    ml = """
entry_points:
  main:
    steps:
      one: {command: "python main.py", outputs: [made.txt]}
      two: {command: "python main.py", needs: [one], inputs: [made.txt]}
"""
    code = "import windlass; windlass.log_metric('m', 1); open('made.txt', 'w').write('x')"
    root = project(MLproject=ml, **{"main.py": code})
    run(root, parameters={})
    made = run(root, parameters={})  # its steps are runs of the one before
    done = reproduce(made.run_id)
    assert (done.reproduced, done.notes) == (True, ())
    assert [(one.metric, one.original, one.again) for one in done.metrics] == [("one m", 1.0, 1.0), ("two m", 1.0, 1.0)]
    (step,) = [value for key, value in windlass.get_run(made.run_id).data.tags.items() if key == "windlass.steps.one"]
    with pytest.raises(CannotReproduce, match=r"is the step one of run .*, which is reproduced whole"):
        reproduce(step)


def test_a_run_without_a_project_says_what_is_missing():
    with windlass.start_run() as made:
        windlass.log_param("a", 1)
    with pytest.raises(CannotReproduce) as raised:
        reproduce(made.info.run_id)
    said = str(raised.value)
    for missing in ("not by a project", "a command", "no project/record.json", "hint: runs that `windlass run` starts"):
        assert missing in said


def test_what_was_installed_is_recorded(repository):
    made = run(repository)
    text = artifact(made.run_id, "project/environment.txt")
    lock = EnvironmentLock.parse(text)
    assert lock.python == ".".join(map(str, sys.version_info[:3]))
    assert any(line.startswith("pluggy==") for line in lock.requirements)
    assert EnvironmentLock.parse(lock.text) == lock


def test_a_lock_follows_a_project_that_is_elsewhere(tmp_path):
    former, present = tmp_path / "a former", tmp_path / "present"
    (present / "wheels").mkdir(parents=True)
    (present / "wheels" / "x.whl").touch()
    lines = ("a==1", f"x @ {former.as_uri()}/wheels/x.whl", f"y @ {former.as_uri()}/wheels/y.whl")
    moved = EnvironmentLock("3.11.1", lines).moved(former, present)
    assert moved.requirements == ("a==1", f"x @ {present.as_uri()}/wheels/x.whl", lines[2])
    file = tmp_path / "versions.txt"
    assert moved.environment(ProjectEnvironment(manager="local"), file) == ProjectEnvironment(
        manager="uv", python="3.11.1", requirements=moved.requirements
    )
    listed = ProjectEnvironment(manager="uv", requirements=("-r requirements.txt",))
    assert moved.environment(listed, file).requirements == ("-r requirements.txt", f"-c {file}")
    assert file.read_text() == "a==1\n"


@pytest.mark.slow
def test_the_versions_that_were_installed_are_installed_again(project, wheels):
    requirements = "--no-index\n--find-links wheels\ntiny\n"
    code = "import json, sys, tiny; open(sys.argv[2], 'a').write(tiny.VALUE)"
    root = project(**{"main.py": code, "requirements.txt": requirements})
    wheels(root / "wheels", "1.0")
    out = root.parent / "out"
    made = windlass.projects.run(str(root), parameters={"out": out})
    # The newest one is another now, and the project's files come from their record.
    zipped = Path(windlass.MlflowClient().download_artifacts(made.run_id, "project/files.zip"))
    wheels(root / "wheels", "2.0")
    with zipfile.ZipFile(zipped, "a") as archive:
        for file in (root / "wheels").iterdir():
            if "2.0" in file.name:
                archive.write(file, f"wheels/{file.name}")
    done = reproduce(made.run_id)
    assert (done.reproduced, done.notes, out.read_text()) == (True, (), "1.01.0")


@pytest.fixture
def wheels():
    """Writes a version of a package without a build."""

    def write(directory, version):
        directory.mkdir(parents=True, exist_ok=True)
        info = f"tiny-{version}.dist-info/"
        with zipfile.ZipFile(directory / f"tiny-{version}-py3-none-any.whl", "w") as archive:
            archive.writestr("tiny.py", f"VALUE = {version!r}\n")
            archive.writestr(f"{info}METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
            archive.writestr(f"{info}WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}RECORD", "")

    return write


def test_a_difference_of_locks_is_told_by_lines():
    one, two = EnvironmentLock("3.11.1", ("a==1", "b==1")), EnvironmentLock("3.12.1", ("b==1", "c==1"))
    assert one.difference(two) == ["- a==1", "- python==3.11.1", "+ c==1", "+ python==3.12.1"]


def test_all_kinds_of_changes_are_in_the_patch(repository, git, tmp_path):
    (repository / "binary").write_bytes(random.Random(1).randbytes(5000))
    (repository / "script.sh").write_text("#!/bin/sh\n")
    (repository / "script.sh").chmod(0o755)
    (repository / "ünïcödé name.txt").write_text("x")
    (repository / "data.txt").unlink()
    (repository / "part.py").write_text("VALUE = 5\n")
    git(repository, "add", "part.py")
    (repository / "part.py").write_text("VALUE = 6\n")
    (repository / "ignored").mkdir()
    (repository / "ignored" / "x").touch()
    (repository / ".windlass").mkdir()
    (repository / ".windlass" / "windlass.db").touch()
    before = git(repository, "status", "--porcelain"), git(repository, "count-objects")
    changes = Changes.of(repository)
    assert (git(repository, "status", "--porcelain"), git(repository, "count-objects")) == before
    assert changes.missing == ()
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))
    apply_patch(changes.patch, clone)
    there = {path.name for path in clone.iterdir()} - {".git"}
    assert there == {".gitignore", "MLproject", "main.py", "part.py", "binary", "script.sh", "ünïcödé name.txt"}
    assert (clone / "part.py").read_text() == "VALUE = 6\n"
    assert (clone / "binary").read_bytes() == (repository / "binary").read_bytes()
    assert (clone / "script.sh").stat().st_mode & 0o111


def test_outputs_and_the_store_are_no_changes(project, git, tmp_path):
    ml = "entry_points: {main: {steps: {one: {command: 'python main.py', outputs: [made], inputs: [made/x, main.py]}}}}"
    root = project(inner__MLproject=ml, **{"inner/main.py": "open('made/x', 'w')", "inner/made/x": ""})
    git(root, "init", "--quiet")
    git(root, "add", "inner/main.py", "inner/MLproject")
    git(root, "commit", "--quiet", "-m", "first")
    windlass.set_tracking_uri(f"sqlite:///{root}/inner/own.db")
    made = windlass.projects.run(str(root / "inner"), env_manager="local")
    assert [one.path for one in windlass.MlflowClient().list_artifacts(made.run_id, "project")] == [
        "project/environment.txt", "project/record.json",
    ]  # fmt: skip
    assert [one.name for one in record_of(made.run_id).inputs] == ["main.py"]


def test_credentials_are_not_recorded(repository, git):
    git(repository, "remote", "add", "origin", "https://token@example.org/x.git")
    made = run(repository)
    assert record_of(made.run_id).places == (repository.as_uri(), "https://example.org/x.git")


def test_what_is_too_large_is_left_out_and_said_so(repository):
    (repository / "large.bin").write_bytes(b"x" * ((1 << 20) + 1))
    for number in range(11):
        (repository / f"one{number:02}.bin").write_bytes(b"x" * (1 << 20))
    missing = Changes.of(repository).missing
    assert missing[-1] == "the new file large.bin has 1048577 bytes, more than 1048576"
    assert missing[0] == "the new file one10.bin: new files have more than 10485760 bytes together"


def test_a_run_says_what_is_not_recorded_of_it(repository):
    (repository / "large.bin").write_bytes(b"x" * ((1 << 20) + 1))
    made = run(repository)
    said = "the new file large.bin has 1048577 bytes, more than 1048576"
    assert windlass.get_run(made.run_id).data.tags["windlass.project.unrecorded"] == said
    assert reproduce(made.run_id).notes == (f"not recorded: {said}",)


def test_metrics_are_compared_within_tolerances():
    original = {"a": 1.0, "b": float("nan"), "c": float("inf"), "gone": 1.0, "t": 5.0, "system/cpu": 1.0}
    again = {"a": 1.0 + 1e-12, "b": float("nan"), "c": float("inf"), "new": 1.0, "t": 6.0, "system/cpu": 9.0}
    found = {one.metric: one for one in compare(original, again, Tolerance(), ignored={"t"})}
    assert {name: one.same for name, one in found.items()} == {
        "a": True, "b": True, "c": True, "gone": False, "new": False,
    }  # fmt: skip
    assert found["gone"].problem == "the metric gone was not logged again"
    assert found["new"].problem == "the metric new is new"
    assert not Tolerance().allows(1.0, 1.0 + 1e-6)
    assert Tolerance(absolute=0.1).allows(1.0, 1.09)
    assert not Tolerance(relative=10).allows(1.0, float("inf"))


@pytest.mark.parametrize("options", [{"rtol": -1}, {"atol": float("nan")}])
def test_a_tolerance_is_a_number_of_0_or_more(options):
    with pytest.raises(InvalidValue, match="must be a number of 0 or more"):
        reproduce("0" * 32, **options)
