"""ProcessGroup: a command with all the processes that it starts, which end together when asked to."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from windlass.services.supervision.cancellation import Cancellation, Cancelled
from windlass.services.supervision.place import JobPlace
from windlass.services.supervision.work import Assignment

_GROUP = "group"


def run_group(assignment: Assignment, command: Sequence[str], *, directory: Path, variables: Mapping[str, str]) -> int:
    """Run a command in a process group of its own and return its exit code; Cancelled once all of it is gone.

    A command that cannot be started raises OSError. While it runs, the job's place says which group it is.
    """
    assignment.cancellation.check()
    process = subprocess.Popen(  # noqa: S603  what the user asks to be run
        list(command),
        cwd=directory,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=assignment.output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with _noted(assignment.place, process.pid):
        code = _wait(process, assignment.cancellation)
        if code is None:
            _end(process, assignment.job.grace)
            raise Cancelled
    return code


def abandon_group(place: JobPlace) -> None:
    """End the processes of a job whose supervisor was killed; nothing happens if there are none."""
    file = place.directory / _GROUP
    with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError, PermissionError):
        os.killpg(int(file.read_text(encoding="ascii")), signal.SIGKILL)
    file.unlink(missing_ok=True)


def how_it_ended(code: int) -> str:
    """An exit code, in words."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


@contextlib.contextmanager
def _noted(place: JobPlace, group: int) -> Iterator[None]:
    file = place.directory / _GROUP
    file.write_text(str(group), encoding="ascii")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _wait(process: subprocess.Popen[bytes], cancellation: Cancellation) -> int | None:
    """The exit code; None if somebody has asked to end before."""
    while not cancellation.requested:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=0.2)
    return None


def _end(process: subprocess.Popen[bytes], grace: float) -> None:
    """Ask the group to end; after `grace` seconds, or when its first process has ended, end what is left."""
    _signal(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=grace)
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(group: int, sig: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, sig)
