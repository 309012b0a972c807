"""LocalProjectBackend: projects as processes of this machine."""

from __future__ import annotations

import codecs
import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Project, ProjectRun, RunStatus
from windlass.errors import InvalidValue, Unsupported
from windlass.interfaces import ProjectBackend, ProjectHandle
from windlass_projects.local.job import Job, JobPlace

_GRACE = 10.0
_MAX_GRACE = 3600.0
_OPTIONS = {"grace": f"Seconds between asking a cancelled project to end and ending it; {_GRACE:g} without."}
_PIECE = 65_536
_PAUSE = 0.05


class LocalProjectBackend(ProjectBackend):
    """Each project has a supervisor, a process that outlives the program that submitted it."""

    def __init__(self, home: Path, variables: Mapping[str, str]) -> None:
        self._home = home
        self._variables = variables

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Projects of the settings' home; what they print is kept in `projects/runs` there."""
        home = settings.home.absolute()
        variables = {"WINDLASS_HOME": str(home)}
        if settings.registry_uri:
            variables["WINDLASS_REGISTRY_URI"] = settings.registry_uri
        return cls(home, variables)

    def check(self, project: Project, config: Mapping[str, Any]) -> None:
        """Refuse containers and unknown options."""
        unknown = ", ".join(sorted(set(config) - set(_OPTIONS)))
        if unknown:
            raise InvalidValue("backend-config", unknown, "is no option of this backend", limit=", ".join(_OPTIONS))
        _grace(config)
        if project.environment.image is not None:
            raise Unsupported(
                f"the project runs in a container ({project.environment.image}), which the backend local does not",
                hint="--env-manager local runs it with what is installed here",
            )

    def submit(self, run: ProjectRun) -> ProjectHandle:
        """Start the supervisor."""
        place = JobPlace(self._home / "projects" / "runs" / run.run_id)
        _make_room(place)
        Job.of(run, self._home, _grace(run.config)).write(place)
        place.log.touch(mode=0o600)
        variables = {**os.environ, **self._variables, "WINDLASS_TRACKING_URI": run.tracking_uri}
        command = [sys.executable, "-P", "-m", "windlass_projects.local.supervisor", str(place.directory)]
        log = (os.POSIX_SPAWN_OPEN, 1, str(place.log), os.O_WRONLY | os.O_APPEND, 0o600)
        pid = os.posix_spawn(
            command[0],
            command,
            variables,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                log,
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
            # Until it is ready to cancel, SIGTERM waits; whatever this program makes of signals is not for it.
            setsigmask=[signal.SIGTERM],
            setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE],
        )
        return LocalProjectHandle(place, pid)

    def options(self) -> Mapping[str, str]:
        """What `config` may hold."""
        return _OPTIONS


class LocalProjectHandle(ProjectHandle):
    """A project with its supervisor, a child of this process."""

    def __init__(self, place: JobPlace, pid: int) -> None:
        self._place = place
        self._pid = pid
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
                # A supervisor that was itself ended has left its command alone.
                self._place.end_group()
            return True


def _grace(config: Mapping[str, Any]) -> float:
    value = config.get("grace", _GRACE)
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds <= _MAX_GRACE:
        raise InvalidValue("backend-config grace", value, "must be seconds", limit=f"0 … {_MAX_GRACE:g}")
    return seconds


def _make_room(place: JobPlace) -> None:
    """A directory for the job; what an earlier run of the same id has left is replaced."""
    place.directory.mkdir(parents=True, exist_ok=True)
    for file in place.directory.iterdir():
        file.unlink()
