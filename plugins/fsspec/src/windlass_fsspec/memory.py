"""MemoryArtifactRepository: files in this process's memory."""

from __future__ import annotations

from typing import Self

from fsspec.implementations.memory import MemoryFileSystem

from windlass.config import Settings
from windlass.uri import Uri
from windlass_fsspec.repository import FsspecArtifactRepository


class MemoryArtifactRepository(FsspecArtifactRepository):
    """Files below `memory://PATH`, which all of this process share and which end with it."""

    has_directories = True

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below a path of the one file system in memory."""
        del settings
        return cls(MemoryFileSystem(), f"/{uri.netloc}{uri.path}", name=str(uri))

    def replace(self, source: str, target: str) -> None:
        """Move a file into the place of another one."""
        self.fs.store[target] = self.fs.store.pop(source)
