"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass.plugins import Command, Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """The module for Python, and deployments as processes of this machine."""
    return [
        Provider(Kind.PYTHON_MODULE, ("serving",), "windlass_serving.api", "The scoring server's application."),
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("local",),
            "windlass_serving.local:LocalDeploymentTarget",
            "A scoring server as a process of this machine.",
            suite="windlass_serving.conformance:TestLocalDeploymentTarget",
        ),
    ]


@hookimpl
def windlass_commands() -> list[Command]:
    """The commands that serve and try models."""
    return [
        Command("models", "windlass_serving.cli:models", "Serve models, and try them with a request."),
        Command(
            "models generate-dockerfile",
            "windlass_serving.dockerfile_command:generate_dockerfile",
            "Write what an image that serves a model is built from.",
        ),
    ]
