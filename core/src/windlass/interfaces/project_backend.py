"""Where projects run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Project, ProjectRun


class ProjectHandle(ABC):
    """A project that has been submitted. A status is one of `RunStatus`; the methods may be called from any thread."""

    @abstractmethod
    def status(self) -> str:
        """What the project is doing now: RUNNING, or how it ended."""

    @abstractmethod
    def wait(self) -> str:
        """Wait for the end, and say how it was: FINISHED, FAILED or KILLED."""

    @abstractmethod
    def cancel(self) -> None:
        """End the project with all its processes, and return when they are gone; nothing happens if it has ended."""

    @abstractmethod
    def logs(self) -> Iterator[str]:
        """What the project prints, piece by piece from its beginning, until it has ended."""


class ProjectBackend(ABC):
    """A place where projects run.

    The run is recorded as ended when its command has ended, also if the program that submitted it is gone by then:
    FINISHED if the command succeeded, FAILED if it did not, could not be started or was ended by a stranger, KILLED if
    it was cancelled. The project's `fetched` directory is removed after that. Values of parameters never pass through
    a shell.
    """

    @classmethod
    @abstractmethod
    def open(cls, settings: Settings) -> Self:
        """The backend for a project-local home."""

    @abstractmethod
    def check(self, project: Project, config: Mapping[str, Any]) -> None:
        """Refuse a project that cannot run here, or an unknown option, before anything is made."""

    @abstractmethod
    def submit(self, run: ProjectRun) -> ProjectHandle:
        """Start the project and return at once, before its environment is built."""

    def options(self) -> Mapping[str, str]:
        """What `config` may hold: each option with a sentence about it."""
        return {}
