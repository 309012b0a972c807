"""EnvironmentLock: many may use an environment at the same time, one may build or remove it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class EnvironmentLock:
    """A lock between processes; the system gives it back when its owner ends, however that happens.

    `waiting` is called again and again while somebody else has it, and may raise.
    """

    file: Path

    @contextlib.contextmanager
    def shared(self, waiting: Callable[[], None]) -> Iterator[None]:
        """While it lasts, nobody builds or removes the environment."""
        with self._open() as stream:
            while not _lock(stream, exclusive=False):
                waiting()
            yield

    @contextlib.contextmanager
    def exclusive(self, waiting: Callable[[], None]) -> Iterator[None]:
        """While it lasts, nobody uses, builds or removes the environment."""
        with self._open() as stream:
            while not _lock(stream, exclusive=True):
                waiting()
            yield

    @contextlib.contextmanager
    def free(self) -> Iterator[bool]:
        """Whether nobody has it; if so, nobody gets it while this lasts."""
        with self._open() as stream:
            yield _lock(stream, exclusive=True)

    def _open(self) -> IO[str]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        return self.file.open("a", encoding="utf-8")


def _lock(stream: IO[str], *, exclusive: bool) -> bool:
    import fcntl  # noqa: PLC0415  Windows has none, and there the import of this module must not fail

    try:
        fcntl.flock(stream, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
