"""VirtualenvEnvironmentManager: virtual environments of Python's own, filled by pip."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from windlass.config import Settings
from windlass.entities import ProjectEnvironment
from windlass.interfaces import Activation, BuildSite, EnvironmentManager
from windlass_projects.environments.conda_packages import refuse_conda_packages
from windlass_projects.environments.pip_installing import install_with_pip
from windlass_projects.environments.python_finding import find_python
from windlass_projects.environments.virtual_environment import activate_virtual_environment


class VirtualenvEnvironmentManager(EnvironmentManager):
    """Environments made by the module venv of the wanted Python, which must be on this machine."""

    @classmethod
    def open(cls, settings: Settings) -> Self:  # noqa: ARG003  nothing to configure
        """It needs no program but Python."""
        return cls()

    def check(self, wanted: ProjectEnvironment) -> None:
        """Refuse packages of conda, and versions of Python that are not here."""
        refuse_conda_packages(wanted, "virtualenv")
        find_python(wanted.python)

    def identity(self, wanted: ProjectEnvironment) -> Sequence[str]:
        """The interpreter."""
        return (find_python(wanted.python),)

    def build(self, wanted: ProjectEnvironment, site: BuildSite) -> None:
        """Make the environment, and let its pip install what is wanted."""
        site.run(find_python(wanted.python), "-I", "-m", "venv", str(site.place))
        install_with_pip(site.place / "bin" / "python", wanted, site)

    def activation(self, place: Path) -> Activation:
        """As activating it would."""
        return activate_virtual_environment(place)
