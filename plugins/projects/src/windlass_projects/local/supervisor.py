"""The supervisor: a small process that owns a project's command and records how it ended.

It is in a session of its own, so that ctrl-C and the end of the program that submitted the project do not reach it.
SIGTERM asks it to cancel.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import IO

from windlass.config import Settings
from windlass.entities import RunStatus
from windlass.errors import Unavailable, WindlassError
from windlass.services.workspace import Workspace
from windlass_projects.local.job import Job, JobPlace
from windlass_projects.local.lock_recording import recording_lock
from windlass_projects.local.process_group import Cancellation, Cancelled, run_group
from windlass_projects.local.uv_environments import UvEnvironments

_RECORDING = 600.0
_RECORDING_CANCELLED = 15.0
_MASKED = ("EXPERIMENT_NAME", "RUN_NAME", "EXPERIMENT_ID", "RUN_ID")


def supervise(place: JobPlace, cancellation: Cancellation) -> str:
    """Run the job to its end, record that, and return the status."""
    job = Job.read(place)
    with place.log.open("ab", buffering=0) as output:
        status = _Supervision(job, place, cancellation, output).status()
        _record(job, status, output, cancellation)
    if job.fetched:
        shutil.rmtree(job.fetched, ignore_errors=True)
    place.end(status)
    return status


class _Supervision:
    """One run of a job's command."""

    def __init__(self, job: Job, place: JobPlace, cancellation: Cancellation, output: IO[bytes]) -> None:
        self._job = job
        self._place = place
        self._cancellation = cancellation
        self._output = output

    def status(self) -> str:
        """Build the environment, run the command, and say how it ended."""
        try:
            return self._run()
        except Cancelled:
            return RunStatus.KILLED
        except WindlassError as error:
            self._say(str(error))
        except OSError as error:
            self._say(f"{self._job.command[0]} cannot be started: {error}")
        except Exception as error:  # noqa: BLE001  whatever happens, the run must come to an end
            self._say(f"{type(error).__name__}: {error}")
        return RunStatus.FAILED

    def _run(self) -> str:
        directory = Path(self._job.directory)
        variables = {**_inherited(), **self._job.variables}
        programs = self._programs(directory, variables)
        variables["PATH"] = os.pathsep.join((str(programs), variables.get("PATH", "")))
        with recording_lock(programs / "python", self._job.run_id, self._say):
            code = self._group(list(self._job.command), directory, variables)
        if code != 0:
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            self._say(f"the command {how}")
        return RunStatus.FINISHED if code == 0 else RunStatus.FAILED

    def _programs(self, directory: Path, variables: dict[str, str]) -> Path:
        """Where the programs of the environment are; those of this Python for `local`."""
        wanted = self._job.environment
        if wanted.manager == "local":
            return Path(sys.executable).parent
        root = Path(self._job.home) / "environments"
        made = UvEnvironments(root, self._group, self._say, self._cancellation).prepare(wanted, directory)
        variables["VIRTUAL_ENV"] = str(made)
        variables.pop("PYTHONHOME", None)
        return made / "bin"

    def _group(self, command: list[str], directory: Path, variables: dict[str, str]) -> int:
        return run_group(
            command,
            directory=directory,
            variables=variables,
            output=self._output,
            cancellation=self._cancellation,
            grace=self._job.grace,
            owning=self._place.owning,
        )

    def _say(self, text: str) -> None:
        _write(self._output, text)


def _inherited() -> dict[str, str]:
    """The variables of this process, without those that would name another run."""
    gone = {f"{prefix}_{name}" for prefix in ("WINDLASS", "MLFLOW") for name in _MASKED}
    return {name: value for name, value in os.environ.items() if name not in gone} | {"PYTHONUNBUFFERED": "1"}


def _record(job: Job, status: str, output: IO[bytes], cancellation: Cancellation) -> None:
    """Record the end; a store that is out of reach is asked again for ten minutes, less if somebody waits."""
    began, pause = time.monotonic(), 0.5
    while True:
        try:
            with Workspace.open(Settings.load()) as workspace:
                workspace.projects.end(job.run_id, status)
            return
        except WindlassError as error:
            patience = _RECORDING_CANCELLED if cancellation.requested else _RECORDING
            if not isinstance(error, Unavailable) or time.monotonic() - began > patience:
                _write(output, f"the end of the run could not be recorded: {error}")
                return
        time.sleep(pause)
        pause = min(pause * 2, 10.0)


def _write(output: IO[bytes], text: str) -> None:
    with contextlib.suppress(OSError):  # a full disk must not keep the end from being recorded
        output.write("".join(f"windlass: {line}\n" for line in text.splitlines()).encode("utf-8", "replace"))


def main() -> None:
    """Supervise the job in the directory that the command line names."""
    cancellation = Cancellation()

    def cancel(_signal: int, _frame: object) -> None:
        cancellation.requested = True

    signal.signal(signal.SIGTERM, cancel)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    supervise(JobPlace(Path(sys.argv[1])), cancellation)


if __name__ == "__main__":
    main()
