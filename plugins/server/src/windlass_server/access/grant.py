"""Grant: a permission of an account or a group."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from windlass_server.access.permission import Permission
from windlass_server.access.resource import Pattern, ResourceType

Holder = tuple[str, str | int]
"""Who has a grant: ("user", its id) or ("group", its id)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a holder may do with the resources of a pattern."""

    id: int
    holder: Holder
    pattern: Pattern
    permission: Permission

    @property
    def key(self) -> str:
        """The same for the same holder and pattern, so that there is one grant for both."""
        parts = [*self.holder, self.pattern.type.value, self.pattern.text, self.pattern.exact]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def record(self) -> dict[str, Any]:
        """What is kept of it."""
        return {
            "id": self.id,
            "holder": list(self.holder),
            "type": self.pattern.type.value,
            "text": self.pattern.text,
            "exact": self.pattern.exact,
            "permission": self.permission.name,
        }

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Grant:
        """The grant that was kept."""
        kind, number = value["holder"]
        pattern = Pattern(ResourceType(value["type"]), value["text"], value["exact"])
        return cls(value["id"], (kind, number), pattern, Permission[value["permission"]])
