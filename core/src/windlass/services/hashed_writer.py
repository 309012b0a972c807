"""HashedWriter: what is written somewhere is hashed on the way."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol


class Target(Protocol):
    """Whatever takes bytes, all that it is given."""

    def write(self, data: bytes, /) -> Any:
        """Take them."""
        ...


class HashedWriter:
    """A `FileWriter` in front of a target that knows no digests."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._hash = hashlib.sha256()

    def write(self, data: bytes, /) -> int:
        """Write all of it; the number of bytes."""
        self._hash.update(data)
        self._target.write(data)
        return len(data)

    @property
    def sha256(self) -> str:
        """The SHA-256 of what has been written, as 64 hex digits."""
        return self._hash.hexdigest()
