"""Images: the one that a project runs in, fetched or built."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import docker
from docker.models.images import Image

from windlass.errors import NotFound
from windlass.services.supervision.cancellation import Cancellation
from windlass_docker.building import build_image
from windlass_docker.code import WORKDIR, digest, packed
from windlass_docker.faults import translated
from windlass_docker.options import DockerOptions

_DOCKERFILE = "Dockerfile.windlass"


class Images:
    """The images of one Docker."""

    def __init__(self, client: docker.DockerClient, say: Callable[[str], None], cancellation: Cancellation) -> None:
        self._client = client
        self._say = say
        self._cancellation = cancellation

    def for_project(self, options: DockerOptions, directory: Path) -> tuple[str, Image]:
        """The image to run, with its name: that of the options, or one that is built from it and the project."""
        base = self._present(options)
        return self._built(options.image, directory) if options.build else (options.image, base)

    def _present(self, options: DockerOptions) -> Image:
        name = options.image
        try:
            with translated(f"look for the image {name}"):
                return self._client.images.get(name)
        except NotFound:
            self._say(f"fetching the image {name}")
        try:
            with translated(f"fetch the image {name}"):
                auth = dict(options.auth) if options.auth else None
                tagged = name if ":" in name.rpartition("/")[2] or "@" in name else f"{name}:latest"
                for _ in self._client.api.pull(tagged, stream=True, decode=True, auth_config=auth):
                    self._cancellation.check()
                return self._client.images.get(name)
        except NotFound as error:
            hint = "is the name right, and may you read it? `docker login` or docker_auth signs in"
            raise NotFound(error.message, hint=hint) from error

    def _built(self, base: str, directory: Path) -> tuple[str, Image]:
        """An image with the project in it; equal projects share one."""
        slug = re.sub(r"[^a-z0-9]+", "-", directory.name.lower()).strip("-") or "project"
        tag = f"windlass-projects/{slug}:{digest(directory)}"
        self._say(f"building the image {tag} from {base}")
        dockerfile = f"FROM {base}\nCOPY code/ {WORKDIR}\nWORKDIR {WORKDIR}\n"
        with packed(directory, "code/", [(_DOCKERFILE, dockerfile.encode())]) as context:
            return tag, build_image(self._client, context, tag, dockerfile=_DOCKERFILE, say=self._say_unless_cancelled)

    def _say_unless_cancelled(self, line: str) -> None:
        self._cancellation.check()
        self._say(line)
