"""DirectoryArtifactRepository: files on storage that has real directories."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from windlass.entities import FileInfo
from windlass.interfaces import ArtifactRepository, FileWriter
from windlass.part_file import is_part
from windlass.services.hashed_writer import HashedWriter
from windlass_fsspec.repository import FsspecArtifactRepository

_AT_ONCE = 8


class DirectoryArtifactRepository(FsspecArtifactRepository):
    """Files in the directories of a file system that renames: a file server, HDFS.

    It walks through directories by itself: the `find` of fsspec leaves out in silence what it could not list.
    """

    has_directories = True

    def tree(self, path: str = "") -> Sequence[FileInfo]:
        """Every file below the directory, in as many listings as there are directories."""
        return walk(self, path)

    @contextmanager
    def write(self, path: str) -> Iterator[FileWriter]:
        """A stream to a hidden file, which is moved into place when the block ends."""
        with self.translating(path), self._arriving(path) as part, self.fs.open(part, "wb") as stream:
            yield HashedWriter(stream)

    def leftovers(self, seconds: int) -> Iterator[FileInfo]:
        """What uploads left at the root that broke off; the storage's clock says when."""
        before = time.time() - seconds
        with self.translating(""), suppress(FileNotFoundError):
            for one in self.fs.ls(self._full(""), detail=True):
                info = self._info(one)
                if is_part(info.path) and not info.is_dir and self._written(one) < before:
                    yield info

    def drop_leftover(self, path: str) -> None:
        """Remove one of them."""
        if is_part(path):
            with self.translating(path):
                self._remove(self._full(path))

    def _written(self, entry: dict[str, Any]) -> float:
        """When a file was written to, in seconds since 1970."""
        return float(entry["mtime"])

    def _delete_below(self, path: str) -> None:
        place = self._full(path)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            self._empty(place, pool)
        if path:
            self._remove_directory(place)

    def _empty(self, place: str, pool: ThreadPoolExecutor) -> None:
        entries = self.fs.ls(place, detail=True)
        directories = [one["name"] for one in entries if one["type"] == "directory"]
        list(pool.map(self._remove, [one["name"] for one in entries if one["type"] != "directory"]))
        for name in directories:
            self._empty(name, pool)
            self._remove_directory(name)

    def _remove_directory(self, place: str) -> None:
        # Somebody else may remove it at the same time.
        with suppress(FileNotFoundError):
            self.fs.rmdir(place)


def walk(repository: ArtifactRepository, path: str) -> Sequence[FileInfo]:
    """Every file below a directory, by listing one directory after the other."""
    found: list[FileInfo] = []
    waiting = [path]
    while waiting:
        inside = repository.list(waiting.pop())
        found += (one for one in inside if not one.is_dir)
        waiting += (one.path for one in inside if one.is_dir)
    return sorted(found)
