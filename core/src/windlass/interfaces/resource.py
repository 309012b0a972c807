"""What holds connections, and gives them back at the end of a `with` block."""

from __future__ import annotations

from abc import ABC
from types import TracebackType
from typing import Self


class Resource(ABC):  # noqa: B024  the interfaces that derive from it say what must be implemented
    """Something to close; closing it again does nothing."""

    def close(self) -> None:  # noqa: B027  some have nothing to give back
        """Give back connections; calling it again does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
