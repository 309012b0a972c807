"""DockerOptions: what a user may say about the container of a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from windlass.entities import ProjectEnvironment
from windlass.errors import InvalidValue
from windlass_docker.arguments import container_arguments

OPTIONS = {
    "image": "The image, where the project's docker_env names none.",
    "docker_args": 'Arguments of `docker run`, a JSON object: {"memory": "2g", "volume": ["/data:/data:ro"]}.',
    "build_image": "true builds an image with the project in it, and keeps that.",
    "skip_image_build": "true takes the image as it is, with the code that is in it, and copies nothing.",
    "docker_auth": "username, password and registry, a JSON object, for an image that must be fetched.",
}
_AUTH_KEYS = {"username", "password", "registry", "email"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerOptions:
    """How to run a project in a container; `arguments` are for Docker's API."""

    image: str
    build: bool = False
    bare: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)
    auth: Mapping[str, str] | None = None

    @classmethod
    def read(cls, config: Mapping[str, Any], environment: ProjectEnvironment) -> Self:
        """Read and check the options of a backend; the image of the project comes first."""
        image = environment.image or config.get("image")
        if not isinstance(image, str) or not image:
            hint = 'name one as docker_env in the MLproject file, or with -c \'{"image": "python:3.11-slim"}\''
            raise InvalidValue("image", image, "the project needs one to run in a container", hint=hint)
        if environment.image is None and environment.manager != "local":
            hint = "--env-manager local runs it with what is installed in the image"
            problem = "the project has no docker_env, and nothing is installed in containers"
            raise InvalidValue("env_manager", environment.manager, problem, hint=hint)
        build, bare = _switch(config, "build_image"), _switch(config, "skip_image_build")
        if build and bare:
            raise InvalidValue("skip_image_build", bare, "cannot be combined with build_image")
        arguments = container_arguments(_mapping(config, "docker_args") or {})
        return cls(image=image, build=build, bare=bare, arguments=arguments, auth=_auth(config))


def _switch(config: Mapping[str, Any], name: str) -> bool:
    value = config.get(name, False)
    if not isinstance(value, bool):
        raise InvalidValue(f"backend-config {name}", value, "must be true or false")
    return value


def _mapping(config: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = config.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise InvalidValue(f"backend-config {name}", value, "must be a JSON object")
    return value


def _auth(config: Mapping[str, Any]) -> dict[str, str] | None:
    given = _mapping(config, "docker_auth")
    if given is None:
        return None
    if unknown := sorted(set(given) - _AUTH_KEYS):
        # Only names: the values are secret.
        raise InvalidValue("backend-config docker_auth", unknown, "is not known", limit=", ".join(sorted(_AUTH_KEYS)))
    return {str(key): str(value) for key, value in given.items()}
