"""The driver: the process that brings a project of several steps to its end.

It is itself the command of a project on this machine, with a supervisor that records how the whole ended; so the steps
go on when the program that submitted them is gone. SIGTERM asks it to end the steps that run.
"""

from __future__ import annotations

import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock

from windlass.config import Settings
from windlass.errors import WindlassError
from windlass.services.projects import SubmittedProject
from windlass.services.supervision.cancellation import Cancellation, Cancelled
from windlass.services.workspace import Workspace
from windlass_projects.declaration import Declaration
from windlass_projects.entry_point import MAX_PARALLEL
from windlass_projects.steps.pipeline import Pipeline
from windlass_projects.steps.plan import Plan
from windlass_projects.steps.runner import StepRunner
from windlass_projects.steps.schedule import Schedule
from windlass_projects.steps.step_work import Bench
from windlass_projects.steps.voice import Voice


class Driver:
    """One run of a plan."""

    def __init__(self, plan: Plan, workspace: Workspace, cancellation: Cancellation) -> None:
        self._plan = plan
        self._workspace = workspace
        self._cancellation = cancellation
        self._voice = Voice(sys.stdout)
        self._submitted: dict[str, SubmittedProject] = {}
        self._lock = Lock()

    def run(self, parent_run_id: str, experiment_id: str) -> bool:
        """Run the steps, and say whether all of them succeeded."""
        declared = Declaration.read(Path(self._plan.directory))
        pipeline = Pipeline.of(declared, declared.entry_point(self._plan.entry_point))
        runner = StepRunner(
            plan=self._plan,
            bench=Bench.of(self._plan, pipeline, self._workspace),
            workspace=self._workspace,
            parent_run_id=parent_run_id,
            experiment_id=experiment_id,
            started=self._started,
            say=self._voice.say,
        )
        schedule = Schedule(
            steps=pipeline.whole.steps,
            sorter=pipeline.sorter(),
            parallel=pipeline.whole.parallel,
            run=runner.run,
            failed=self._failed,
            cancellation=self._cancellation,
        )
        schedule.work(self._cancel)
        self._voice.end()
        for name in schedule.missing():
            self._voice.say(name, "has not succeeded\n" if name in self._submitted else "has not been started\n")
        return not schedule.missing()

    def _started(self, step: str, submitted: SubmittedProject) -> None:
        with self._lock:
            self._submitted[step] = submitted
        if self._cancellation.requested:
            submitted.cancel()
            raise Cancelled

    def _failed(self, step: str, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            shown = str(error) if isinstance(error, WindlassError) else f"{type(error).__name__}: {error}"
            self._voice.say(step, f"failed: {shown}\n")

    def _cancel(self) -> None:
        with self._lock:
            running = list(self._submitted.values())
        with ThreadPoolExecutor(MAX_PARALLEL) as pool:
            list(pool.map(_cancel, running))


def _cancel(submitted: SubmittedProject) -> None:
    with suppress(WindlassError):
        submitted.cancel()


def main() -> None:
    """Run the plan in the file that the command line names, as the run of the environment."""
    cancellation = Cancellation()

    def cancel(_signal: int, _frame: object) -> None:
        cancellation.requested = True

    signal.signal(signal.SIGTERM, cancel)
    settings = Settings.load()
    sys.exit(0 if _succeeds(settings, cancellation) else 1)


def _succeeds(settings: Settings, cancellation: Cancellation) -> bool:
    try:
        with Workspace.open(settings) as workspace:
            driver = Driver(Plan.read(Path(sys.argv[1])), workspace, cancellation)
            return driver.run(str(settings.run_id), str(settings.experiment_id))
    except WindlassError as error:
        sys.stdout.write(f"windlass: {error}\n")
        return False


if __name__ == "__main__":
    main()
