"""Job: what a supervisor is told about the project that it owns, and what it says of its end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from windlass.entities import ProjectEnvironment, ProjectRun

_JOB, _RESULT, _LOG, _GROUP = "job.json", "result.json", "output.log", "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A command to run in an environment; `grace` is seconds between asking it to end and ending it."""

    run_id: str
    home: str
    directory: str
    command: tuple[str, ...]
    variables: dict[str, str]
    environment: ProjectEnvironment
    grace: float
    fetched: str | None

    @classmethod
    def of(cls, run: ProjectRun, home: Path, grace: float) -> Job:
        """The job that runs a project."""
        project = run.project
        return cls(
            run_id=run.run_id,
            home=str(home),
            directory=str(project.directory),
            command=project.command,
            variables=run.variables,
            environment=project.environment,
            grace=grace,
            fetched=None if project.fetched is None else str(project.fetched),
        )

    def write(self, place: JobPlace) -> None:
        """Keep it for the supervisor; values may be secret, so nobody else may read it."""
        descriptor = os.open(place.job, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(asdict(self), stream)

    @classmethod
    def read(cls, place: JobPlace) -> Job:
        """What was written."""
        content: dict[str, Any] = json.loads(place.job.read_text(encoding="utf-8"))
        environment = content.pop("environment")
        for name in ("build_requirements", "requirements", "volumes"):
            environment[name] = tuple(environment[name])
        environment["image_variables"] = tuple(map(tuple, environment["image_variables"]))
        content["command"] = tuple(content["command"])
        return cls(environment=ProjectEnvironment(**environment), **content)


@dataclass(frozen=True, slots=True)
class JobPlace:
    """The directory of a job: what to do, what was printed, and how it ended."""

    directory: Path

    @property
    def job(self) -> Path:
        """What to do."""
        return self.directory / _JOB

    @property
    def log(self) -> Path:
        """What was printed."""
        return self.directory / _LOG

    @contextmanager
    def owning(self, group: int) -> Iterator[None]:
        """While it lasts, it is written down which process group belongs to the job."""
        file = self.directory / _GROUP
        file.write_text(str(group), encoding="ascii")
        try:
            yield
        finally:
            file.unlink(missing_ok=True)

    def end_group(self) -> None:
        """End the processes of a job whose supervisor is gone; nothing happens if there are none."""
        file = self.directory / _GROUP
        with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError, PermissionError):
            os.killpg(int(file.read_text(encoding="ascii")), signal.SIGKILL)
        file.unlink(missing_ok=True)

    def status(self) -> str | None:
        """How it ended; None if nobody has written that down."""
        try:
            return str(json.loads((self.directory / _RESULT).read_text(encoding="utf-8"))["status"])
        except FileNotFoundError:
            return None

    def end(self, status: str) -> None:
        """Write down how it ended, in one step; what it was to do is of no use then."""
        scratch = self.directory / f".{_RESULT}.new"
        scratch.write_text(json.dumps({"status": status}), encoding="utf-8")
        scratch.replace(self.directory / _RESULT)
        self.job.unlink(missing_ok=True)
