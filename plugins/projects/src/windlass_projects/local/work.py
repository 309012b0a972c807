"""LocalWork: runs the command of a project as a process of this machine."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from windlass.config import Settings
from windlass.errors import WindlassError
from windlass.interfaces import Activation
from windlass.plugins import Kind, PluginManager
from windlass.services.supervision.place import JobPlace
from windlass.services.supervision.work import ProjectWork, inherited_variables
from windlass_projects.environments.cache import Builder, EnvironmentCache
from windlass_projects.local.lock_recording import recording_lock
from windlass_projects.local.process_group import run_group

_GROUP = "group"


class LocalWork(ProjectWork):
    """Builds the environment and runs the command in it."""

    def run(self) -> bool:
        """Say whether the command succeeded."""
        job = self._assignment.job
        with self._activated() as activation:
            variables = _activate({**inherited_variables(), **job.variables}, activation)
            python = activation.programs[0] / "python"
            try:
                with recording_lock(python, job.run_id, self._assignment.say):
                    code = self._group(
                        (*activation.prefix, *job.command), directory=Path(job.directory), variables=variables
                    )
            except OSError as error:
                raise WindlassError(f"{job.command[0]} cannot be started: {error}") from None
        if code != 0:
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            self._assignment.say(f"the command {how}")
        return code == 0

    @classmethod
    def abandon(cls, place: JobPlace) -> None:
        """End the processes of the job."""
        file = place.directory / _GROUP
        with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError, PermissionError):
            os.killpg(int(file.read_text(encoding="ascii")), signal.SIGKILL)
        file.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _activated(self) -> Iterator[Activation]:
        """The environment, which nobody removes as long as it lasts; what is installed here for `local`."""
        job = self._assignment.job
        if job.environment.manager == "local":
            yield Activation(programs=(Path(sys.executable).parent,))
            return
        settings = Settings.load()
        manager = PluginManager(settings).load(Kind.ENVIRONMENT_MANAGER, job.environment.manager).open(settings)
        cache = EnvironmentCache(Path(job.home))
        builder = Builder(self._group, self._assignment.say, self._assignment.cancellation.sleep)
        with cache.using(manager, job.environment, Path(job.directory), builder) as activation:
            yield activation

    def _group(self, command: Sequence[str], *, directory: Path, variables: Mapping[str, str]) -> int:
        return run_group(
            command,
            directory=directory,
            variables=variables,
            output=self._assignment.output,
            cancellation=self._assignment.cancellation,
            grace=self._assignment.job.grace,
            owning=self._owning,
        )

    @contextlib.contextmanager
    def _owning(self, group: int) -> Iterator[None]:
        """While it lasts, it is written down which process group belongs to the job."""
        file = self._assignment.place.directory / _GROUP
        file.write_text(str(group), encoding="ascii")
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def _activate(variables: Mapping[str, str], activation: Activation) -> dict[str, str]:
    """The variables of a command in an environment."""
    kept = {name: value for name, value in variables.items() if name not in activation.without}
    programs = [*map(str, activation.programs), variables.get("PATH", "")]
    return {**kept, **activation.variables, "PATH": os.pathsep.join(programs)}
