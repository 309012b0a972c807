"""KubernetesProjectBackend: projects as Jobs of Kubernetes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Project, ProjectRun
from windlass.interfaces import ProjectHandle
from windlass.services.supervision.backend import SupervisedBackend
from windlass.services.supervision.moved_project import MovedProject
from windlass_kubernetes.connection import Connection
from windlass_kubernetes.projects.options import OPTIONS, JobOptions
from windlass_kubernetes.projects.template import image_of, read_template
from windlass_kubernetes.projects.work import CODE
from windlass_kubernetes.reaching import tracking_uri


class KubernetesProjectBackend(SupervisedBackend):
    """Each project is a Job, which its supervisor on this machine makes, follows and removes."""

    worker = "windlass_kubernetes.projects.work:KubernetesWork"
    _settings = Settings()

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Projects of the settings' home."""
        opened = super().open(settings)
        opened._settings = settings  # noqa: SLF001  it is being made
        return opened

    def check(self, project: Project, config: Mapping[str, Any]) -> None:
        """Refuse bad options, a project without an image, a store that pods cannot reach, and a missing cluster."""
        super().check(project, config)
        options = JobOptions.read(config, project.environment)
        image_of(options, read_template(options))
        if options.tracking_uri is None:
            tracking_uri(self._settings)
        connection = Connection.open(options.context, self._settings)
        try:
            connection.call("GET", "/version")
        finally:
            connection.close()

    def submit(self, run: ProjectRun) -> ProjectHandle:
        """Start the supervisor, which sends the project to the cluster."""
        options = JobOptions.read(run.config, run.project.environment)
        config = dict(run.config)
        if options.template is not None:
            config["kube-job-template-path"] = str(options.template)
        if options.bare:
            return super().submit(replace(run, config={**config, "files": {}}))
        command = MovedProject(run.project, CODE)
        moved = replace(run.project, command=command.arguments(), variables=command.variables())
        return super().submit(replace(run, project=moved, config={**config, "files": command.files()}))

    def options(self) -> Mapping[str, str]:
        """What `config` may hold."""
        return {**super().options(), **OPTIONS}
