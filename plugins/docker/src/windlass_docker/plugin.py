"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass.plugins import Command, Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Projects and models in containers."""
    return [
        Provider(
            Kind.PROJECT_BACKEND,
            ("docker",),
            "windlass_docker.backend:DockerProjectBackend",
            "Containers of Docker or Podman.",
            suite="windlass_docker.conformance:TestDockerProjectBackend",
            install="windlass-docker",
        ),
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("docker",),
            "windlass_docker.serve.target:DockerTarget",
            "A scoring server in a container of Docker or Podman.",
            suite="windlass_docker.conformance:TestDockerTarget",
            install="windlass-docker",
        ),
    ]


@hookimpl
def windlass_commands() -> list[Command]:
    """The command that builds images of models."""
    return [Command("models build-docker", "windlass_docker.serve.cli:build_docker", "Build an image of a model.")]
