"""SupervisedBackend: a backend whose projects have a supervisor on this machine, wherever they run."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from windlass.config import Settings
from windlass.entities import Project, ProjectRun
from windlass.errors import InvalidValue
from windlass.interfaces import ProjectBackend, ProjectHandle
from windlass.services.supervision.handle import SupervisedHandle
from windlass.services.supervision.job import Job
from windlass.services.supervision.place import JobPlace

_GRACE = 10.0
_MAX_GRACE = 3600.0


class SupervisedBackend(ProjectBackend):
    """Each project has a supervisor, a process that outlives the program that submitted it.

    A subclass names its `worker`, a ProjectWork as `package.module:Class`, and says in `check` what it refuses.
    """

    worker: ClassVar[str]

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

    def check(self, project: Project, config: Mapping[str, Any]) -> None:  # noqa: ARG002  a subclass looks at it
        """Refuse unknown options."""
        unknown = ", ".join(sorted(set(config) - set(self.options())))
        if unknown:
            known = ", ".join(sorted(self.options()))
            raise InvalidValue("backend-config", unknown, "is no option of this backend", limit=known)
        grace_of(config)

    def submit(self, run: ProjectRun) -> ProjectHandle:
        """Start the supervisor."""
        place = JobPlace(self._home / "projects" / "runs" / run.run_id)
        place.clear()
        Job.of(run, self._home, worker=self.worker, grace=grace_of(run.config)).write(place)
        variables = {**os.environ, **self._variables, "WINDLASS_TRACKING_URI": run.tracking_uri}
        return SupervisedHandle(place, _start(place, variables), worker=self.worker)

    def options(self) -> Mapping[str, str]:
        """What `config` may hold."""
        return {"grace": f"Seconds between asking a cancelled project to end and ending it; {_GRACE:g} without."}


def grace_of(config: Mapping[str, Any]) -> float:
    """The seconds of the option `grace`."""
    value = config.get("grace", _GRACE)
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds <= _MAX_GRACE:
        raise InvalidValue("backend-config grace", value, "must be seconds", limit=f"0 … {_MAX_GRACE:g}")
    return seconds


def _start(place: JobPlace, variables: Mapping[str, str]) -> int:
    """Start a supervisor in a session of its own and return its process id."""
    command = [sys.executable, "-P", "-m", "windlass.services.supervision.supervisor", str(place.directory)]
    return os.posix_spawn(
        command[0],
        command,
        variables,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(place.log), os.O_WRONLY | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        # Until it is ready to cancel, SIGTERM waits; whatever this program makes of signals is not for it.
        setsigmask=[signal.SIGTERM],
        setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE],
    )
