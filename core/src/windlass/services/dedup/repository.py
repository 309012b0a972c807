"""DedupRepository: a repository that keeps equal files once."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, NoReturn, Self, TypeVar

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import InvalidValue, NotFound, Unavailable, Unsupported
from windlass.interfaces import ArtifactRepository, KnowsDigests, ReadsRanges, StoresMany
from windlass.interfaces.artifact_abilities import FindsLeftovers
from windlass.services.dedup.blobs import Blobs, is_inside
from windlass.services.dedup.file_pointer import LENGTH, FilePointer
from windlass.services.transfers import check_digest, walk
from windlass.uri import Uri

T = TypeVar("T")
LEAST = 4096
"""Smaller files are kept as they are: sharing them would cost more than it saves."""
_ATTEMPTS = 3
_AT_ONCE = 8
_INTENT_LASTS = 6 * 24 * 3600
"""Seconds; collectors respect an intent a day longer."""


class DedupRepository(ArtifactRepository):
    """The files below `prefix` of another repository, in which pointers stand for contents that are kept once.

    Files that are no pointers are read as they are. With `sharing` off, what is stored is kept as it is as well. A
    pointer leads to a blob below the root of the other repository, see `Blobs`.
    """

    def __init__(self, store: ArtifactRepository, prefix: str = "", *, sharing: bool = True) -> None:
        self._store = store
        self._blobs = Blobs(store)
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._sharing = sharing

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """It is made over an open repository, never by a URI."""
        del settings
        raise Unsupported(f"{uri} is no place for files", hint="turn WINDLASS_ARTIFACTS_DEDUP on instead")

    @property
    def store(self) -> ArtifactRepository:
        """The other repository, with pointers and blobs as they are."""
        return self._store

    def put_file(self, source: Path, path: str) -> None:
        """Store the local file `source` as `path`."""
        if not source.is_file():
            raise NotFound(f"there is no file {str(source)!r}")
        full = self._full(path)
        if self._is_plain(source):
            self._store.put_file(source, full)
        else:
            self._share(source, full)

    def put_files(self, files: Sequence[tuple[Path, str]]) -> None:
        """Store many files."""
        plain = [(source, self._full(path)) for source, path in files if source.is_file() and self._is_plain(source)]
        done = {path for _, path in plain}
        if isinstance(self._store, StoresMany):
            self._store.put_files(plain)
        else:
            for source, full in plain:
                self._store.put_file(source, full)
        for source, path in files:
            if self._full(path) not in done:
                self.put_file(source, path)

    def get_file(self, path: str, destination: Path) -> None:
        """Fetch `path`; Corrupted if its content is not what was stored."""

        def get(place: str, pointer: FilePointer | None) -> None:
            self._store.get_file(place, destination)
            if pointer is not None:
                try:
                    check_digest(destination, pointer.sha256, path)
                except BaseException:
                    destination.unlink(missing_ok=True)
                    raise

        self._at_content(path, get)

    def read(self, path: str) -> BinaryIO:
        """A stream of the file's bytes."""
        return self._at_content(path, lambda place, _: self._store.read(place))

    def read_range(self, path: str, start: int, end: int) -> bytes:
        """A part of the file."""
        return self._at_content(path, lambda place, _: self._range(place, start, end))

    def list(self, path: str = "") -> list[FileInfo]:
        """What is directly inside the directory, with the sizes of the contents."""
        full = self._full(path)
        if is_inside(full):
            return []
        found = [info for info in self._store.list(full) if not is_inside(info.path)]
        if sum(info.file_size == LENGTH for info in found) <= 1:
            return [self._shown(info) for info in found]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self._shown, found))

    def tree(self, path: str = "") -> Iterator[FileInfo]:
        """Every file below the directory."""
        full = self._full(path)
        if full:
            found = () if is_inside(full) else walk(self._store, full)
            yield from (self._shown(info) for info in found)
            return
        for info in self.list():
            if info.is_dir:
                yield from self.tree(info.path)
            else:
                yield info

    def stat(self, path: str) -> FileInfo:
        """The file or directory at `path`, with the size of its content."""
        full = self._full(path)
        if is_inside(full):
            self._missing(path)
        found = self._store.stat(full)
        return FileInfo(path, found.is_dir, self._size(full, found.file_size))

    def sha256(self, path: str) -> str | None:
        """The digest of the content, as far as it is known."""
        full = self._full(path)
        if (pointer := self._pointer(full)) is not None:
            return pointer.sha256
        return self._store.sha256(full) if isinstance(self._store, KnowsDigests) else None

    def delete(self, path: str) -> None:
        """Remove a file, or a directory with all below it; contents stay until they are collected."""
        full = self._full(path)
        if full and not is_inside(full):
            self._store.delete(full)
        elif not full:
            for info in self.list():
                self._store.delete(info.path)

    def leftovers(self, seconds: int) -> Iterable[FileInfo]:
        """What uploads left that broke off."""
        found = self._store.leftovers(seconds) if isinstance(self._store, FindsLeftovers) else ()
        for info in found:
            if info.path.startswith(self._prefix):
                yield FileInfo(info.path.removeprefix(self._prefix), info.is_dir, info.file_size)

    def drop_leftover(self, path: str) -> None:
        """Remove one of them."""
        if isinstance(self._store, FindsLeftovers):
            self._store.drop_leftover(self._prefix + path)

    def close(self) -> None:
        """Close the other repository."""
        self._store.close()

    def _full(self, path: str) -> str:
        return (self._prefix + path).strip("/")

    def _is_plain(self, source: Path) -> bool:
        """Whether a file is kept as it is; one that looks like a pointer never is."""
        size = source.stat().st_size
        if size == LENGTH and FilePointer.decode(source.read_bytes()) is not None:
            return False
        return not self._sharing or size < LEAST

    def _share(self, source: Path, full: str) -> None:
        if not full or is_inside(full):
            raise InvalidValue("path", full, "is not for files")
        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if not self._point(digest, source.stat().st_size, source, full):
            with tempfile.TemporaryDirectory(prefix="windlass-") as directory:
                # What others are to share must not change between being hashed and being stored.
                snapshot = Path(directory) / "content"
                digest = _copy(source, snapshot)
                self._point(digest, snapshot.stat().st_size, snapshot, full, new=True)

    def _point(self, digest: str, size: int, source: Path, full: str, *, new: bool = False) -> bool:
        """Let a path lead to a blob, which is stored if it is `new`; says whether that could be done."""
        began = time.monotonic()
        with self._blobs.intent(digest):
            if self._blobs.is_marked(digest):
                self._keep_apart(source, full)
                return True
            if not self._blobs.has(digest):
                if not new:
                    return False
                self._store.put_file(source, self._blobs.path(digest))
            if time.monotonic() - began > _INTENT_LASTS:
                raise Unavailable(f"storing {full!r} took longer than its content is held for it", hint="try again")
            self._blobs.put(full, FilePointer(digest, size).encode())
            return True

    def _keep_apart(self, source: Path, full: str) -> None:
        if source.stat().st_size == LENGTH:
            raise Unavailable(f"{full!r} cannot be stored while garbage is collected", hint="try again")
        self._store.put_file(source, full)

    def _at_content(self, path: str, function: Callable[[str, FilePointer | None], T]) -> T:
        """What the function gives for the place of a content; one that goes meanwhile is looked up again."""
        full = self._full(path)
        if is_inside(full):
            self._missing(path)
        for attempt in range(1, _ATTEMPTS + 1):
            pointer = self._pointer(full)
            try:
                return function(full if pointer is None else self._blobs.path(pointer.sha256), pointer)
            except NotFound:
                if pointer is None or attempt == _ATTEMPTS:
                    raise
        raise NotFound(f"there is no file {path!r}")

    def _pointer(self, full: str) -> FilePointer | None:
        info = self._store.stat(full)
        return None if info.is_dir or info.file_size != LENGTH else read_pointer(self._store, full)

    def _size(self, full: str, size: int | None) -> int | None:
        pointer = read_pointer(self._store, full) if size == LENGTH else None
        return size if pointer is None else pointer.size

    def _shown(self, info: FileInfo) -> FileInfo:
        size = self._size(info.path, info.file_size)
        return FileInfo(info.path.removeprefix(self._prefix), info.is_dir, size)

    def _range(self, place: str, start: int, end: int) -> bytes:
        if isinstance(self._store, ReadsRanges):
            return self._store.read_range(place, start, end)
        with self._store.read(place) as stream:
            stream.seek(start)
            return stream.read(max(0, end - start))

    def _missing(self, path: str) -> NoReturn:
        raise NotFound(f"there is no file or directory {path!r}")


def read_pointer(store: ArtifactRepository, full: str) -> FilePointer | None:
    """The pointer at a path of the plain repository; None if there is a file of its own, or none any more."""
    try:
        with store.read(full) as stream:
            return FilePointer.decode(stream.read(LENGTH + 1))
    except NotFound:
        return None


def _copy(source: Path, target: Path) -> str:
    shutil.copyfile(source, target)
    with target.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
