"""EnvironmentCache: environments of projects, one for each contents, kept for the next run."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from windlass.entities import ProjectEnvironment
from windlass.interfaces import Activation, BuildSite, EnvironmentManager
from windlass.interfaces.environment_manager import RunsCommands
from windlass_projects.environments.kept import KeptEnvironment
from windlass_projects.environments.lock import EnvironmentLock
from windlass_projects.local.contents import key_of

_OF_OTHERS = ("VIRTUAL_ENV", "PYTHONHOME", "CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT", "__PYVENV_LAUNCHER__")


@dataclass(frozen=True, slots=True)
class Builder:
    """What building needs of whoever wants the environment: to run commands, to tell people, and to pause.

    `run` and `pause` raise if somebody cancels.
    """

    run: RunsCommands
    say: Callable[[str], None]
    pause: Callable[[], None]


class EnvironmentCache:
    """The environments below a home."""

    def __init__(self, home: Path) -> None:
        self._root = home / "environments"

    @contextlib.contextmanager
    def using(
        self, manager: EnvironmentManager, wanted: ProjectEnvironment, directory: Path, builder: Builder
    ) -> Iterator[Activation]:
        """The environment for a project, built if nobody has, and not removed as long as this lasts."""
        key = key_of(wanted, directory, identity=manager.identity(wanted))
        kept, lock, wait = self._kept(key), self._lock(key), _Waiting(key, builder)
        built = False
        while True:
            with lock.shared(wait):
                if kept.is_ready:
                    if not built:
                        builder.say(f"using the environment {key}")
                    kept.touch()
                    yield manager.activation(kept.place)
                    return
            with lock.exclusive(wait):
                if not kept.is_ready:
                    builder.say(f"building the environment {key} with {wanted.manager}")
                    self._build(manager, wanted, directory, kept, builder)
                    built = True

    def all(self) -> list[KeptEnvironment]:
        """All environments that stand or were begun, those that were used last first."""
        if not self._root.is_dir():
            return []
        found = [KeptEnvironment(one) for one in self._root.iterdir() if one.is_dir() and not one.name.startswith(".")]
        return sorted(found, key=lambda one: one.used, reverse=True)

    def is_used(self, kept: KeptEnvironment) -> bool:
        """Whether a project runs in the environment, or somebody builds it."""
        with self._lock(kept.key).free() as free:
            return not free

    def remove(self, kept: KeptEnvironment, *, unused_since: int) -> bool:
        """Remove an environment; nothing happens if it was used after that moment, in epoch milliseconds."""
        with self._lock(kept.key).free() as free:
            if not free or kept.used > unused_since:
                return False
            # What it is not ready for any more, a process that is killed half-way cannot leave to be used.
            kept.forget()
            shutil.rmtree(kept.place, ignore_errors=True)
            return True

    def _build(
        self,
        manager: EnvironmentManager,
        wanted: ProjectEnvironment,
        directory: Path,
        kept: KeptEnvironment,
        builder: Builder,
    ) -> None:
        scratch = self._root / f".{kept.key}.scratch"
        for left in (kept.place, scratch):
            shutil.rmtree(left, ignore_errors=True)
        scratch.mkdir(parents=True)
        variables = {name: value for name, value in os.environ.items() if name not in _OF_OTHERS}
        site = BuildSite(
            place=kept.place, project=directory, scratch=scratch, run_command=builder.run, variables=variables
        )
        try:
            manager.build(wanted, site)
            kept.make_ready(wanted)
        except BaseException:
            shutil.rmtree(kept.place, ignore_errors=True)
            raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _kept(self, key: str) -> KeptEnvironment:
        return KeptEnvironment(self._root / key)

    def _lock(self, key: str) -> EnvironmentLock:
        return EnvironmentLock(self._root / f".{key}.lock")


class _Waiting:
    """Says once that somebody else has the environment, and pauses."""

    def __init__(self, key: str, builder: Builder) -> None:
        self._key = key
        self._builder = builder
        self._told = False

    def __call__(self) -> None:
        if not self._told:
            self._builder.say(f"waiting for another process that builds the environment {self._key}")
        self._told = True
        self._builder.pause()
