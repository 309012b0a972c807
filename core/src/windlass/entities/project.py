"""Project: code with an entry point that somebody wants to run, and one run of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSource:
    """Where a project comes from, as people may read it: without passwords.

    `branch` is known only if the user asked for one.
    """

    uri: str
    repository_url: str | None = None
    commit: str | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectEnvironment:
    """What has to be installed before the command can run.

    `manager` says who installs it: `local` takes what is there, `docker` what is in the container. `python` is a
    version or a specifier such as `>=3.11`, any without. `requirements` are lines of a requirements file; paths in them
    are relative to the project. With `pyproject` what the project's pyproject.toml declares comes first, with `lock`
    exactly as its uv.lock says. `packages` are those of a conda.yaml, from `channels`. `image` is that of a container,
    which replaces all the others.
    """

    manager: str
    python: str | None = None
    build_requirements: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    pyproject: bool = False
    lock: bool = False
    packages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    image: str | None = None
    volumes: tuple[str, ...] = ()
    image_variables: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Code that is on this machine, and how to run one of its entry points.

    `command` is a list of arguments for the system, not a text for a shell; `variables` belong to it. `parameters` are
    the values as the user gave them. `paths` are the files and directories of this machine that the command names, as
    it names them. `fetched` is a directory that was made for this one run and may go after it.
    """

    source: ProjectSource
    directory: Path
    entry_point: str
    command: tuple[str, ...]
    environment: ProjectEnvironment
    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    paths: tuple[Path, ...] = ()
    fetched: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRun:
    """A project to run as the run `run_id`, which exists; `config` holds the options of the backend."""

    project: Project
    run_id: str
    experiment_id: str
    tracking_uri: str
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that the command must see: those of the run, and the project's own."""
        told = {"TRACKING_URI": self.tracking_uri, "EXPERIMENT_ID": self.experiment_id, "RUN_ID": self.run_id}
        named = {f"{prefix}_{name}": value for name, value in told.items() for prefix in ("WINDLASS", "MLFLOW")}
        return {**named, **self.project.variables}
