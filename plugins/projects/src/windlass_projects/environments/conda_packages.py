"""Conda packages: those that others than conda can install as well, and those that they cannot."""

from __future__ import annotations

import re

from windlass.entities import ProjectEnvironment
from windlass.errors import InvalidValue

_PACKAGE = re.compile(r"(?:[\w\-./:]+::)?([\w.\-]+)\s*(.*)")
_OF_ALL = frozenset({"pip", "python", "setuptools", "wheel"})


def package_name(text: str) -> str:
    """The name in a line such as `conda-forge::numpy=2.1`."""
    found = _PACKAGE.fullmatch(text.strip())
    return found[1].lower() if found else text


def package_version(text: str) -> str | None:
    """The version in such a line; None if it names none."""
    found = _PACKAGE.fullmatch(text.strip())
    return (found[2].lstrip("= ") or None) if found else None


def refuse_conda_packages(wanted: ProjectEnvironment, manager: str) -> None:
    """InvalidValue for what only conda can install."""
    for one in wanted.packages:
        if package_name(one) not in _OF_ALL:
            raise InvalidValue(
                "conda_env",
                one,
                f"is a package of conda, which {manager} cannot install",
                hint="list it below `pip:`, or use --env-manager conda, mamba or micromamba; --env-manager local runs "
                "with what is installed here",
            )
