"""Files on their way into a directory: written under a hidden name, and moved into place when they are whole.

What a large file was when it was stored, its SHA-256, is noted in an extended attribute where the file system has
those, with size and time, so that a file that was changed since is not taken for what it was. Small ones are read.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from stat import S_ISREG
from typing import BinaryIO

from windlass.part_file import part_name
from windlass.services.hashed_writer import HashedWriter

_NOTE = "user.windlass.sha256"
_ATTEMPTS = 50
_PIECE = 1 << 20
_SMALL = 1 << 20
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class OpenFile:
    """A file that is open to be written, by its descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, data: bytes, /) -> None:
        """Write all of it: the system may take less at a time, when the disk is nearly full."""
        left = memoryview(data)
        while left.nbytes:
            left = left[os.write(self._descriptor, left) :]


@contextmanager
def durable_file(target: str) -> Iterator[HashedWriter]:
    """A file to write that stands at `target`, and on disk, when the block ends; if it raises nothing has happened."""
    part = beside(target)
    descriptor = _open(part)
    try:
        try:
            stream = HashedWriter(OpenFile(descriptor))
            yield stream
            _note(descriptor, stream.sha256)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(part, target)
    except BaseException:
        _remove(part)
        raise


def store(source: str, target: str) -> None:
    """Copy a file into its place."""
    with open(source, "rb", buffering=0) as stream, durable_file(target) as arrived:
        while piece := stream.read(_PIECE):
            arrived.write(piece)


def copy_hashing(source: BinaryIO, target: BinaryIO) -> str:
    """Copy what is left of a stream to another one; its SHA-256."""
    digest = hashlib.sha256()
    while piece := source.read(_PIECE):
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()


def store_small(files: Sequence[tuple[str, str]]) -> None:
    """Copy files into their places; all of them are on disk, by one call, before the first is to be seen."""
    with ExitStack() as undo:
        arrived = []
        for source, target in files:
            part = beside(target)
            descriptor = _open(part)
            undo.callback(_remove, part)
            try:
                with open(source, "rb", buffering=0) as stream:
                    copy = OpenFile(descriptor)
                    while piece := stream.read(_PIECE):
                        copy.write(piece)
            finally:
                os.close(descriptor)
            arrived.append((part, target))
        _flush([part for part, _ in arrived])
        for part, target in arrived:
            os.replace(part, target)
        undo.pop_all()


def is_small(path: str) -> bool:
    """Whether this is a file, and one of those of which many are stored at once."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return False
    return S_ISREG(found.st_mode) and found.st_size <= _SMALL


def sha256_of(path: str) -> str | None:
    """The SHA-256 of a small file, or what was noted of a large one, if it was and if the file is still the same."""
    try:
        found = os.stat(path)
        if found.st_size <= _SMALL:
            with open(path, "rb") as stream:
                return hashlib.sha256(stream.read()).hexdigest()
        digest, size, time = os.getxattr(path, _NOTE).decode().split(" ")
    except (OSError, ValueError, AttributeError):
        return None
    return digest if (size, time) == (str(found.st_size), str(found.st_mtime_ns)) else None


def beside(target: str) -> str:
    """A new hidden name in the directory of a file."""
    return f"{os.path.dirname(target)}/{part_name()}"


def _open(part: str) -> int:
    for _ in range(_ATTEMPTS):
        try:
            return os.open(part, _FLAGS, 0o666)
        except FileNotFoundError:
            # Deleting the last file nearby takes the directory away, maybe just now.
            with suppress(FileNotFoundError):
                os.makedirs(os.path.dirname(part), exist_ok=True)
    return os.open(part, _FLAGS, 0o666)


def _remove(part: str) -> None:
    with suppress(OSError):
        os.unlink(part)


def _note(descriptor: int, sha256: str) -> None:
    found = os.fstat(descriptor)
    if found.st_size > _SMALL:
        # Not every file system has extended attributes, nor every system the call.
        with suppress(OSError, AttributeError):
            os.setxattr(descriptor, _NOTE, f"{sha256} {found.st_size} {found.st_mtime_ns}".encode())


def _flush(paths: Sequence[str]) -> None:
    """Bring files of one file system to the disk, with one call where the system has it."""
    flush = _syncfs()
    if flush is not None and paths and _synced(paths[0], flush):
        return
    for path in paths:
        _synced(path, os.fsync)


def _synced(path: str, flush: Callable[[int], int | None]) -> bool:
    descriptor = os.open(path, os.O_RDWR)
    try:
        return not flush(descriptor)
    finally:
        os.close(descriptor)


@cache
def _syncfs() -> Callable[[int], int] | None:
    """The call that brings a whole file system to the disk, where the C library has it."""
    try:
        found: Callable[[int], int] | None = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    except (OSError, TypeError):
        return None
    return found
