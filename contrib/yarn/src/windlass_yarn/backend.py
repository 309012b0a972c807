"""YarnProjectBackend: projects as applications of YARN."""

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
from windlass_yarn import environment
from windlass_yarn.options import OPTIONS, YarnOptions
from windlass_yarn.resource_manager import ResourceManager
from windlass_yarn.web_hdfs import WebHdfs


class YarnProjectBackend(SupervisedBackend):
    """A supervisor on this machine sends a project to the cluster, and records how it ended."""

    worker = "windlass_yarn.work:YarnWork"
    _settings = Settings()

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Projects of the settings' home, on the cluster that a configuration names."""
        opened = super().open(settings)
        opened._settings = settings  # noqa: SLF001  it is being made
        return opened

    def check(self, project: Project, config: Mapping[str, Any]) -> None:
        """Refuse what a cluster cannot run, a store that it cannot reach, and a cluster that is not there."""
        super().check(project, config)
        options = YarnOptions.parse(config)
        environment.check(project.environment)
        check_store_is_reachable(self._settings, options.resource_manager)
        ResourceManager.open(options, self._settings).check()
        WebHdfs.open(options, self._settings).check()

    def submit(self, run: ProjectRun) -> ProjectHandle:
        """Start the supervisor, which sends the project to the cluster."""
        YarnOptions.parse(run.config)
        marker = f"<{secrets.token_hex(16)}>"
        command = MovedProject(run.project, marker)
        moved = replace(run.project, command=command.arguments(), variables=command.variables())
        config = {**run.config, "marker": marker, "files": command.files()}
        return super().submit(replace(run, project=moved, config=config))

    def options(self) -> Mapping[str, str]:
        """What `config` may hold."""
        return {**super().options(), **OPTIONS}
