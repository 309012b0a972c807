"""Again: running a run of a project once more, and saying whether the same came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from windlass.entities import Run, RunStatus
from windlass.services.limits import MAX_RUN_NAME
from windlass.services.projects import SubmittedProject
from windlass.services.run_artifacts import RunArtifacts
from windlass.services.workspace import Workspace
from windlass_projects.errors import ProjectFailed
from windlass_projects.fetching import Fetched, Scratch
from windlass_projects.following import follow
from windlass_projects.preparing import OpenProject, Wanted
from windlass_projects.reproduction.comparison import MetricPair, Tolerance, compare
from windlass_projects.reproduction.environments import Environments
from windlass_projects.reproduction.evidence import read_record, recorded, steps_of
from windlass_projects.reproduction.record import Record
from windlass_projects.reproduction.restoring import changed_inputs, restore
from windlass_projects.submission import Terms, submit

REPRODUCES_TAG = "windlass.reproduces"
REPRODUCED_TAG = "windlass.reproduced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """What came of running a run again.

    `reasons` say why it is not reproduced; `notes` are what could not be restored, which may explain that. There is
    no `again_run_id` if an input had changed, because then nothing was run.
    """

    run_id: str
    again_run_id: str | None = None
    metrics: tuple[MetricPair, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def reproduced(self) -> bool:
        """Whether the same came out."""
        return not self.reasons


@dataclass(slots=True, kw_only=True)
class Again:
    """Runs again what has been run."""

    workspace: Workspace
    tolerance: Tolerance
    ignored: frozenset[str]
    config: Mapping[str, Any]
    tags: Mapping[str, str]
    show: Callable[[str], Any]
    _notes: list[str] = field(default_factory=list)

    def run(self, run_id: str) -> Reproduction:
        """Run it again and compare; CannotReproduce says what is missing to do so."""
        original = self.workspace.runs.get(run_id)
        record = read_record(self.workspace, original)
        self._notes = [f"not recorded: {one}" for one in record.missing]
        scratch = Scratch(self.workspace.settings.home.absolute())
        try:
            directory = restore(record, RunArtifacts(self.workspace, run_id), scratch)
            if changed := tuple(changed_inputs(record, directory)):
                scratch.remove()
                return Reproduction(run_id=run_id, reasons=changed, notes=tuple(self._notes))
            wanted = _wanted(record, directory)
            opened = OpenProject.of(wanted, scratch, plugins=self.workspace.plugins)
            environments = Environments(self.workspace, record, opened, scratch, self._notes.append)
            adapted, terms = self._terms(original, record, opened, environments)
            submitted = submit(adapted, wanted, terms, workspace=self.workspace, scratch=scratch)
        except BaseException:
            scratch.remove()
            raise
        problems = self._followed(submitted)
        again = self.workspace.runs.get(submitted.run_id)
        for first, second in _pairs(original, again, record):
            environments.compare(first, second)
        return self._compared(original, again, record, problems)

    def _terms(
        self, original: Run, record: Record, opened: OpenProject, environments: Environments
    ) -> tuple[OpenProject, Terms]:
        """The project as it was, and how it is to run."""
        restored = None if record.has_steps else environments.of(original.info.run_id)
        terms = Terms(
            experiment_id=original.info.experiment_id,
            backend=record.backend,
            config=self.config,
            run_name=f"{original.info.run_name} again"[:MAX_RUN_NAME],
            tags={**self.tags, REPRODUCES_TAG: original.info.run_id},
            force=record.has_steps,
            environments=environments.of_steps(steps_of(original)) if record.has_steps else {},
        )
        fetched = Fetched(opened.fetched.directory, record.source)
        return replace(opened, fetched=fetched, environment=restored or opened.environment), terms

    def _followed(self, submitted: SubmittedProject) -> list[str]:
        try:
            follow(submitted, self.show)
        except ProjectFailed:
            return [f"the run {submitted.run_id} ended {submitted.get_status()}"]
        return []

    def _compared(self, original: Run, again: Run, record: Record, problems: list[str]) -> Reproduction:
        first, second = (recorded(self.workspace, run, has_steps=record.has_steps) for run in (original, again))
        metrics = tuple(compare(first.metrics, second.metrics, self.tolerance, ignored=self.ignored))
        reasons = [*problems, *first.other_inputs(second), *(pair.problem for pair in metrics if not pair.same)]
        if original.info.status != RunStatus.FINISHED:
            self._notes.append(f"the original run is {original.info.status}")
        self.workspace.runs.log(again.info.run_id, tags={REPRODUCED_TAG: str(not reasons).lower()})
        return Reproduction(
            run_id=original.info.run_id,
            again_run_id=again.info.run_id,
            metrics=metrics,
            reasons=tuple(reasons),
            notes=tuple(self._notes),
        )


def _wanted(record: Record, directory: Path) -> Wanted:
    return Wanted(
        uri=str(directory), entry_point=record.entry_point, parameters=record.parameters, manager=record.manager
    )


def _pairs(original: Run, again: Run, record: Record) -> Iterator[tuple[str, str]]:
    """The ids of the runs whose commands were the same."""
    if not record.has_steps:
        yield original.info.run_id, again.info.run_id
        return
    done = steps_of(again)
    yield from ((run_id, done[name]) for name, run_id in steps_of(original).items() if name in done)
