"""StepRunner: brings one step to its end, or finds that it has been done already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from windlass.entities import RunStatus
from windlass.errors import NotFound, WindlassError
from windlass.services.projects import SubmittedProject
from windlass.services.workspace import Workspace
from windlass_projects.fetching import Scratch
from windlass_projects.step import Step
from windlass_projects.steps import outputs
from windlass_projects.steps.earlier import STEP_TAG, EarlierRuns, outputs_of
from windlass_projects.steps.plan import Plan
from windlass_projects.steps.result import StepResult
from windlass_projects.steps.step_work import Bench, StepWork

RUN_TAG = "windlass.steps.{}"
REUSED_TAG = "windlass.steps.{}.reused"
"""Tags of the whole's run: which run did a step, and whether that was an earlier one."""


class StepFailed(WindlassError):
    """A step that did not succeed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRunner:
    """Runs steps of a plan as runs nested in `parent_run_id`.

    `started` is told each project that has been submitted; `say` tells people what happens to a step.
    """

    plan: Plan
    bench: Bench
    workspace: Workspace
    parent_run_id: str
    experiment_id: str
    started: Callable[[str, SubmittedProject], None]
    say: Callable[[str, str], None]

    def run(self, step: Step, results: Mapping[str, StepResult]) -> StepResult:
        """The result of a step after those before it; a WindlassError if it did not succeed."""
        scratch = Scratch(self.workspace.settings.home.absolute())
        try:
            work = self.bench.ready(step, results, scratch)
            if (found := self._found(work)) is not None:
                scratch.remove()
                return found
            submitted = self._submit(work)
        except BaseException:
            scratch.remove()
            raise
        return self._followed(work, submitted)

    def _found(self, work: StepWork) -> StepResult | None:
        """The result of an earlier run that is the same; None with a word about why there is none."""
        name, earlier = work.step.name, EarlierRuns(self.workspace, self.experiment_id)
        if name in self.plan.force:
            self.say(name, "runs because it is forced to\n")
            return None
        if (run := earlier.equal(work.fingerprint)) is None:
            changed = earlier.difference(name, work.fingerprint)
            self.say(name, "runs for the first time\n" if changed is None else f"runs because of {changed}\n")
            return None
        run_id, kept = run.info.run_id, outputs_of(run)
        if not outputs.restore(self.workspace, run_id, Path(self.plan.directory), kept):
            self.say(name, f"runs because the outputs of run {run_id} are gone\n")
            return None
        self.say(name, f"is skipped: nothing has changed since run {run_id}\n")
        self._note(name, run_id, reused=True)
        return StepResult(run_id=run_id, artifact_uri=run.info.artifact_uri, reused=True, outputs=kept)

    def _submit(self, work: StepWork) -> SubmittedProject:
        submitted = self.workspace.projects.submit(
            work.project,
            experiment_id=self.experiment_id,
            backend=self.plan.backend,
            config=self.plan.config,
            run_name=work.step.name,
            tags={**self.plan.tags, STEP_TAG: work.step.name},
            parent_run_id=self.parent_run_id,
        )
        self.started(work.step.name, submitted)
        return submitted

    def _followed(self, work: StepWork, submitted: SubmittedProject) -> StepResult:
        run_id = submitted.run_id
        self._note(work.step.name, run_id, reused=False)
        self.say(work.step.name, f"is run {run_id}\n")
        for piece in submitted.logs():
            self.say(work.step.name, piece)
        if not submitted.wait():
            raise StepFailed(f"its run {run_id} ended {submitted.get_status()}")
        directory, paths = Path(self.plan.directory), work.step.outputs
        try:
            written = outputs.digests(directory, paths)
        except NotFound:
            self.workspace.projects.end(run_id, RunStatus.FAILED)
            raise
        outputs.keep(self.workspace, run_id, directory, paths)
        EarlierRuns(self.workspace, self.experiment_id).complete(run_id, work.fingerprint, written)
        artifact_uri = self.workspace.runs.get(run_id).info.artifact_uri
        return StepResult(run_id=run_id, artifact_uri=artifact_uri, reused=False, outputs=written)

    def _note(self, step: str, run_id: str, *, reused: bool) -> None:
        marks = {RUN_TAG.format(step): run_id, REUSED_TAG.format(step): str(reused).lower()}
        self.workspace.runs.log(self.parent_run_id, tags=marks)
