"""MemoryArtifactRepository: files in this process's memory."""

from __future__ import annotations

from typing import Any, Self

from fsspec.implementations.memory import MemoryFileSystem

from windlass.config import Settings
from windlass.uri import Uri
from windlass_fsspec.directories import DirectoryArtifactRepository

_ATTEMPTS = 100


class _SteadyMemory(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The file system in memory, of which one thread may list what another one removes."""

    def ls(self, path: str, detail: bool = True, **options: Any) -> Any:  # noqa: FBT001, FBT002  as fsspec has it
        """What is in a directory, looked at again if something went away meanwhile."""
        for _ in range(_ATTEMPTS):
            try:
                return super().ls(path, detail=detail, **options)
            except (KeyError, RuntimeError):
                continue
        return super().ls(path, detail=detail, **options)


class MemoryArtifactRepository(DirectoryArtifactRepository):
    """Files below `memory://PATH`, which all of this process share and which end with it."""

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below a path of the one file system in memory."""
        del settings
        return cls(_SteadyMemory(), f"/{uri.netloc}{uri.path}", name=str(uri))

    def replace(self, source: str, target: str) -> None:
        """Move a file into the place of another one."""
        if self.fs.isdir(target):
            raise IsADirectoryError(target)
        self.fs.makedirs(target.rpartition("/")[0], exist_ok=True)
        self.fs.store[target] = self.fs.store.pop(source)
