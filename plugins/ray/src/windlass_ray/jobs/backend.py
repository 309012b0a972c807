"""RayProjectBackend: projects as jobs of a Ray cluster."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Project, ProjectRun
from windlass.interfaces import ProjectHandle
from windlass.services.supervision.backend import SupervisedBackend
from windlass.services.supervision.moved_project import MovedProject
from windlass.services.supervision.reachable_store import check_store_is_reachable
from windlass_ray.dashboard import Dashboard
from windlass_ray.jobs import environment
from windlass_ray.jobs.options import OPTIONS, JobOptions


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
        check_store_is_reachable(self._settings, options.address)
        Dashboard.open(options.address, self._settings).get("/api/version")

    def submit(self, run: ProjectRun) -> ProjectHandle:
        """Start the supervisor on this machine, which sends the project to the cluster."""
        address = JobOptions.parse(run.config, self._settings).address
        marker = f"<{secrets.token_hex(16)}>"
        command = MovedProject(run.project, marker)
        moved = replace(run.project, command=command.arguments(), variables=command.variables())
        config = {**run.config, "address": address, "marker": marker, "files": command.files()}
        return super().submit(replace(run, project=moved, config=config))

    def options(self) -> Mapping[str, str]:
        """What `config` may hold."""
        return {**super().options(), **OPTIONS}
