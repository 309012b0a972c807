"""Group: accounts that have permissions together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Group:
    """A group; its members know that they are in it. MLflow's clients call it a role."""

    id: int
    name: str
    description: str = ""

    def record(self) -> dict[str, Any]:
        """What is kept of it."""
        return asdict(self)

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Group:
        """The group that was kept."""
        return cls(**value)
