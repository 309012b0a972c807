"""HashedStream: a file of a file system that is hashed while it is written."""

from __future__ import annotations

import hashlib
from typing import Any


class HashedStream:
    """What is written goes to `target`."""

    def __init__(self, target: Any) -> None:
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
