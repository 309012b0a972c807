"""DockerWork: runs the command of a project in a container."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
from docker.models.images import Image

from windlass.config import Settings
from windlass.errors import WindlassError
from windlass.services.supervision.cancellation import Cancelled
from windlass.services.supervision.place import JobPlace
from windlass.services.supervision.work import ProjectWork
from windlass.services.workspace import Workspace
from windlass_docker.code import WORKDIR, packed
from windlass_docker.connection import connected, is_here
from windlass_docker.container import RUN_LABEL, ProjectContainer, exit_text, remove_containers
from windlass_docker.faults import translated
from windlass_docker.images import Images
from windlass_docker.options import DockerOptions
from windlass_docker.surroundings import Surroundings

_IMAGE_URI, _IMAGE_ID = "mlflow.docker.image.uri", "mlflow.docker.image.id"


class DockerWork(ProjectWork):
    """Makes a container for the command, follows it to its end, and removes it."""

    def run(self) -> bool:
        """Say whether the command succeeded."""
        job, cancellation = self._assignment.job, self._assignment.cancellation
        options = DockerOptions.read(job.config, job.environment)
        with connected() as client:
            remove_containers(client, job.run_id)
            name, image = Images(client, self._assignment.say, cancellation).for_project(options, self._directory)
            arguments = self._arguments(client, options, self._record_image(name, image))
            cancellation.check()
            with self._made(client, options, image, arguments) as container:
                try:
                    problem = exit_text(container.run())
                except Cancelled:
                    container.stop(job.grace)
                    raise
        if problem:
            self._assignment.say(problem)
        return problem is None

    @classmethod
    def abandon(cls, place: JobPlace) -> None:
        """Remove the container of the run, if Docker can be reached."""
        with contextlib.suppress(WindlassError), connected() as client:
            remove_containers(client, place.directory.name)

    @property
    def _directory(self) -> Path:
        return Path(self._assignment.job.directory)

    def _record_image(self, name: str, image: Image) -> str:
        """Record which image it is, and return where the run keeps its files."""
        run_id = self._assignment.job.run_id
        with Workspace.open(Settings.load()) as workspace:
            workspace.runs.log(run_id, tags={_IMAGE_URI: name, _IMAGE_ID: str(image.id)})
            return workspace.runs.get(run_id).info.artifact_uri

    def _arguments(self, client: docker.DockerClient, options: DockerOptions, artifact_uri: str) -> dict[str, Any]:
        """What the container is made with."""
        job, given = self._assignment.job, dict(options.arguments)
        words = [self._inside(word) for word in job.command]
        values = {name: self._inside(value) for name, value in job.variables.items()}
        around = Surroundings.of_run(job.tracking_uri, artifact_uri, [*words[1:], *values.values()])
        if not is_here(client):
            around.check_reachable()
        environment = {"PYTHONUNBUFFERED": "1", **around.variables, **self._declared(), **given.pop("environment", {})}
        arguments = {
            **given,
            "command": words,
            "environment": {**environment, **values},
            "volumes": [*around.mounts, *job.environment.volumes, *given.get("volumes", ())],
            "labels": {**given.get("labels", {}), RUN_LABEL: job.run_id},
        }
        if around.needs_host_network and not {"network", "network_mode"} & set(given):
            self._assignment.say("the container has this machine's network, as the tracking server listens only there")
            arguments["network_mode"] = "host"
        return arguments if options.bare else {"working_dir": WORKDIR, **arguments}

    def _declared(self) -> dict[str, str]:
        """The variables of docker_env: new ones, and those that are copied from here."""
        found = {}
        for name, value in self._assignment.job.environment.image_variables:
            present = os.environ.get(name) if value is None else value
            if present is None:
                self._assignment.say(f"docker_env copies the variable {name}, which is not set here")
            else:
                found[name] = present
        return found

    def _inside(self, text: str) -> str:
        """A text with paths of the project as they are in the container."""
        here = str(self._directory)
        return WORKDIR if text == here else text.replace(f"{here}/", WORKDIR)

    @contextlib.contextmanager
    def _made(
        self, client: docker.DockerClient, options: DockerOptions, image: Image, arguments: dict[str, Any]
    ) -> Iterator[ProjectContainer]:
        """A container with the project in it, which is removed at the end."""
        job = self._assignment.job
        try:
            with translated("make the container"):
                container = client.containers.create(image.id, name=f"windlass-{job.run_id}", **arguments)
            if not options.build and not options.bare:
                with packed(self._directory, WORKDIR.strip("/") + "/") as archive, translated("copy the project"):
                    container.put_archive("/", archive)
            yield ProjectContainer(container, self._assignment.output, self._assignment.cancellation)
        finally:
            with contextlib.suppress(WindlassError):
                remove_containers(client, job.run_id)
