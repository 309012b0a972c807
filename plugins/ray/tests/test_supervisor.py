"""The supervisor on the cluster, as a process of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.services.workspace import Workspace
from windlass_ray.jobs.supervisor import python_problem
from windlass_ray.jobs.task import FILE, Task

_MARKER = "<marker>"


@pytest.fixture
def workspace(tmp_path):
    with Workspace.open(Settings(home=tmp_path / "home", tracking_uri=f"sqlite:///{tmp_path}/windlass.db")) as opened:
        yield opened


@pytest.fixture
def start(tmp_path, workspace):
    """Starts a supervisor for a piece of Python; returns the process and the run."""
    root = tmp_path / "package"
    (root / "code").mkdir(parents=True)
    started = []

    def begin(code, *arguments, **fields):
        (root / "code" / "main.py").write_text(code)
        run = workspace.runs.create("0")
        wanted = {"command": ("python", "main.py", *arguments), "variables": {}, "grace": 1.0, **fields}
        task = Task(
            run_id=run.info.run_id,
            tracking_uri=workspace.settings.tracking_uri,
            directory="code",
            marker=_MARKER,
            **wanted,
        )
        (root / FILE).write_text(task.text())
        process = subprocess.Popen(
            [sys.executable, "-m", "windlass_ray.jobs.supervisor"], cwd=root, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        started.append(process)
        return process, run.info.run_id

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def test_a_command_gets_its_arguments_and_files_where_the_package_is(start, workspace, tmp_path):
    code = "import os, sys; print(sys.argv[1:], os.environ['OWN'], os.getcwd())"
    process, run_id = start(code, f"--data={_MARKER}/code/a", "$(x)", variables={"OWN": f"{_MARKER}!"})
    output, _ = process.communicate(timeout=60)
    package = tmp_path / "package"
    assert f"['--data={package}/code/a', '$(x)'] {package}! {package}/code" in output
    assert process.returncode == 0
    assert workspace.runs.get(run_id).info.status == "FINISHED"


@pytest.mark.parametrize(
    ("code", "said"),
    [("raise SystemExit(3)", "exit code 3"), ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL")],
)
def test_a_failure_is_recorded_and_said(start, workspace, code, said):
    process, run_id = start(code)
    output, _ = process.communicate(timeout=60)
    assert said in output
    assert process.returncode == 1
    assert workspace.runs.get(run_id).info.status == "FAILED"


def test_a_project_for_another_python_is_not_started(start, workspace):
    process, run_id = start("print('started')", python="2.7")
    output, _ = process.communicate(timeout=60)
    assert "asks for Python 2.7" in output
    assert "started" not in output
    assert workspace.runs.get(run_id).info.status == "FAILED"


def test_a_stop_ends_what_does_not_want_to_and_is_recorded(start, workspace):
    code = "import signal, subprocess, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    code += "print(subprocess.Popen(['sleep', '300']).pid, flush=True)\ntime.sleep(300)\n"
    process, run_id = start(code)
    child = int(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    assert workspace.runs.get(run_id).info.status == "KILLED"
    give_up = time.monotonic() + 20
    while _runs(child):
        assert time.monotonic() < give_up, "a process of the command is left"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (None, True),
        ("3.11", True),
        ("3.11.7", True),
        ("==3.11.*", True),
        (">=3.9", True),
        ("3.10", False),
        ("3.1", False),
    ],
)
def test_a_version_is_compared_by_its_first_two_numbers(wanted, fits):
    assert (python_problem(wanted, (3, 11)) is None) is fits


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
