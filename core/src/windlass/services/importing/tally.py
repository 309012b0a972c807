"""Tally: how many things of a kind there are, and a checksum of them that does not depend on their order."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_MODULUS = 2**256


class Moved(StrEnum):
    """The kinds of things that are moved."""

    EXPERIMENTS = "experiments"
    LOGGED_MODELS = "logged models"
    RUNS = "runs"
    POINTS = "metric points"
    MODELS = "registered models"
    VERSIONS = "model versions"
    RECORDS = "records"


@dataclass(slots=True)
class Tally:
    """Counts things and adds up their digests."""

    count: int = 0
    total: int = 0

    def add(self, text: str) -> None:
        """Take one thing in, in its canonical form."""
        self.count += 1
        self.total = (self.total + int.from_bytes(hashlib.sha256(text.encode()).digest())) % _MODULUS

    def include(self, other: Tally) -> None:
        """Take in what another one has."""
        self.count += other.count
        self.total = (self.total + other.total) % _MODULUS

    @property
    def checksum(self) -> str:
        """The checksum of all that was taken in, 64 hex digits."""
        return f"{self.total:064x}"


def canonical(value: Any) -> str:
    """The value as the one JSON text that all equal values have; two zeros differ, and NaN equals itself."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
