"""DockerProjectBackend: projects as containers of Docker or Podman."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.entities import Project
from windlass.services.supervision.backend import SupervisedBackend
from windlass_docker.connection import connected
from windlass_docker.options import OPTIONS, DockerOptions

_PATIENCE = 15


class DockerProjectBackend(SupervisedBackend):
    """Each project is a container, which its supervisor makes, follows and removes."""

    worker = "windlass_docker.work:DockerWork"

    def check(self, project: Project, config: Mapping[str, Any]) -> None:
        """Refuse unknown options, projects without an image, and everything while Docker does not answer."""
        super().check(project, config)
        DockerOptions.read(config, project.environment)
        with connected(_PATIENCE):
            pass

    def options(self) -> Mapping[str, str]:
        """What `config` may hold."""
        return {**super().options(), **OPTIONS}
