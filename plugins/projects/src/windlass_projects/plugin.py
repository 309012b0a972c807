"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass.plugins import Command, Kind, Provider, hookimpl

_MANAGERS = (
    ("uv", "uv_manager:UvEnvironmentManager", "Environments made by uv."),
    ("virtualenv", "virtualenv_manager:VirtualenvEnvironmentManager", "Environments made by venv and pip."),
    ("conda", "conda_manager:CondaEnvironmentManager", "Environments made by conda."),
    ("mamba", "conda_manager:MambaEnvironmentManager", "Environments made by mamba."),
    ("micromamba", "conda_manager:MicromambaEnvironmentManager", "Environments made by micromamba."),
)


@hookimpl
def windlass_providers() -> list[Provider]:
    """The module for Python, projects as processes of this machine, and who makes their environments."""
    return [
        Provider(Kind.PYTHON_MODULE, ("projects",), "windlass_projects.api", "Running projects."),
        Provider(
            Kind.PROJECT_BACKEND,
            ("local",),
            "windlass_projects.local.backend:LocalProjectBackend",
            "Processes of this machine.",
            suite="windlass_projects.conformance:TestLocalProjectBackend",
        ),
        *(
            Provider(
                Kind.ENVIRONMENT_MANAGER,
                (name,),
                f"windlass_projects.environments.{target}",
                summary,
                suite=f"windlass_projects.environments.conformance:Test{target.partition(':')[2]}",
            )
            for name, target, summary in _MANAGERS
        ),
    ]


@hookimpl
def windlass_commands() -> list[Command]:
    """The command that runs projects, and what belongs to it."""
    return [
        Command("run", "windlass_projects.cli:run", "Run an entry point of a project."),
        Command("projects", "windlass_projects.environments.cli:projects", "What runs of projects leave behind."),
        Command("reproduce", "windlass_projects.reproduction.cli:reproduce", "Run a project's run again and compare."),
    ]
