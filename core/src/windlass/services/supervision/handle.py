"""SupervisedHandle: a project with its supervisor, a child of this process."""

from __future__ import annotations

import codecs
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from threading import Lock

from windlass.entities import RunStatus
from windlass.interfaces import ProjectHandle
from windlass.plugins import load_object
from windlass.services.supervision.place import JobPlace

_PIECE = 65_536
_PAUSE = 0.05


class SupervisedHandle(ProjectHandle):
    """A project with its supervisor, a child of this process."""

    def __init__(self, place: JobPlace, pid: int, *, worker: str) -> None:
        self._place = place
        self._pid = pid
        self._worker = worker
        self._gone = False
        self._lock = Lock()

    def status(self) -> str:
        """RUNNING while the supervisor is there; FAILED if it was ended before it could say anything."""
        if not self._has_ended():
            return RunStatus.RUNNING
        return self._place.status() or RunStatus.FAILED

    def wait(self) -> str:
        """Wait for the supervisor, which ends when the end is recorded."""
        while not self._has_ended():
            time.sleep(_PAUSE)
        return self.status()

    def cancel(self) -> None:
        """Ask the supervisor to end the project, and wait for it."""
        with self._lock:
            if not self._gone:
                os.kill(self._pid, signal.SIGTERM)
        self.wait()

    def logs(self) -> Iterator[str]:
        """What the supervisor, the environment's installer and the project print."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        with self._place.log.open("rb") as stream:
            while True:
                ended = self._has_ended()
                while data := stream.read(_PIECE):
                    if piece := decoder.decode(data):
                        yield piece
                if ended:
                    return
                time.sleep(_PAUSE)

    def _has_ended(self) -> bool:
        with self._lock:
            if not self._gone:
                with contextlib.suppress(ChildProcessError):
                    if os.waitpid(self._pid, os.WNOHANG)[0] != self._pid:
                        return False
                self._gone = True
                if self._place.status() is None:
                    # A supervisor that was itself ended has left its project alone.
                    load_object(self._worker).abandon(self._place)
            return True
