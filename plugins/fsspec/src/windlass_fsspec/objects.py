"""ObjectArtifactRepository: files as the objects of a bucket."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from windlass.errors import InvalidValue
from windlass_fsspec.bucket import BucketFileSystem
from windlass_fsspec.repository import FsspecArtifactRepository, TranslatedStream

_READ_AHEAD = 1 << 20


class ObjectArtifactRepository(FsspecArtifactRepository):
    """Files below a prefix in a bucket; an object appears when it is complete, so nothing is moved into place."""

    fs: BucketFileSystem

    def __init__(self, fs: BucketFileSystem, root: str, *, name: str) -> None:
        super().__init__(fs, root, name=name)

    def put_file(self, source: Path, path: str) -> None:
        """Store the local file."""
        if not path:
            raise InvalidValue("path", path, "is a directory, so no file can be stored there")
        super().put_file(source, path)

    def read(self, path: str) -> BinaryIO:
        """A stream of the file's bytes: one request, however much is read."""
        with self.translating(path):
            body = self.fs.body(self._full(path))
        return io.BufferedReader(TranslatedStream(body, self, path), _READ_AHEAD)

    def fetch(self, path: str, part: Path) -> None:
        """Fetch the file without asking first whether it is one."""
        self.fs.get_file(self._full(path), str(part))

    def delete(self, path: str) -> None:
        """Remove a file, or a directory with all below it, many objects at a time."""
        with self.translating(path):
            place = self._full(path)
            if path and self._is_object(place):
                self.fs.rm_file(place)
            else:
                below = self.fs.find(place)
                self.fs.rm_files([*below, f"{place}/"] if path and below else [*below])

    def close(self) -> None:
        """Give back connections."""
        self.fs.close()

    def _is_object(self, place: str) -> bool:
        try:
            self.fs.size(place)
        except FileNotFoundError:
            return False
        return True
