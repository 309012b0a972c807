"""Blobs: the contents that several files of a repository share, and who is working with them.

A collector may remove a blob while a writer is about to point to it. So that no file is ever lost, a writer notes its
intent before it looks for marks, and a collector sets its mark before it looks for intents: one of them sees the other.
A writer that sees a mark keeps a copy of its own; a collector that sees an intent, or a pointer, leaves the blob alone.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from windlass.entities import FileInfo
from windlass.errors import NotFound
from windlass.interfaces import ArtifactRepository
from windlass.services.identity import now_ms
from windlass.services.transfers import walk

DIRECTORY = ".windlass-blobs"
"""Where all of it is, below the root of the repository; nobody is shown what is in it."""
_INTENTS, _MARKS, _CONTENT = f"{DIRECTORY}/intents", f"{DIRECTORY}/marks", f"{DIRECTORY}/sha256"


class Blobs:
    """The blobs below the root of a repository."""

    def __init__(self, store: ArtifactRepository) -> None:
        self.store = store

    def path(self, sha256: str) -> str:
        """Where a blob is."""
        return f"{_CONTENT}/{sha256[:2]}/{sha256}"

    def has(self, sha256: str) -> bool:
        """Whether there is such a blob."""
        try:
            return not self.store.stat(self.path(sha256)).is_dir
        except NotFound:
            return False

    def exist(self) -> bool:
        """Whether any blob was ever stored here."""
        return bool(self.store.list(DIRECTORY))

    def all(self) -> Iterator[FileInfo]:
        """Every blob; the last part of the path is its SHA-256."""
        yield from walk(self.store, _CONTENT)

    @contextmanager
    def intent(self, sha256: str) -> Iterator[None]:
        """Let collectors know for the time of the block that somebody is about to point to a blob."""
        path = f"{_INTENTS}/{sha256}-{_token()}"
        self.put(path, b"")
        try:
            yield
        finally:
            self.store.delete(path)

    @contextmanager
    def mark(self, sha256s: list[str]) -> Iterator[None]:
        """Let writers know for the time of the block that these blobs may go."""
        token, marked = _token(), []
        try:
            for one in sha256s:
                marked.append(f"{_MARKS}/{one}/{token}")
                self.put(marked[-1], b"")
            yield
        finally:
            for path in marked:
                self.store.delete(path)

    def is_marked(self, sha256: str) -> bool:
        """Whether a collector may be about to remove a blob."""
        return bool(self.store.list(f"{_MARKS}/{sha256}"))

    def intended(self) -> set[str]:
        """The blobs that somebody is about to point to."""
        return {one.path.rpartition("/")[2].partition("-")[0] for one in self.store.list(_INTENTS)}

    def drop_stale(self, *, intents_before: int, marks_before: int) -> None:
        """Remove what writers and collectors left that died before these times, in epoch ms."""
        for directory, before in ((_INTENTS, intents_before), (_MARKS, marks_before)):
            for info in list(walk(self.store, directory)):
                if _time(info.path) < before:
                    self.store.delete(info.path)

    def put(self, path: str, content: bytes) -> None:
        """Store a few bytes."""
        with tempfile.TemporaryDirectory(prefix="windlass-") as directory:
            source = Path(directory) / "content"
            source.write_bytes(content)
            self.store.put_file(source, path)


def is_inside(path: str) -> bool:
    """Whether a path below the root of a repository is one of those that nobody is shown."""
    return path == DIRECTORY or path.startswith(f"{DIRECTORY}/")


def _token() -> str:
    return f"{now_ms()}-{secrets.token_hex(8)}"


def _time(path: str) -> int:
    """When a note was made, in epoch ms."""
    return int(path.split("-")[-2].rpartition("/")[2])
