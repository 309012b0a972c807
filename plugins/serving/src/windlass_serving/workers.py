"""Several processes that serve one model on one socket."""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from types import FrameType

from windlass.errors import WindlassError


def run_workers(count: int, work: Callable[[], None], *, then: Callable[[], None] | None = None) -> int:
    """Run `work` in forked processes until they end, and return the exit code; one that fails ends the others.

    `then` is called in this process once they run. Fork before the model is loaded: the threads of numerical libraries
    do not survive it.
    """
    children = {_fork(work) for _ in range(count)}
    stopping = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopping
        del signum, frame
        stopping = True
        _signal_all(children)

    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, stop)
    if then is not None:
        then()
    result = 0
    while children:
        pid, status = os.wait()
        children.discard(pid)
        code = os.waitstatus_to_exitcode(status)
        if not stopping:
            result = result or abs(code) or 1
            stop(signal.SIGTERM, None)
    return result


def _fork(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
    except WindlassError as error:
        sys.stderr.write(f"error: {error}\n")
        _leave(1)
    except BaseException:  # noqa: BLE001  the copy of the parent's stack must not go on
        traceback.print_exc()
        _leave(1)
    _leave(0)
    return 0


def _leave(code: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _signal_all(children: set[int]) -> None:
    for pid in list(children):
        os.kill(pid, signal.SIGTERM)


def reopen(fd: int) -> socket.socket:
    """The listening socket behind a file descriptor that was handed to this process."""
    return socket.socket(fileno=fd)
