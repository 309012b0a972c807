"""What uploads that broke off leave behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from windlass.entities import FileInfo


@runtime_checkable
class FindsLeftovers(Protocol):
    """An artifact repository that knows what uploads left in it which broke off, and which no listing shows."""

    def leftovers(self, seconds: int) -> Iterable[FileInfo]:
        """What nobody has written to for so many seconds, with its bytes; the paths are for `drop_leftover`."""
        ...

    def drop_leftover(self, path: str) -> None:
        """Remove one of them; nothing happens if it is gone."""
        ...
