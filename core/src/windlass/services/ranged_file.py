"""RangedFile: a file far away that can be read from any position."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from windlass.interfaces import ArtifactRepository
from windlass.interfaces.artifact_abilities import ReadsRanges

_AHEAD = 4 << 20


class RangedFile(io.RawIOBase):
    """The bytes of a file whose repository reads ranges; what nobody asks for is not fetched."""

    def __init__(self, source: ReadsRanges, path: str, size: int) -> None:
        super().__init__()
        self._source = source
        self._path = path
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """The position of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position, counted from the beginning, from here or from the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from here, as far as the file goes."""
        end = min(self._position + len(buffer), self._size)
        if end <= self._position:
            return 0
        piece = self._source.read_range(self._path, self._position, end)
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


def open_file(repository: ArtifactRepository, path: str) -> BinaryIO:
    """A stream of a file's bytes, which can be sought in where the repository allows it; NotFound if there is none."""
    if repository.is_local or not isinstance(repository, ReadsRanges):
        return repository.read(path)
    size = repository.stat(path).file_size
    if size is None:
        return repository.read(path)
    return io.BufferedReader(RangedFile(repository, path, size), _AHEAD)
