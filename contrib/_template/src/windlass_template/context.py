"""The machine that a run runs on."""

from __future__ import annotations

import platform
from collections.abc import Mapping

from windlass.interfaces import RunContext


class MachineContext(RunContext):
    """Tags every run with the name and the architecture of its machine."""

    def tags(self) -> Mapping[str, str]:
        """The tags `machine.name` and `machine.architecture`, each left out if the system does not know it."""
        known = {"machine.name": platform.node(), "machine.architecture": platform.machine()}
        return {key: value for key, value in known.items() if value}
