"""UvEnvironmentManager: virtual environments made by uv, which fetches the Python that a project asks for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from windlass.config import Settings
from windlass.entities import ProjectEnvironment
from windlass.interfaces import Activation, BuildSite, EnvironmentManager
from windlass_projects.environments.conda_packages import refuse_conda_packages
from windlass_projects.environments.requirement_lines import requirement_arguments
from windlass_projects.environments.uv_program import uv_program
from windlass_projects.environments.virtual_environment import activate_virtual_environment
from windlass_projects.local.contents import is_installable


class UvEnvironmentManager(EnvironmentManager):
    """Environments made by uv."""

    def __init__(self, program: str) -> None:
        self._program = program

    @classmethod
    def open(cls, settings: Settings) -> Self:  # noqa: ARG003  nothing to configure
        """The uv that came with this distribution, or the one on PATH."""
        return cls(uv_program())

    def check(self, wanted: ProjectEnvironment) -> None:
        """Refuse packages of conda."""
        refuse_conda_packages(wanted, "uv")

    def identity(self, wanted: ProjectEnvironment) -> Sequence[str]:
        """The Python to use where the project does not say."""
        return () if wanted.python else (sys.executable,)

    def build(self, wanted: ProjectEnvironment, site: BuildSite) -> None:
        """Make the environment, and install what is wanted."""
        uv, place = self._program, site.place
        site.run(uv, "venv", "--quiet", "--python", wanted.python or sys.executable, str(place))
        inside = {"VIRTUAL_ENV": str(place), "UV_PROJECT_ENVIRONMENT": str(place)}
        if wanted.lock:
            # Exactly the lock, and no link to a project that may have been fetched for this run only.
            exact = ("sync", "--frozen", "--no-editable", "--no-dev")
            site.run(uv, *exact, "--python", str(place / "bin" / "python"), variables=inside)
            return
        if wanted.build_requirements:
            self._install(wanted.build_requirements, site, inside)
        if wanted.pyproject:
            what = ["."] if is_installable(site.project) else ["-r", "pyproject.toml"]
            site.run(uv, "pip", "install", *what, variables=inside)
        if wanted.requirements:
            self._install(wanted.requirements, site, inside)

    def activation(self, place: Path) -> Activation:
        """As activating it would."""
        return activate_virtual_environment(place)

    def _install(self, lines: Sequence[str], site: BuildSite, inside: dict[str, str]) -> None:
        files = requirement_arguments(lines, site.project, site.scratch)
        site.run(self._program, "pip", "install", *files, variables=inside)
