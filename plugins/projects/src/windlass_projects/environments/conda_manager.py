"""CondaEnvironmentManager: environments made by conda, mamba or micromamba, whose pip installs the rest."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Self

from windlass.config import Settings
from windlass.entities import ProjectEnvironment
from windlass.errors import InvalidValue
from windlass.interfaces import Activation, BuildSite, EnvironmentManager
from windlass_projects.environments.conda_packages import package_name
from windlass_projects.environments.conda_program import find_conda_program
from windlass_projects.environments.pip_installing import install_with_pip, needs_pip

_NO_DEFAULTS = "nodefaults"
# What packages run when an environment is activated; the command takes the shell's place after that.
_ACTIVATE = 'for one in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do [ ! -r "$one" ] || . "$one"; done; exec "$@"'


class CondaEnvironmentManager(EnvironmentManager):
    """Environments made by the program conda."""

    name: ClassVar[str] = "conda"
    usual_channels: ClassVar[tuple[str, ...]] = ()

    def __init__(self, program: str) -> None:
        self._program = program

    @classmethod
    def open(cls, settings: Settings) -> Self:  # noqa: ARG003  its program has configuration of its own
        """The program that variables name, or that is on PATH."""
        return cls(find_conda_program(cls.name))

    def check(self, wanted: ProjectEnvironment) -> None:
        """Refuse what the program would take for options."""
        for one in (*wanted.packages, *wanted.channels):
            if one.startswith("-"):
                raise InvalidValue("conda_env", one, "is no name of a package or a channel")

    def identity(self, wanted: ProjectEnvironment) -> Sequence[str]:
        """The version of Python where the project does not say."""
        return tuple(_specs(wanted))

    def build(self, wanted: ProjectEnvironment, site: BuildSite) -> None:
        """Make the environment with conda's packages, and let its pip install the rest."""
        channels = [_absolute(one, site.project) for one in wanted.channels if one != _NO_DEFAULTS]
        options = [word for one in channels or self.usual_channels for word in ("--channel", one)]
        if _NO_DEFAULTS in wanted.channels:
            options.append("--override-channels")
        site.run(self._program, "create", "--yes", "--prefix", str(site.place), *options, *_specs(wanted))
        if needs_pip(wanted):
            install_with_pip(site.place / "bin" / "python", wanted, site)

    def activation(self, place: Path) -> Activation:
        """As activating it would, with the scripts that packages have for that."""
        scripts = any((place / "etc" / "conda" / "activate.d").glob("*.sh"))
        return Activation(
            programs=(place / "bin",),
            variables={"CONDA_PREFIX": str(place), "CONDA_DEFAULT_ENV": str(place), "CONDA_SHLVL": "1"},
            without=("PYTHONHOME", "VIRTUAL_ENV"),
            prefix=("bash", "-c", _ACTIVATE, "activate") if scripts else (),
        )


class MambaEnvironmentManager(CondaEnvironmentManager):
    """Environments made by the program mamba."""

    name = "mamba"


class MicromambaEnvironmentManager(CondaEnvironmentManager):
    """Environments made by the program micromamba, which knows no channel unless told."""

    name = "micromamba"
    usual_channels = ("conda-forge",)


def _specs(wanted: ProjectEnvironment) -> Iterator[str]:
    """What conda is to install: what the project names, and a Python with pip for all else."""
    names = {package_name(one) for one in wanted.packages}
    yield from wanted.packages
    if "python" not in names:
        version = wanted.python or ".".join(platform.python_version_tuple()[:2])
        yield f"python={version}" if version[0].isdigit() else f"python{version}"
    if "pip" not in names and needs_pip(wanted):
        yield "pip"


def _absolute(channel: str, directory: Path) -> str:
    """A channel that is a directory of the project, as a URL."""
    return (directory / channel).resolve().as_uri() if channel.startswith(".") else channel
