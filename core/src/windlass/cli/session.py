"""The stores that this run of the program works on."""

from __future__ import annotations

from functools import cache

from windlass.config import Settings
from windlass.services.workspace import Workspace


def workspace() -> Workspace:
    """The workspace of the settings in force, opened once."""
    return _open(Settings.load())


@cache
def _open(settings: Settings) -> Workspace:
    return Workspace.open(settings)
