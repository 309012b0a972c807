"""The supervisor on the cluster: it owns the command of a project and records how it ended.

It is the entry point of a job, whose working directory is the unpacked package. So the end is recorded also when the
machine that has submitted the job is gone; that machine in turn records the end of a job whose supervisor was killed.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from windlass.config import Settings
from windlass.entities import RunStatus
from windlass.errors import Unavailable, WindlassError
from windlass.services.workspace import Workspace
from windlass_ray.jobs.task import Task

STOPPING = 10
"""Seconds that a cancelled job has beyond the grace of its command."""
_RECORDING = 600.0


class _Stop:
    """Whether somebody has asked to end."""

    requested = False

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        del signum, frame
        self.requested = True


def main() -> int:
    """Run the task of the directory that this process is in; returns the exit code."""
    stop = _Stop()
    signal.signal(signal.SIGTERM, stop)
    root = Path.cwd()
    task = Task.read(root)
    status = _status(task, root, stop)
    _record(task, status, stop)
    return 0 if status == RunStatus.FINISHED else 1


def _status(task: Task, root: Path, stop: _Stop) -> str:
    try:
        if (problem := python_problem(task.python, sys.version_info[:2])) is not None:
            _say(problem)
            return RunStatus.FAILED
        code = _run(task, root, stop)
    except OSError as error:
        _say(f"{task.command[0]} cannot be started: {error}")
        return RunStatus.FAILED
    if stop.requested:
        return RunStatus.KILLED
    if code != 0:
        _say(
            f"the command was ended by {signal.Signals(-code).name}"
            if code < 0
            else f"the command ended with exit code {code}"
        )
    return RunStatus.FINISHED if code == 0 else RunStatus.FAILED


def _run(task: Task, root: Path, stop: _Stop) -> int:
    """The exit code of the command, whose processes are gone then."""
    command = [one.replace(task.marker, str(root)) for one in task.command]
    variables = {name: value.replace(task.marker, str(root)) for name, value in task.variables.items()}
    process = subprocess.Popen(  # noqa: S603  what the user asks to be run
        command,
        cwd=root / task.directory,
        env={**_inherited(), **variables},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    while (code := _wait(process, 0.2)) is None and not stop.requested:
        pass
    if stop.requested:
        _signal(process.pid, signal.SIGTERM)
        _wait(process, task.grace)
        _signal(process.pid, signal.SIGKILL)
    return process.wait() if code is None else code


def _wait(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(timeout=seconds)
    return None


def _signal(group: int, sig: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, sig)


def _inherited() -> Mapping[str, str]:
    """The variables that Ray has given to the job; its own Python comes first."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"}


def python_problem(wanted: str | None, present: tuple[int, int]) -> str | None:
    """What is wrong if a project asks for another Python than the cluster has; a cluster has one for all."""
    found = re.fullmatch(r"\s*(?:==)?\s*(\d+)\.(\d+)(?:\.[\d*]+)?\s*", wanted or "")
    if found is None or (int(found[1]), int(found[2])) == present:
        return None
    here = ".".join(map(str, present))
    return (
        f"the project asks for Python {wanted}, the cluster has {here}\nhint: --env-manager local takes what is there"
    )


def _record(task: Task, status: str, stop: _Stop) -> None:
    """Record the end; a store that is out of reach is asked again for ten minutes, unless somebody waits."""
    began, pause = time.monotonic(), 0.5
    # A store on the way to which there is a proxy, a password or a certificate is told of by the handed-on variables.
    os.environ.update({name: str(value) for name, value in task.variables.items()})
    os.environ["WINDLASS_TRACKING_URI"] = task.tracking_uri
    while True:
        try:
            with Workspace.open(Settings.load()) as workspace:
                workspace.projects.end(task.run_id, status)
            return
        except WindlassError as error:
            patience = STOPPING / 2 if stop.requested else _RECORDING
            if not isinstance(error, Unavailable) or time.monotonic() - began > patience:
                _say(f"the end of the run could not be recorded from the cluster: {error}")
                return
        time.sleep(pause)
        pause = min(pause * 2, 10.0)


def _say(text: str) -> None:
    sys.stdout.write("".join(f"windlass: {line}\n" for line in text.splitlines()))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
