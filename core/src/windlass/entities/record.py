"""Record: a small document that the platform itself remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """A JSON object under a key of a collection; `revision` counts its changes, from 1."""

    collection: str
    key: str
    value: Mapping[str, Any] = field(default_factory=dict)
    revision: int = 1
