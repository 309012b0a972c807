"""Tag: a note on an entity, which can be changed and deleted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tag:
    """A key with a text."""

    key: str
    value: str
