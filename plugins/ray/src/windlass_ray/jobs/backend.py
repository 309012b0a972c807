"""RayProjectBackend: projects as jobs of a Ray cluster."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Project, ProjectRun
from windlass.errors import Unsupported
from windlass.interfaces import ProjectHandle
from windlass.services.supervision.backend import SupervisedBackend
from windlass.uri import Uri
from windlass_ray.address import is_this_machine
from windlass_ray.dashboard import Dashboard
from windlass_ray.jobs import environment
from windlass_ray.jobs.options import OPTIONS, JobOptions

_LOCAL = frozenset({"sqlite", "file"})
_FILES = ".windlass-files"


class RayProjectBackend(SupervisedBackend):
    """Two supervisors see to it that a run ends: one on this machine, and one on the cluster that owns the command."""

    worker = "windlass_ray.jobs.work:RayWork"
    _settings = Settings()

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Projects of the settings' home, on the cluster that the settings or a configuration name."""
        opened = super().open(settings)
        opened._settings = settings  # noqa: SLF001  it is being made
        return opened

    def check(self, project: Project, config: Mapping[str, Any]) -> None:
        """Refuse what a cluster cannot run, a store that it cannot reach, and a cluster that is not there."""
        super().check(project, config)
        options = JobOptions.parse(config, self._settings)
        environment.check(project.environment)
        environment.runtime_environment(project.environment, project.directory)
        store = self._settings.tracking_uri or self._settings.default_tracking_uri
        if Uri.parse(store).scheme in _LOCAL and not is_this_machine(options.address):
            raise Unsupported(
                "the runs are in a file of this machine, which the cluster cannot reach",
                hint="start `windlass server`, and name it in WINDLASS_TRACKING_URI",
            )
        Dashboard.open(options.address, self._settings).get("/api/version")

    def submit(self, run: ProjectRun) -> ProjectHandle:
        """Start the supervisor on this machine, which sends the project to the cluster."""
        address = JobOptions.parse(run.config, self._settings).address
        marker = f"<{secrets.token_hex(16)}>"
        command, files = _Moved(run.project, marker), _files(run.project)
        moved = replace(run.project, command=command.arguments(), variables=command.variables())
        config = {**run.config, "address": address, "marker": marker, "files": files}
        return super().submit(replace(run, project=moved, config=config))

    def options(self) -> Mapping[str, str]:
        """What `config` may hold."""
        return {**super().options(), **OPTIONS}


class _Moved:
    """The command of a project whose files are in a package."""

    def __init__(self, project: Project, marker: str) -> None:
        self._project = project
        # The longest first: one path may be the beginning of another.
        places = {str(path): f"{marker}/{place}" for path in project.paths if (place := _place(path, project))}
        self._places = dict(sorted(places.items(), key=lambda one: -len(one[0])))

    def arguments(self) -> tuple[str, ...]:
        return tuple(map(self._moved, self._project.command))

    def variables(self) -> dict[str, str]:
        return {name: self._moved(value) for name, value in self._project.variables.items()}

    def _moved(self, text: str) -> str:
        for path, place in self._places.items():
            text = text.replace(path, place)
        return text


def _files(project: Project) -> dict[str, str]:
    """What was fetched for parameters, by the directory of the package that it goes to."""
    kept = {}
    for path in project.paths:
        if project.fetched is not None and path.is_relative_to(project.fetched) and not _is_inside(path, project):
            top = path.relative_to(project.fetched).parts[0]
            kept[f"{_FILES}/{top}"] = str(project.fetched / top)
    return kept


def _place(path: Path, project: Project) -> str | None:
    """Where in the package a file of the project is, or one that was fetched for it; None for files that stay here."""
    if _is_inside(path, project):
        return f"{project.directory.name or 'project'}/{path.resolve().relative_to(project.directory.resolve())}"
    if project.fetched is not None and path.is_relative_to(project.fetched):
        return f"{_FILES}/{path.relative_to(project.fetched)}"
    return None


def _is_inside(path: Path, project: Project) -> bool:
    return path.resolve().is_relative_to(project.directory.resolve())
