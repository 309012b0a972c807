"""Environments of runs that are done again: what was installed then, restored where that is possible."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from windlass.entities import ProjectEnvironment
from windlass.errors import WindlassError
from windlass.services.run_artifacts import RunArtifacts
from windlass.services.workspace import Workspace
from windlass_projects.fetching import Scratch
from windlass_projects.local.lock_recording import LOCK_FILE
from windlass_projects.lock import EnvironmentLock
from windlass_projects.preparing import OpenProject
from windlass_projects.reproduction.record import Record

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Environments:
    """The environments of a record whose project has been opened again; `note` is told what cannot be restored."""

    workspace: Workspace
    record: Record
    opened: OpenProject
    scratch: Scratch
    note: Callable[[str], None]

    def of(self, run_id: str) -> ProjectEnvironment | None:
        """The environment of a run; None if the declared one is exact, or the one here, or all that is known."""
        declared = self.opened.environment
        if declared.lock or declared.image is not None:
            return None
        lock = self._lock(run_id)
        if lock is None:
            self.note(f"what was installed for run {run_id} is not recorded: the declared environment is used")
            return None
        lock = lock.moved(Path(self.record.directory), self.opened.fetched.directory)
        if declared.manager == "local" and self._is_here(lock):
            return None
        return lock.environment(declared, self.scratch.directory(f"lock-{run_id}") / "versions.txt")

    def of_steps(self, steps: Mapping[str, str]) -> dict[str, ProjectEnvironment]:
        """The environments of steps, by their names, whose runs are given."""
        found = {name: self.of(run_id) for name, run_id in steps.items()}
        return {name: one for name, one in found.items() if one is not None}

    def compare(self, run_id: str, again_id: str) -> None:
        """Note what was installed for one run and not for the other one."""
        first, second = self._lock(run_id), self._lock(again_id)
        if first is None or second is None:
            return
        there, here = Path(self.record.directory), self.opened.fetched.directory
        if lines := first.anywhere(there).difference(second.anywhere(here)):
            more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
            self.note(f"other packages were installed for run {again_id}: {', '.join(lines[:_SHOWN])}{more}")

    def _lock(self, run_id: str) -> EnvironmentLock | None:
        with RunArtifacts(self.workspace, run_id).fetched_or_none(LOCK_FILE) as file:
            return None if file is None else EnvironmentLock.parse(file.read_text(encoding="utf-8"))

    def _is_here(self, lock: EnvironmentLock) -> bool:
        """Whether what is installed here is just that."""
        try:
            present = EnvironmentLock.of(Path(sys.executable))
        except WindlassError:
            return False
        if present != lock:
            self.note("other packages are installed here than were: an environment is built with those of the run")
        return present == lock
