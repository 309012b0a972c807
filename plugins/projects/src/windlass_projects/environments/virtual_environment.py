"""Virtual environments: how a command runs in one."""

from __future__ import annotations

from pathlib import Path

from windlass.interfaces import Activation


def activate_virtual_environment(place: Path) -> Activation:
    """What its script `activate` would do."""
    return Activation(
        programs=(place / "bin",),
        variables={"VIRTUAL_ENV": str(place)},
        without=("PYTHONHOME", "CONDA_PREFIX", "CONDA_DEFAULT_ENV"),
    )
