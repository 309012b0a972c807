"""Submission: starting what a user asks for, on a backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from windlass.entities import Project, ProjectEnvironment
from windlass.errors import InvalidValue
from windlass.services.projects import SubmittedProject
from windlass.services.workspace import Workspace
from windlass_projects.fetching import Scratch
from windlass_projects.preparing import OpenProject, PathValues, Wanted
from windlass_projects.reproduction.recording import record
from windlass_projects.steps.submission import DRIVER_BACKEND, StepsWanted, driver_config, driver_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Where and as what a project is to run.

    `force` and `environments`, which replace the declared one by step, are for steps.
    """

    experiment_id: str
    backend: str
    config: Mapping[str, Any]
    run_id: str | None = None
    run_name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    parent_run_id: str | None = None
    force: bool | Sequence[str] = False
    environments: Mapping[str, ProjectEnvironment] = field(default_factory=dict)


def submit(
    opened: OpenProject, wanted: Wanted, terms: Terms, *, workspace: Workspace, scratch: Scratch
) -> SubmittedProject:
    """Start a project, with a record of what it takes to do that again."""
    paths = PathValues(opened.fetched.directory, workspace, wanted.storage, scratch)
    stepped = bool(opened.entry.steps)
    # The driver of steps only looks whether local files are there; each step brings what it reads into place.
    files = paths.files(opened.entry, opened.values, only_local=stepped)
    if stepped:
        project = _of_steps(opened, wanted, terms, workspace=workspace, scratch=scratch)
    else:
        project = _of_command(opened, terms, files=files, scratch=scratch)
    return workspace.projects.submit(
        project,
        experiment_id=terms.experiment_id,
        backend=DRIVER_BACKEND if stepped else terms.backend,
        config=driver_config(terms.config) if stepped else terms.config,
        run_id=terms.run_id,
        run_name=terms.run_name,
        tags=terms.tags,
        parent_run_id=terms.parent_run_id,
        recording=lambda run_id: record(workspace, run_id, opened, files=files, backend=terms.backend),
    )


def _of_steps(opened: OpenProject, wanted: Wanted, terms: Terms, *, workspace: Workspace, scratch: Scratch) -> Project:
    steps = StepsWanted(
        backend=terms.backend, config=terms.config, tags=terms.tags, force=terms.force, environments=terms.environments
    )
    return driver_project(opened, wanted, steps, projects=workspace.projects, scratch=scratch)


def _of_command(opened: OpenProject, terms: Terms, *, files: Mapping[str, Path], scratch: Scratch) -> Project:
    if not isinstance(terms.force, bool) and terms.force:
        raise InvalidValue("force", ", ".join(terms.force), f"names steps, and {opened.entry.name} has none")
    return opened.project(files, scratch)
