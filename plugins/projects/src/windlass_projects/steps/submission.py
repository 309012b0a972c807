"""Submission: a project of several steps as a project of this machine, whose command is the driver."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from windlass.entities import Project, ProjectEnvironment
from windlass.errors import InvalidValue
from windlass.services.projects import ProjectService
from windlass_projects.command import Command
from windlass_projects.fetching import Scratch
from windlass_projects.preparing import OpenProject, Wanted
from windlass_projects.step import Step
from windlass_projects.steps.pipeline import Pipeline
from windlass_projects.steps.plan import Plan

DRIVER_BACKEND = "local"
_DEFAULT_GRACE = 10.0
_MORE_GRACE = 60.0
_LONGEST_GRACE = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepsWanted:
    """Where and how the steps are to run; `force` names those that run even if nothing has changed, or is True."""

    backend: str
    config: Mapping[str, Any]
    tags: Mapping[str, str]
    force: bool | Sequence[str] = False
    environments: Mapping[str, ProjectEnvironment] = field(default_factory=dict)


def driver_project(
    opened: OpenProject, wanted: Wanted, steps: StepsWanted, *, projects: ProjectService, scratch: Scratch
) -> Project:
    """The project that runs the steps; every mistake that can be seen before is found here, on the backend, too."""
    pipeline = Pipeline.of(opened.declared, opened.entry)
    known = {**opened.values, **pipeline.some_results()}
    for step in opened.entry.steps.values():
        projects.check(_tried(step, pipeline, known, opened), backend=steps.backend, config=steps.config)
    plan = Plan(
        directory=str(opened.fetched.directory),
        source=opened.fetched.source,
        entry_point=opened.entry.name,
        values=opened.values,
        manager=wanted.manager,
        storage=None if wanted.storage is None else str(wanted.storage),
        backend=steps.backend,
        config=steps.config,
        tags=steps.tags,
        force=_forced(opened, steps.force),
        environments=steps.environments,
    )
    file = scratch.directory("plan") / "plan.json"
    plan.write(file)
    return Project(
        source=opened.fetched.source,
        directory=opened.fetched.directory,
        entry_point=opened.entry.name,
        command=(sys.executable, "-P", "-m", "windlass_projects.steps.driver", str(file)),
        environment=ProjectEnvironment(manager="local"),
        parameters=opened.values,
        fetched=scratch.path,
    )


def driver_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Options of the driver: it has more time to end than the steps, which it ends."""
    try:
        grace = float(config.get("grace", _DEFAULT_GRACE))
    except (TypeError, ValueError):
        grace = _DEFAULT_GRACE
    return {"grace": min(grace + _MORE_GRACE, _LONGEST_GRACE)}


def _tried(step: Step, pipeline: Pipeline, known: Mapping[str, str], opened: OpenProject) -> Project:
    """The project of a step with results of other steps as they might be."""
    entry = pipeline.entry_point(step)
    values = pipeline.values(step, entry, known=known)
    command = Command.build(entry, values)
    return Project(
        source=opened.fetched.source,
        directory=Path(opened.fetched.directory),
        entry_point=entry.name,
        command=command.arguments,
        environment=opened.environment,
        variables=command.variables,
        parameters=values,
    )


def _forced(opened: OpenProject, force: bool | Sequence[str]) -> tuple[str, ...]:  # noqa: FBT001  two ways to say it
    steps = opened.entry.steps
    if isinstance(force, bool):
        return tuple(steps) if force else ()
    if unknown := ", ".join(sorted(set(force) - steps.keys())):
        raise InvalidValue("force", unknown, f"is no step of entry point {opened.entry.name}", limit=", ".join(steps))
    return tuple(force)
