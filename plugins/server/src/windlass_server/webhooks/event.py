"""Event: something that happened, as webhooks tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from windlass.errors import InvalidValue

KINDS: Mapping[str, tuple[str, ...]] = {
    "experiment": ("created", "updated", "deleted", "restored", "purged"),
    "run": ("created", "finished", "deleted", "restored", "purged"),
    "registered_model": ("created", "updated", "deleted"),
    "model_version": ("created", "updated", "transitioned", "deleted"),
    "model_version_tag": ("set", "deleted"),
    "model_version_alias": ("created", "deleted"),
    "deployment": ("created", "updated", "deleted", "failed"),
}
"""What may happen to what."""


@dataclass(frozen=True, slots=True)
class EventKind:
    """What a webhook may wait for."""

    entity: str
    action: str

    @classmethod
    def parse(cls, entity: str, action: str) -> EventKind:
        """The kind that two words name, in any case; InvalidValue if nothing of the kind ever happens."""
        kind = cls(entity.lower(), action.lower())
        if kind.entity not in KINDS:
            raise InvalidValue("entity", entity, "is not known", limit=", ".join(KINDS))
        if kind.action not in KINDS[kind.entity]:
            raise InvalidValue(
                "action", action, f"is nothing that happens to a {kind.entity}", limit=", ".join(KINDS[kind.entity])
            )
        return kind

    def __str__(self) -> str:
        return f"{self.entity}.{self.action}"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `data` has the changed thing's own fields, as JSON."""

    kind: EventKind
    data: Mapping[str, Any] = field(default_factory=dict)
