"""ProcessGroup: a command with all the processes that it starts, which end together when asked to."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from windlass.services.supervision.cancellation import Cancellation, Cancelled


def run_group(
    command: Sequence[str],
    *,
    directory: Path,
    variables: Mapping[str, str],
    output: IO[bytes],
    cancellation: Cancellation,
    grace: float,
    owning: Callable[[int], AbstractContextManager[None]],
) -> int:
    """Run a command in a process group of its own and return its exit code; Cancelled once all of it is gone.

    A command that cannot be started raises OSError. The block of `owning` lasts as long as the group.
    """
    cancellation.check()
    process = subprocess.Popen(  # noqa: S603  what the user asks to be run
        list(command),
        cwd=directory,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with owning(process.pid):
        code = _wait(process, cancellation)
        if code is None:
            _end(process, grace)
            raise Cancelled
    return code


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
