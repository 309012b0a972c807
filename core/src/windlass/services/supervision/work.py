"""ProjectWork: what a supervisor does for one kind of backend."""

from __future__ import annotations

import contextlib
import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import IO

from windlass.services.supervision.cancellation import Cancellation
from windlass.services.supervision.job import Job
from windlass.services.supervision.place import JobPlace

_MASKED = ("EXPERIMENT_NAME", "RUN_NAME", "EXPERIMENT_ID", "RUN_ID")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A job with all that is needed to do it; what goes to `output` is shown to people."""

    job: Job
    place: JobPlace
    output: IO[bytes]
    cancellation: Cancellation

    def say(self, text: str) -> None:
        """Tell people what happens, among what the project prints."""
        with contextlib.suppress(OSError):  # a full disk must not keep the end from being recorded
            self.output.write("".join(f"windlass: {line}\n" for line in text.splitlines()).encode("utf-8", "replace"))


class ProjectWork(ABC):
    """Brings one project to its end, in the process of its supervisor."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment

    @abstractmethod
    def run(self) -> bool:
        """Run the project and say whether it succeeded. A WindlassError is shown and fails it, Cancelled kills it."""

    @classmethod
    @abstractmethod
    def abandon(cls, place: JobPlace) -> None:
        """End what is left of a job whose supervisor was killed; nothing happens if there is nothing."""


def inherited_variables() -> dict[str, str]:
    """The variables of this process, without those that would name another run."""
    gone = {f"{prefix}_{name}" for prefix in ("WINDLASS", "MLFLOW") for name in _MASKED}
    return {name: value for name, value in os.environ.items() if name not in gone} | {"PYTHONUNBUFFERED": "1"}
