"""LocalWork: runs the command of a project as a process of this machine."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from windlass.config import Settings
from windlass.errors import WindlassError
from windlass.interfaces import Activation
from windlass.plugins import Kind, PluginManager
from windlass.services.supervision.place import JobPlace
from windlass.services.supervision.process_group import abandon_group, how_it_ended, run_group
from windlass.services.supervision.work import ProjectWork, inherited_variables
from windlass_projects.environments.cache import Builder, EnvironmentCache
from windlass_projects.local.lock_recording import recording_lock


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
            self._assignment.say(f"the command {how_it_ended(code)}")
        return code == 0

    @classmethod
    def abandon(cls, place: JobPlace) -> None:
        """End the processes of the job."""
        abandon_group(place)

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
        return run_group(self._assignment, command, directory=directory, variables=variables)


def _activate(variables: Mapping[str, str], activation: Activation) -> dict[str, str]:
    """The variables of a command in an environment."""
    kept = {name: value for name, value in variables.items() if name not in activation.without}
    programs = [*map(str, activation.programs), variables.get("PATH", "")]
    return {**kept, **activation.variables, "PATH": os.pathsep.join(programs)}
