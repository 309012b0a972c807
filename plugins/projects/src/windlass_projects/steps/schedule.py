"""Schedule: runs steps in the order of their needs, several at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from windlass.services.supervision.cancellation import Cancellation, Cancelled
from windlass_projects.step import Step
from windlass_projects.steps.result import StepResult

_LOOK = 0.2


@dataclass(slots=True, kw_only=True)
class Schedule:
    """The steps of a pipeline, at most `parallel` at once.

    A step that fails, which `failed` is told, keeps those that need it from starting, and no others.
    """

    steps: Mapping[str, Step]
    sorter: TopologicalSorter[str]
    parallel: int
    run: Callable[[Step, Mapping[str, StepResult]], StepResult]
    failed: Callable[[str, BaseException], None]
    cancellation: Cancellation
    results: dict[str, StepResult] = field(default_factory=dict)
    _running: dict[Future[StepResult], str] = field(default_factory=dict)

    def work(self, cancel: Callable[[], None]) -> None:
        """Run all that can run; when somebody has asked to end, `cancel` is called until no step runs."""
        self.sorter.prepare()
        with ThreadPoolExecutor(self.parallel) as pool:
            while self.sorter.is_active():
                self._start(pool)
                if not self._running:
                    return
                self._collect()
                if self.cancellation.requested:
                    break
            while self._running:
                cancel()
                self._collect()

    def missing(self) -> list[str]:
        """The steps without a result."""
        return [name for name in self.steps if name not in self.results]

    def _start(self, pool: ThreadPoolExecutor) -> None:
        for name in self.sorter.get_ready():
            # Its results are those of all steps that have ended: what it needs is among them.
            future = pool.submit(self._one, name)
            self._running[future] = name

    def _one(self, name: str) -> StepResult:
        if self.cancellation.requested:
            raise Cancelled
        return self.run(self.steps[name], dict(self.results))

    def _collect(self) -> None:
        done, _ = wait(self._running, timeout=_LOOK, return_when=FIRST_COMPLETED)
        for future in done:
            name = self._running.pop(future)
            if (error := future.exception()) is not None:
                self.failed(name, error)
                continue
            self.results[name] = future.result()
            self.sorter.done(name)
