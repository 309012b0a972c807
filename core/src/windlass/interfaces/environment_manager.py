"""Who installs what a project needs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from windlass.config import Settings
from windlass.entities import ProjectEnvironment
from windlass.errors import BuildFailed


class RunsCommands(Protocol):
    """Runs a command of an installer, which ends if somebody cancels."""

    def __call__(self, command: Sequence[str], *, directory: Path, variables: Mapping[str, str]) -> int:
        """The exit code; `variables` are all that the command sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSite:
    """Where an environment is built: `place` does not exist yet, `project` is what relative paths start from.

    `scratch` is a directory that goes when the environment stands.
    """

    place: Path
    project: Path
    scratch: Path
    run_command: RunsCommands
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, *command: str, variables: Mapping[str, str] | None = None) -> None:
        """Run a command in the project's directory and show what it prints; BuildFailed if it does not succeed."""
        code = self.run_command(command, directory=self.project, variables={**self.variables, **(variables or {})})
        if code != 0:
            shown = " ".join((Path(command[0]).name, *[word for word in command[1:] if word.isalpha()][:2]))
            raise BuildFailed(f"the environment could not be built: `{shown}` ended with exit code {code}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """How to run a command in an environment.

    `programs` come first on PATH, `variables` are set, those in `without` are not there, and the words of `prefix`
    come before the command.
    """

    programs: tuple[Path, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()


class EnvironmentManager(ABC):
    """Makes environments for projects, each in a directory of its own.

    Whoever uses it keeps environments for the next run with equal contents, sees to it that one process builds each,
    and removes what a failed or killed build has left. The methods may be called in different processes.
    """

    @classmethod
    @abstractmethod
    def open(cls, settings: Settings) -> Self:
        """The manager; MissingDependency, with what to install, if its program is not here."""

    @abstractmethod
    def check(self, wanted: ProjectEnvironment) -> None:
        """Refuse, with InvalidValue, what this manager cannot install, before anything is made."""

    @abstractmethod
    def identity(self, wanted: ProjectEnvironment) -> Sequence[str]:
        """What, besides the contents of the project's files, makes environments differ: an interpreter, a channel."""

    @abstractmethod
    def build(self, wanted: ProjectEnvironment, site: BuildSite) -> None:
        """Make the environment in the directory `site.place`; BuildFailed if that is impossible."""

    @abstractmethod
    def activation(self, place: Path) -> Activation:
        """How to run a command in an environment that stands."""
