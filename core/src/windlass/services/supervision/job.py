"""Job: what a supervisor is told about the project that it owns."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from windlass.entities import ProjectEnvironment, ProjectRun
from windlass.services.supervision.place import JobPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A command to run in an environment; `worker` is the `package.module:Class` that knows how.

    `grace` is seconds between asking the command to end and ending it.
    """

    worker: str
    run_id: str
    tracking_uri: str
    home: str
    directory: str
    command: tuple[str, ...]
    variables: dict[str, str]
    environment: ProjectEnvironment
    config: dict[str, Any]
    grace: float
    fetched: str | None

    @classmethod
    def of(cls, run: ProjectRun, home: Path, *, worker: str, grace: float) -> Job:
        """The job that runs a project."""
        project = run.project
        return cls(
            worker=worker,
            run_id=run.run_id,
            tracking_uri=run.tracking_uri,
            home=str(home),
            directory=str(project.directory),
            command=project.command,
            variables=run.variables,
            environment=project.environment,
            config=dict(run.config),
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
        environment: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in content.pop("environment").items()
        }
        environment["image_variables"] = tuple(map(tuple, environment["image_variables"]))
        content["command"] = tuple(content["command"])
        return cls(environment=ProjectEnvironment(**environment), **content)
