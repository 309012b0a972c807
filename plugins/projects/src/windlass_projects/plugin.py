"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass.plugins import Command, Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """The module for Python, and projects as processes of this machine."""
    return [
        Provider(Kind.PYTHON_MODULE, ("projects",), "windlass_projects.api", "Running projects."),
        Provider(
            Kind.PROJECT_BACKEND,
            ("local",),
            "windlass_projects.local.backend:LocalProjectBackend",
            "Processes of this machine.",
            suite="windlass_projects.conformance:TestLocalProjectBackend",
        ),
    ]


@hookimpl
def windlass_commands() -> list[Command]:
    """The commands that run projects."""
    return [
        Command("run", "windlass_projects.cli:run", "Run an entry point of a project."),
        Command("reproduce", "windlass_projects.reproduction.cli:reproduce", "Run a project's run again and compare."),
    ]
