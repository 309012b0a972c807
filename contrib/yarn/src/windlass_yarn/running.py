"""RunningApplication: an application on a cluster, followed to its end."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from typing import Any

from windlass.config import Settings
from windlass.errors import NotFound, Unavailable, WindlassError
from windlass.services.supervision.work import Assignment
from windlass_yarn.container import Container, find_container, likely_container
from windlass_yarn.log_reader import LogReader
from windlass_yarn.resource_manager import ResourceManager

_ENDED = frozenset({"FINISHED", "FAILED", "KILLED"})
_PAUSE = 0.5
_OUT_OF_REACH = 600.0
_KILLING = 30.0
_LEFT_ALONE = 60.0
_SOON = 15.0
_DETAILS = re.compile(r"\s*Details :.*", re.DOTALL)
_TIME = re.compile(r"^\[[^\]]*\]\s*")


class RunningApplication:
    """An application on a cluster, what it prints, and its end."""

    def __init__(self, manager: ResourceManager, name: str, *, settings: Settings, assignment: Assignment) -> None:
        self._manager = manager
        self._name = name
        self._settings = settings
        self._assignment = assignment
        self._log: LogReader | None = None
        self._unreadable = ""
        self._waiting = ""
        self._began = time.monotonic()
        self._again = 0.0

    def follow(self) -> dict[str, Any]:
        """Wait for the end, and return what YARN says of it; a cluster out of reach for ten minutes counts as gone."""
        seen = time.monotonic()
        while True:
            try:
                known = self._manager.application(self._name)
                self._look()
            except NotFound:
                return {"state": "FAILED", "diagnostics": "the cluster knows the application no more"}
            except Unavailable as error:
                if time.monotonic() - seen > _OUT_OF_REACH:
                    return {"state": "FAILED", "diagnostics": error.message}
            else:
                seen = time.monotonic()
                if known["state"] in _ENDED:
                    self._finish()
                    return known
                self._tell_waiting(known)
            self._assignment.cancellation.sleep(_PAUSE)

    def cancel(self, grace: float) -> None:
        """Ask the command to end, and end the application after so many seconds."""
        if self._log is not None and grace > 0:
            with contextlib.suppress(WindlassError):  # older releases have no such request
                self._manager.ask_to_end(self._log.container.name)
                self._has_ended(grace)
        with contextlib.suppress(WindlassError):
            self._manager.kill(self._name)
        if not self._has_ended(_KILLING):
            self._assignment.say(f"{self._name} has not ended yet")
        self._finish()

    def _has_ended(self, seconds: float) -> bool:
        """Whether it ends within so many seconds."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            with contextlib.suppress(WindlassError):
                if self._manager.application(self._name)["state"] in _ENDED:
                    return True
                self._look()
            time.sleep(_PAUSE)
        return False

    def _look(self) -> None:
        """Pass on what the newest container has printed."""
        found = find_container(self._manager, self._name)
        if found is not None and (self._log is None or found != self._log.container):
            self._log = self._reader(found)
        self._read()

    def _finish(self) -> None:
        """Pass on the rest; that its last lines are lost is no reason to call a run something else."""
        self._again = 0.0
        self._read()
        if self._unreadable:
            self._assignment.say(f"what the command printed could not be read: {self._unreadable}")
        if self._log is None:
            with contextlib.suppress(WindlassError):  # it is a guess, and often there was no container
                if found := likely_container(self._manager, self._name):
                    self._reader(found).look()

    def _read(self) -> None:
        """Pass on what is new; a node that does not answer is left alone for a while, as it holds up everything."""
        if self._log is None or time.monotonic() < self._again:
            return
        try:
            self._log.look()
            self._unreadable = ""
        except NotFound as error:
            self._unreadable = error.message
        except WindlassError as error:
            self._unreadable = error.message
            self._again = time.monotonic() + _LEFT_ALONE

    def _reader(self, container: Container) -> LogReader:
        return LogReader(container, self._settings, user=self._manager.user, write=_writer(self._assignment))

    def _tell_waiting(self, known: dict[str, Any]) -> None:
        """Say why it does not start, if that takes long."""
        if known["state"] != "ACCEPTED" or time.monotonic() - self._began < _SOON:
            return
        said = _DETAILS.sub("", _TIME.sub("", str(known.get("diagnostics") or ""))).strip()
        if said and said != self._waiting:
            self._waiting = said
            self._assignment.say(said)


def _writer(assignment: Assignment) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        with contextlib.suppress(OSError):
            assignment.output.write(data)

    return write
