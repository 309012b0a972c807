"""LocalProjectBackend: projects as processes of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.config import Settings
from windlass.entities import Project
from windlass.errors import Unsupported
from windlass.plugins import Kind, PluginManager
from windlass.services.supervision.backend import SupervisedBackend


class LocalProjectBackend(SupervisedBackend):
    """Processes of this machine."""

    worker = "windlass_projects.local.work:LocalWork"

    def check(self, project: Project, config: Mapping[str, Any]) -> None:
        """Refuse containers, unknown options, and environments that cannot be made here."""
        super().check(project, config)
        environment = project.environment
        if environment.image is not None:
            raise Unsupported(
                f"the project runs in a container ({environment.image}), which the backend local does not",
                hint="-b docker does; --env-manager local runs it with what is installed here",
            )
        if environment.manager != "local":
            settings = Settings.load()
            manager = PluginManager(settings).load(Kind.ENVIRONMENT_MANAGER, environment.manager).open(settings)
            manager.check(environment)
