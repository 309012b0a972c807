"""Uploads in parts to a local directory.

An upload is a hidden directory: every part but the last is written to its place in one file, whatever the order in
which they come, and the last one, which alone may be shorter, to a file of its own, which is appended in the end. Of
each part a file named by its number tells that it is there: it holds the part's size and its SHA-256.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from windlass.builtin.local_files import OpenFile
from windlass.errors import InvalidValue, NotFound
from windlass.part_file import part_name
from windlass.services.hashed_writer import HashedWriter

LEAST_PART, MOST_PARTS = 1, 100_000
_PIECE = 1 << 20
_ID = re.compile(r"[0-9a-f]{32}-[1-9][0-9]{0,5}", re.ASCII)
_DATA, _LAST, _SIZE = "data", "last", "size"


class LocalUpload:
    """One upload below a directory."""

    def __init__(self, root: str, upload_id: str) -> None:
        if not _ID.fullmatch(upload_id):
            raise _unknown(upload_id)
        token, _, count = upload_id.partition("-")
        self._id = upload_id
        self._count = int(count)
        self.place = f"{root}/{part_name(token)}"

    @classmethod
    def begin(cls, root: str, count: int) -> str:
        """The id of a new upload."""
        if not 1 <= count <= MOST_PARTS:
            raise InvalidValue("num_parts", count, "is out of range", limit=f"1 … {MOST_PARTS}")
        upload_id = f"{os.urandom(16).hex()}-{count}"
        os.makedirs(cls(root, upload_id).place)
        return upload_id

    def put(self, number: int, data: bytes) -> str:
        """Store a part; its mark is its SHA-256."""
        with self.part(number, len(data)) as stream:
            stream.write(data)
        return stream.sha256

    @contextmanager
    def part(self, number: int, size: int) -> Iterator[HashedWriter]:
        """A stream to write a part of so many bytes to, which counts when the block ends."""
        if not 1 <= number <= self._count:
            raise InvalidValue("part_number", number, "is out of range", limit=f"1 … {self._count}")
        self._check_there()
        is_last = number == self._count
        if not is_last:
            self._check_size(number, size)
        descriptor = os.open(f"{self.place}/{_LAST if is_last else _DATA}", os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            os.lseek(descriptor, 0 if is_last else (number - 1) * size, os.SEEK_SET)
            room = _Room(OpenFile(descriptor), size)
            stream = HashedWriter(room)
            yield stream
            if is_last:
                # It may have been longer when it came before.
                os.ftruncate(descriptor, size)
        finally:
            os.close(descriptor)
        room.check_full()
        with open(f"{self.place}/{number}", "w", encoding="ascii") as mark:
            mark.write(f"{size} {stream.sha256}")

    def complete(self, marks: Mapping[int, str], target: str) -> None:
        """Put the parts together at their place."""
        self._check_there()
        size = self._check(marks)
        data = f"{self.place}/{_DATA}"
        with open(f"{self.place}/{_LAST}", "rb") as last, open(data, "ab") as whole:
            whole.truncate((self._count - 1) * size)
            shutil.copyfileobj(last, whole, _PIECE)
            whole.flush()
            os.fsync(whole.fileno())
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.replace(data, target)
        self.abort()

    def abort(self) -> None:
        """Throw it away."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self.place)

    def _check_there(self) -> None:
        if not os.path.isdir(self.place):
            raise _unknown(self._id)

    def _check_size(self, number: int, size: int) -> None:
        """The first part says how large all but the last are: a smaller one would be written over another."""
        new = f"{self.place}/{_SIZE}-{number}"
        with open(new, "w", encoding="ascii") as stream:
            stream.write(str(size))
        with suppress(FileExistsError):
            os.link(new, f"{self.place}/{_SIZE}")
        os.unlink(new)
        with open(f"{self.place}/{_SIZE}", encoding="ascii") as stream:
            expected = int(stream.read())
        if size != expected:
            raise InvalidValue("part", f"{size} bytes", "all parts but the last must be of one size", limit=expected)

    def _check(self, marks: Mapping[int, str]) -> int:
        """The size of all parts but the last, once all of them are there as the marks say."""
        sizes = []
        for number in range(1, self._count + 1):
            size, _, digest = self._mark(number).partition(" ")
            if not size or marks.get(number) != digest:
                raise InvalidValue("parts", number, "is missing, or is not the part that was stored")
            sizes.append(int(size))
        return sizes[0] if self._count > 1 else 0

    def _mark(self, number: int) -> str:
        try:
            with open(f"{self.place}/{number}", encoding="ascii") as mark:
                return mark.read()
        except FileNotFoundError:
            return ""


class _Room:
    """The place of a part between two others."""

    def __init__(self, file: OpenFile, size: int) -> None:
        self._file, self._size, self._written = file, size, 0

    def write(self, data: bytes, /) -> None:
        """Write all of it, unless it would not fit."""
        self._written += len(data)
        if self._written > self._size:
            self.check_full()
        self._file.write(data)

    def check_full(self) -> None:
        """InvalidValue unless exactly the size has been written."""
        if self._written != self._size:
            problem = "is not as long as it was said to be"
            raise InvalidValue("part", f"{self._written} bytes", problem, limit=f"{self._size} bytes")


def _unknown(upload_id: str) -> NotFound:
    return NotFound(f"there is no upload {upload_id!r}", hint="it may have been completed or aborted")
