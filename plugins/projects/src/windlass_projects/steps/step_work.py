"""StepWork: a step that is about to run, with its values, its files and what its result depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from windlass.entities import Project
from windlass.errors import NotFound
from windlass.services.workspace import Workspace
from windlass_projects.command import Command
from windlass_projects.data_files import DataFiles
from windlass_projects.digests import digest_of
from windlass_projects.entry_point import EntryPoint
from windlass_projects.environment import environment_of
from windlass_projects.fetching import Scratch
from windlass_projects.preparing import PathValues
from windlass_projects.reference import fill
from windlass_projects.source_files import SourceFiles
from windlass_projects.step import Step
from windlass_projects.steps.fingerprint import Fingerprint, digest_of_environment, digest_of_values
from windlass_projects.steps.pipeline import Pipeline
from windlass_projects.steps.plan import Plan
from windlass_projects.steps.result import StepResult, known_values


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWork:
    """A step whose files are in place."""

    step: Step
    project: Project
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Bench:
    """Makes the work of steps ready; `sources` are the project's code."""

    plan: Plan
    pipeline: Pipeline
    workspace: Workspace
    sources: SourceFiles

    @classmethod
    def of(cls, plan: Plan, pipeline: Pipeline, workspace: Workspace) -> Bench:
        """A bench for the steps of a plan. What the MLproject file says of a step is in its fingerprint by itself."""
        whole, directory = pipeline.whole, Path(plan.directory)
        named = [value for name, value in plan.values.items() if whole.parameters[name].type == "path"]
        data = DataFiles.of(whole, directory, workspace.settings, named=named)
        sources = SourceFiles(directory, lambda path: path.lower() == "mlproject" or data.has(path))
        return cls(plan, pipeline, workspace, sources)

    def ready(self, step: Step, results: Mapping[str, StepResult], scratch: Scratch) -> StepWork:
        """The work of a step after those that it needs; NotFound names a file that is not there."""
        directory, known = Path(self.plan.directory), known_values(self.plan.values, results)
        entry = self.pipeline.entry_point(step)
        values = self.pipeline.values(step, entry, known=known)
        storage = None if self.plan.storage is None else Path(self.plan.storage)
        files = PathValues(directory, self.workspace, storage, scratch).files(entry, values)
        project = self._project(step, entry, values, files=files, scratch=scratch)
        named = [fill(one, known, where=f"step {step.name}: inputs") for one in step.inputs]
        read = {**files, **{path: _input(directory, path, step) for path in named}}
        fingerprint = Fingerprint(
            code=self.sources.digest(step.code, without=read.values()),
            parameters=digest_of_values([step.name, entry.template, entry.words, values, step.outputs]),
            inputs=digest_of_values({name: digest_of(path) for name, path in read.items()}),
            environment=digest_of_environment(project.environment, directory, backend=self.plan.backend),
            needs=digest_of_values({name: results[name].identity for name in step.needs}),
        )
        return StepWork(step=step, project=project, fingerprint=fingerprint)

    def _project(
        self, step: Step, entry: EntryPoint, values: Mapping[str, str], *, files: Mapping[str, Path], scratch: Scratch
    ) -> Project:
        command = Command.build(entry, {**values, **{name: str(path) for name, path in files.items()}})
        declared = environment_of(self.pipeline.declared, self.plan.manager)
        return Project(
            source=self.plan.source,
            directory=Path(self.plan.directory),
            entry_point=entry.name,
            command=command.arguments,
            environment=self.plan.environments.get(step.name, declared),
            variables=command.variables,
            parameters=values,
            fetched=scratch.path,
        )


def _input(directory: Path, path: str, step: Step) -> Path:
    found = directory / path
    if not found.exists():
        raise NotFound(f"step {step.name}: there is no input {path!r}")
    return found
