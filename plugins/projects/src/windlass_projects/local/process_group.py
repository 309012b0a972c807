"""ProcessGroup: a command with all the processes that it starts, which end together when asked to."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(slots=True)
class Cancellation:
    """Whether somebody has asked to end; a signal handler sets it, loops look at it."""

    requested: bool = False


class Cancelled(Exception):
    """Somebody has asked to end."""


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
    if cancellation.requested:
        raise Cancelled
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


def wait_a_moment(cancellation: Cancellation, seconds: float = 0.1) -> None:
    """Sleep, unless somebody has asked to end."""
    if cancellation.requested:
        raise Cancelled
    time.sleep(seconds)
