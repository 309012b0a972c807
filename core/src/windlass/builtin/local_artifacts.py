"""LocalArtifactRepository: files in a directory of this machine."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self

from windlass.builtin.local_files import copy_hashing, durable_file, is_small, sha256_of, store, store_small
from windlass.builtin.local_leftovers import drop, leftovers
from windlass.builtin.local_uploads import LEAST_PART, MOST_PARTS, LocalUpload
from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import Corrupted, InvalidValue, NotFound, Unavailable
from windlass.interfaces import ArtifactRepository, FileWriter
from windlass.part_file import arriving, is_part
from windlass.uri import Uri

_BAD_NAME = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ})


class LocalArtifactRepository(ArtifactRepository):
    """Files below a local directory.

    A file is written beside its place under a hidden name and moved there when it is complete and on disk. A symbolic
    link that leads out of the directory is not followed, and not listed.
    """

    is_local = True
    least_part, most_parts = LEAST_PART, MOST_PARTS

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below a path or a `file:` URI."""
        del settings
        return cls(uri.local_path())

    def put_file(self, source: Path, path: str) -> None:
        """Store the local file `source` as `path`; NotFound if there is no such local file."""
        with self._translating(path):
            if not source.is_file():
                raise NotFound(f"there is no file {str(source)!r}")
            store(str(source), self._target(path))

    def put_files(self, files: Sequence[tuple[Path, str]]) -> None:
        """Store many files; the small ones become durable together."""
        small: list[tuple[str, str]] = []
        known: set[str] = set()
        for source, path in files:
            with self._translating(path):
                if is_small(str(source)):
                    small.append((str(source), self._target(path, known)))
                else:
                    self.put_file(source, path)
        with self._translating(files[0][1] if files else ""):
            store_small(small)

    def begin_upload(self, path: str, count: int) -> str:
        """Begin an upload in parts."""
        with self._translating(path):
            self._target(path)
            return LocalUpload.begin(str(self._root), count)

    def put_part(self, path: str, upload_id: str, number: int, data: bytes) -> str:
        """Store a part."""
        with self._translating(path):
            return LocalUpload(str(self._root), upload_id).put(number, data)

    @contextmanager
    def write_part(self, path: str, upload_id: str, number: int, size: int) -> Iterator[FileWriter]:
        """A stream to write a part to."""
        with self._translating(path), LocalUpload(str(self._root), upload_id).part(number, size) as stream:
            yield stream

    def complete_upload(self, path: str, upload_id: str, marks: Mapping[int, str]) -> None:
        """Put the parts together."""
        with self._translating(path):
            LocalUpload(str(self._root), upload_id).complete(marks, self._target(path))

    def abort_upload(self, path: str, upload_id: str) -> None:
        """Throw an upload away."""
        with self._translating(path):
            LocalUpload(str(self._root), upload_id).abort()

    @contextmanager
    def write(self, path: str) -> Iterator[FileWriter]:
        """A stream to write a file to, which appears when the block ends."""
        with self._translating(path), durable_file(self._target(path)) as stream:
            yield stream

    def sha256(self, path: str) -> str | None:
        """The digest of the file, for a large one where the file system keeps notes."""
        return sha256_of(str(self._place(path)))

    def get_file(self, path: str, destination: Path) -> None:
        """Copy `path` to the local file `destination`."""
        with arriving(destination) as part:
            with self.read(path) as source, part.open("xb") as target:
                copied = copy_hashing(source, target)
            known = self.sha256(path)
            if known not in {None, copied}:
                raise Corrupted(f"{path!r} is not what was stored: its SHA-256 is {copied}, and was {known}")

    def read(self, path: str) -> BinaryIO:
        """A stream of the file's bytes."""
        with self._translating(path):
            place = self._place(path)
            if not place.is_file():
                raise NotFound(f"there is no file {path!r} in {self._root.as_uri()}")
            with self._going(path):
                return place.open("rb")

    def read_range(self, path: str, start: int, end: int) -> bytes:
        """A part of the file."""
        with self.read(path) as stream:
            stream.seek(start)
            return stream.read(max(0, end - start))

    def list(self, path: str = "") -> list[FileInfo]:
        """What is directly inside the directory."""
        prefix = f"{path.strip('/')}/" if path.strip("/") else ""
        infos: Sequence[FileInfo | None] = ()
        # The directory may be removed while we look.
        with self._translating(path), suppress(FileNotFoundError):
            place = self._place(path)
            if not place.is_dir():
                return []
            with os.scandir(place) as entries:
                shown = [entry for entry in entries if not is_part(entry.name) and self._is_inside(entry)]
                infos = [_info(entry, prefix) for entry in shown]
        return sorted(info for info in infos if info is not None)

    def stat(self, path: str) -> FileInfo:
        """The file or directory at `path`."""
        with self._translating(path):
            place = self._place(path)
            if place.is_dir():
                return FileInfo(path, is_dir=True)
            if not place.is_file():
                raise NotFound(f"there is no file or directory {path!r} in {self._root.as_uri()}")
            with self._going(path):
                return FileInfo(path, is_dir=False, file_size=place.stat().st_size)

    def delete(self, path: str) -> None:
        """Remove a file, or a directory with all below it; directories that are empty then go with it."""
        place = self._root / path
        # If somebody else removes it meanwhile, that is what was wanted.
        with self._translating(path), suppress(FileNotFoundError):
            if place.is_symlink() or place.is_file():
                self._inside(place.parent, path)
                place.unlink(missing_ok=True)
            elif self._place(path).is_dir():
                shutil.rmtree(place, ignore_errors=False)
            self._drop_empty(place.parent)

    def leftovers(self, seconds: int) -> Iterator[FileInfo]:
        """What uploads left that broke off."""
        return leftovers(self._root, seconds)

    def drop_leftover(self, path: str) -> None:
        """Remove it."""
        with self._translating(path):
            drop(self._root, path)

    def _target(self, path: str, known: set[str] | None = None) -> str:
        """The place of a file to be written; `known` are directories that were found to be inside a moment ago."""
        # On the way of every file of a directory with thousands: texts, because paths take longer than copying.
        place = f"{self._root}/{path}"
        if not path.strip("/") or os.path.isdir(place):
            raise InvalidValue("path", path, "is a directory, so no file can be stored there")
        directory = os.path.dirname(place)
        if known is None or directory not in known:
            parent, root = os.path.realpath(directory), os.path.realpath(self._root)
            if parent != root and not parent.startswith(root.rstrip("/") + "/"):
                raise _leads_out(path)
            if known is not None:
                known.add(directory)
        return place

    def _place(self, path: str) -> Path:
        return self._inside(self._root / path, path)

    def _inside(self, place: Path, path: str) -> Path:
        """The place, unless symbolic links lead out of the tree from there."""
        if not place.resolve().is_relative_to(self._root.resolve()):
            raise _leads_out(path)
        return place

    def _is_inside(self, entry: os.DirEntry[str]) -> bool:
        return not entry.is_symlink() or Path(entry.path).resolve().is_relative_to(self._root.resolve())

    def _drop_empty(self, directory: Path) -> None:
        while directory != self._root and self._root in directory.parents:
            try:
                directory.rmdir()
            except OSError:
                return
            directory = directory.parent

    @contextmanager
    def _going(self, path: str) -> Iterator[None]:
        """NotFound for a file that was there just now."""
        try:
            yield
        except FileNotFoundError as error:
            raise NotFound(f"there is no file {path!r} in {self._root.as_uri()}") from error

    @contextmanager
    def _translating(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _refusal(error, path) from error


def _leads_out(path: str) -> InvalidValue:
    return InvalidValue("path", path, "leads out of the artifacts by a symbolic link")


def _refusal(error: OSError, path: str) -> InvalidValue | Unavailable:
    if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        return InvalidValue("path", path, "a file stands where a directory is needed, or the other way round")
    if error.errno in _BAD_NAME:
        return InvalidValue("path", path, f"the file system refuses the name: {error.strerror}")
    return Unavailable(f"the file system refuses {path!r}: {error.strerror or type(error).__name__}")


def _info(entry: os.DirEntry[str], prefix: str) -> FileInfo | None:
    try:
        if entry.is_dir():
            return FileInfo(prefix + entry.name, is_dir=True)
        return FileInfo(prefix + entry.name, is_dir=False, file_size=entry.stat().st_size)
    except OSError:
        # It went away while we were looking, or it is a link to nothing.
        return None
