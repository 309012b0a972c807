"""Runs of projects: what is recorded, and that they end whatever happens to whom."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

import windlass
from windlass.config import Settings
from windlass.entities import Project, ProjectEnvironment, ProjectRun, ProjectSource
from windlass.errors import InvalidValue, NotFound, PluginError, Unavailable, Unsupported
from windlass.services.supervision import supervisor
from windlass.services.supervision.cancellation import Cancellation
from windlass.services.supervision.job import Job
from windlass.services.supervision.place import JobPlace
from windlass_projects.api import ProjectFailed
from windlass_projects.local.backend import LocalProjectBackend

ML = """
entry_points:
  main:
    parameters: {text: string, rate: {type: float, default: 0.5}}
    command: "python main.py {text} {rate}"
  data:
    parameters: {file: path}
    command: "python main.py {file}"
  shell:
    parameters: {text: string}
    command: "python main.py {text} && echo done"
"""
WRITE = "import sys, pathlib; pathlib.Path('arguments.txt').write_text(repr(sys.argv[1:]))"
SLEEP = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
pathlib.Path(sys.argv[2]).write_text(f"{os.getpid()} {child.pid}")
print("it sleeps", flush=True)
time.sleep(float(sys.argv[4]))
"""


def _slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


def run(root, *args, **options):
    return windlass.projects.run(str(root), *args, env_manager="local", **options)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("entry_point", ["main", "shell"])
def test_a_value_arrives_as_one_argument_and_is_recorded_as_it_was_given(project, entry_point):
    root = project(MLproject=ML, **{"main.py": WRITE})
    hard = "a 'b'; rm -rf arguments.txt $(touch trap)"
    made = run(root, entry_point, parameters={"text": hard})
    given = [hard, "0.5"] if entry_point == "main" else [hard]
    assert (root / "arguments.txt").read_text() == repr(given)
    assert not (root / "trap").exists()
    recorded = windlass.get_run(made.run_id)
    assert recorded.data.params == {"text": hard} | ({"rate": "0.5"} if entry_point == "main" else {})
    tags = recorded.data.tags
    assert tags["mlflow.project.entryPoint"] == entry_point
    assert (tags["mlflow.project.backend"], tags["mlflow.source.name"]) == ("local", str(root))
    assert recorded.info.end_time >= recorded.info.start_time


def test_a_path_is_relative_to_the_project_and_may_be_elsewhere(project, tmp_path):
    root = project(MLproject=ML, **{"main.py": WRITE, "x.csv": "1"})
    run(root, "data", parameters={"file": "x.csv"})
    assert (root / "arguments.txt").read_text() == repr([str(root / "x.csv")])
    (tmp_path / "here" / "y.csv").write_text("2")
    with pytest.raises(NotFound, match=r"hint: paths are relative to the project; -P file=.*/here/y.csv"):
        run(root, "data", parameters={"file": "y.csv"})


def test_a_path_that_is_a_uri_is_fetched_and_recorded_as_it_was_given(project, tmp_path):
    root = project(MLproject=ML, **{"main.py": "import sys; print(open(sys.argv[1]).read())"})
    with windlass.start_run() as source:
        windlass.log_text("from a run", "x.txt")
    uri = f"runs:/{source.info.run_id}/x.txt"
    made = run(root, "data", parameters={"file": uri}, storage_dir=tmp_path / "kept")
    assert "from a run" in "".join(made.logs())
    assert windlass.get_run(made.run_id).data.params == {"file": uri}
    assert (tmp_path / "kept" / "file" / "x.txt").is_file()


def test_mistakes_are_found_before_there_is_a_run(project):
    root = project(MLproject=ML, **{"main.py": ""})
    with pytest.raises(InvalidValue, match="must be given"):
        run(root)
    with pytest.raises(InvalidValue, match="must be a number"):
        run(root, parameters={"text": "x", "rate": "fast"})
    with pytest.raises(NotFound, match="no entry point 'train'"):
        run(root, "train")
    with pytest.raises(PluginError, match=r"no project_backend for name 'moon' \(known: .*local"):
        run(root, parameters={"text": "x"}, backend="moon")
    with pytest.raises(InvalidValue, match="is no option of this backend"):
        run(root, parameters={"text": "x"}, backend_config={"speed": 1})
    with pytest.raises(NotFound, match=r"there is no file 'no\.json'"):
        run(root, parameters={"text": "x"}, backend_config="no.json")
    with pytest.raises(InvalidValue, match="cannot be combined"):
        run(root, parameters={"text": "x"}, experiment_name="a", experiment_id="0")
    assert windlass.search_runs(output_format="list") == []


def test_a_container_is_for_another_backend(project):
    root = project(MLproject="docker_env: {image: x}\n", **{"main.py": ""})
    wanted = Project(
        source=ProjectSource(uri="."),
        directory=root,
        entry_point="main",
        command=("true",),
        environment=ProjectEnvironment(manager="docker", image="x"),
    )
    with pytest.raises(Unsupported, match=r"runs in a container \(x\)(.|\n)*-b docker"):
        LocalProjectBackend.open(Settings()).check(wanted, {})
    with pytest.raises(InvalidValue, match="is not for a project with a docker_env"):
        windlass.projects.run(str(root), env_manager="uv")
    with pytest.raises(InvalidValue, match="is no option of this backend, got 'docker_args'"):
        run(root, docker_args={"memory": "1g"})
    run(root)


def test_a_store_in_memory_is_refused(project):
    windlass.set_tracking_uri("memory:")
    with pytest.raises(Unsupported, match="cannot reach the memory"):
        run(project(**{"main.py": ""}))


def test_a_relative_store_is_the_same_for_the_project(project, tmp_path):
    windlass.set_tracking_uri("sqlite:///own.db")
    made = run(project(**{"main.py": "import windlass; windlass.log_metric('m', 1)"}))
    assert windlass.get_run(made.run_id).data.metrics == {"m": 1.0}
    assert (tmp_path / "here" / "own.db").is_file()


def test_a_run_that_exists_is_used_and_fails_with_its_project(project):
    client = windlass.MlflowClient()
    given = client.create_run("0").info.run_id
    made = run(project(**{"main.py": "import windlass; windlass.log_param('a', 1)"}), run_id=given)
    assert made.run_id == given
    assert (client.get_run(given).info.status, client.get_run(given).data.params) == ("FINISHED", {"a": "1"})
    other = client.create_run("0").info.run_id
    with pytest.raises(NotFound):
        run("/no/such/project", run_id=other)
    assert client.get_run(other).info.status == "FAILED"


def test_a_run_inside_of_an_active_one_is_nested(project):
    with windlass.start_run() as outer:
        made = run(project(**{"main.py": ""}), run_name="inner")
    inner = windlass.get_run(made.run_id)
    assert (inner.data.tags["mlflow.parentRunId"], inner.info.run_name) == (outer.info.run_id, "inner")


def test_a_failure_counts_for_more_than_what_the_project_says_of_itself(project):
    code = "import windlass, sys\nwith windlass.start_run(): pass\nprint('the reason')\nsys.exit(4)"
    with pytest.raises(ProjectFailed, match=r"ended FAILED(.|\n)*the reason(.|\n)*exit code 4"):
        run(project(**{"main.py": code}))
    (recorded,) = windlass.search_runs(output_format="list")
    assert recorded.info.status == "FAILED"


@pytest.mark.parametrize(("seconds", "status"), [("1", "FINISHED"), _slow("300", "FAILED")])
def test_the_end_is_recorded_when_the_submitter_is_killed(project, program, eventually, tmp_path, seconds, status):
    root = project(**{"main.py": SLEEP})
    arguments = ("-P", f"out={tmp_path}/pids", "-P", f"seconds={seconds}", "--env-manager", "local")
    submitter = program("run", root, *arguments)
    pid, _ = eventually(lambda: (tmp_path / "pids").is_file() and (tmp_path / "pids").read_text().split())
    os.killpg(submitter.pid, signal.SIGKILL)
    submitter.wait(20)
    (recorded,) = windlass.search_runs(output_format="list")
    assert recorded.info.status == "RUNNING" or seconds == "1"
    if status == "FAILED":
        os.killpg(int(pid), signal.SIGKILL)
    run_id = recorded.info.run_id
    assert eventually(lambda: (now := windlass.get_run(run_id).info.status) != "RUNNING" and now) == status


@pytest.mark.parametrize("sig", [signal.SIGINT, _slow(signal.SIGTERM), _slow(signal.SIGHUP)])
def test_a_signal_cancels_the_project_with_all_its_processes(project, program, eventually, tmp_path, sig):
    root = project(**{"main.py": SLEEP})
    config = '{"grace": 2}'
    arguments = ("-P", f"out={tmp_path}/pids", "-P", "seconds=300", "--env-manager", "local", "-c", config)
    submitter = program("run", root, *arguments)
    pids = eventually(lambda: (tmp_path / "pids").is_file() and (tmp_path / "pids").read_text().split())
    while "it sleeps" not in submitter.stdout.readline():
        pass
    submitter.send_signal(sig)
    assert submitter.wait(40) == 130
    assert not any(is_alive(pid) for pid in pids)
    (recorded,) = windlass.search_runs(output_format="list")
    assert recorded.info.status == "KILLED"


def test_a_supervisor_that_is_killed_takes_the_project_along(project, eventually, tmp_path):
    root = project(**{"main.py": SLEEP})
    made = run(root, parameters={"out": tmp_path / "pids", "seconds": "300"}, synchronous=False)
    pids = eventually(lambda: (tmp_path / "pids").is_file() and (tmp_path / "pids").read_text().split())
    os.kill(made._handle._pid, signal.SIGKILL)
    assert made.wait() is False
    assert eventually(lambda: not any(is_alive(pid) for pid in pids))
    assert windlass.get_run(made.run_id).info.status == made.get_status() == "FAILED"


def test_a_cancellation_right_away_is_recorded(project):
    made = run(project(**{"main.py": "import time; time.sleep(300)"}), synchronous=False)
    made.cancel()
    assert windlass.get_run(made.run_id).info.status == made.get_status() == "KILLED"


def test_the_program_shows_what_is_printed_and_how_it_ended(project, program):
    root = project(
        MLproject=ML, **{"main.py": "import sys; print('seen', sys.argv[1:]); sys.exit(float(sys.argv[2]) > 1)"}
    )
    good = program(
        "run", root, "-P", "text=a b", "--env-manager", "local", "--run-name", "one", "--experiment-name", "x"
    )
    printed = good.communicate(timeout=60)[0]
    assert good.returncode == 0, printed
    assert "seen ['a b', '0.5']" in printed
    run_id = re.search(r"run ([0-9a-f]{32}) FINISHED", printed)[1]
    recorded = windlass.get_run(run_id)
    assert (recorded.info.run_name, windlass.get_experiment(recorded.info.experiment_id).name) == ("one", "x")
    bad = program("run", root, "-P", "text=a", "-P", "rate=2", "--env-manager", "local")
    printed = bad.communicate(timeout=60)[0]
    assert bad.returncode == 1
    assert "Traceback" not in printed
    assert "ended FAILED" in printed
    wrong = program("run", root, "-P", "txet=a")
    printed = wrong.communicate(timeout=60)[0]
    assert wrong.returncode == 2
    assert "hint: -P text=…" in printed


def test_an_end_that_cannot_be_recorded_at_once_is_recorded_later(project, workspace, monkeypatch, tmp_path):
    run_id = workspace.runs.create("0").info.run_id
    place = JobPlace(tmp_path / "job")
    place.directory.mkdir()
    wanted = Project(
        source=ProjectSource(uri="."),
        directory=project(),
        entry_point="main",
        command=("true",),
        environment=ProjectEnvironment(manager="local"),
    )
    run = ProjectRun(project=wanted, run_id=run_id, experiment_id="0", tracking_uri="")
    Job.of(run, tmp_path, worker=LocalProjectBackend.worker, grace=1).write(place)
    answers = [Unavailable("busy"), Unavailable("busy"), workspace]

    def open_workspace(_settings):
        if isinstance(answer := answers.pop(0), Exception):
            raise answer
        return contextlib.nullcontext(answer)

    monkeypatch.setattr(supervisor, "Workspace", SimpleNamespace(open=open_workspace))
    assert supervisor.supervise(place, Cancellation()) == place.status() == "FINISHED"
    assert workspace.runs.get(run_id).info.status == "FINISHED"
    assert answers == []


def test_a_character_that_arrives_in_two_halves_is_shown_whole(project):
    code = """
import sys, time
for byte in "\u00fc\u65e5".encode():
    sys.stdout.buffer.write(bytes([byte]))
    sys.stdout.flush()
    time.sleep(0.2)
"""
    made = run(project(**{"main.py": code}), synchronous=False)
    assert "".join(made.logs()) == "\u00fc\u65e5"
    assert made.wait()
